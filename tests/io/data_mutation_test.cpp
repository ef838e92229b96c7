#include "io/data/array_file.h"
#include "io/data/wav_file.h"
#include "io/files/csv.h"
#include "tests/io/data_files.h"

#include <chrono>
#include <cstdlib>
#include <fmt/format.h>
#include <functional>
#include <random>
#include <sstream>
#include <zlib.h>

namespace {

using namespace data_files;

/// numpy's reading of the same files, one answer for each line.
constexpr const char* kReader = R"(
import sys, zlib, numpy as np
for line in sys.stdin:
    path = line.strip()
    try:
        x = np.load(path, allow_pickle=False)
        if path.endswith('.npz'): x = x['x']
        print('ok %s %d' % (','.join(map(str, x.shape)), zlib.crc32(x.tobytes())))
    except Exception: print('refused')
)";

constexpr const char* kMaker = R"(
import sys, os, struct, zlib, wave, numpy as np
os.chdir(sys.argv[1])
a = (np.arange(90) / 7).astype('f4').reshape(6, 3, 5)
np.save('a.npy', a)
np.savez('plain.npz', x=a)
np.savez_compressed('packed.npz', x=a)
def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
rows = b''.join(b'\0' + bytes((x * 7 + y) % 256 for x in range(3 * 16)) for y in range(12))
open('a.png', 'wb').write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 16, 12, 8, 2, 0, 0, 0))
                          + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))
w = wave.open('a.wav', 'wb')
w.setnchannels(2); w.setsampwidth(2); w.setframerate(16000)
w.writeframes(bytes(i * 37 % 256 for i in range(400))); w.close()
)";

int mutants() { return std::getenv("NOISEFLOOR_LONG") ? 20000 : 500; }

class DataMutants : public testing::Test
{
protected:
    void SetUp() override
    {
        m_folder = freshFolder();
        if (std::system("/usr/bin/python3 -c 'import numpy' >/dev/null 2>&1") != 0) {
            GTEST_SKIP() << "no python3-numpy to make files and to read them independently";
        }
        write(m_folder / "make.py", kMaker);
        write(m_folder / "read.py", kReader);
        ASSERT_EQ(std::system(fmt::format("/usr/bin/python3 '{0}/make.py' '{0}'", m_folder.string()).c_str()),
                  0);
    }

    std::string mutant(const std::string& bytes)
    {
        std::string changed = bytes;
        for (std::uint32_t k = m_random() % 3 + 1; k > 0; --k) {
            const std::size_t at =
                m_random() % (m_random() % 3 ? std::min<std::size_t>(changed.size(), 128) : changed.size());
            changed[at] = static_cast<char>(m_random() % 3 ? m_random() % 256 : m_random() % 9);
        }
        if (m_random() % 16 == 0) {
            changed.resize(m_random() % changed.size());
        }
        return changed;
    }

    /// Every mutant is read or refused with a message, soon.
    void survive(const std::string& bytes, const std::string& name,
                 const std::function<void(const fs::path&)>& read)
    {
        for (int i = 0; i < mutants(); ++i) {
            const fs::path file = write(m_folder / name, mutant(bytes));
            const auto start = std::chrono::steady_clock::now();
            try {
                read(file);
            } catch (const core::Error& error) {
                EXPECT_NE(std::string(error.what()), "");
            }
            ASSERT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
        }
    }

    /// What is read is what numpy reads.
    void compare(const std::string& name, const std::function<std::unique_ptr<io::ArrayFile>(fs::path)>& open)
    {
        const std::string bytes = io::readFile(m_folder / name);
        std::string list;
        std::vector<std::string> mine;
        for (int i = 0; i < mutants(); ++i) {
            const fs::path file = write(m_folder / fmt::format("{}_{}", i, name), mutant(bytes));
            list += file.string() + "\n";
            mine.push_back(readAll(file, open));
        }
        write(m_folder / "list.txt", list);
        ASSERT_EQ(
            std::system(fmt::format("/usr/bin/python3 '{0}/read.py' <'{0}/list.txt' >'{0}/answers.txt' 2>&1",
                                    m_folder.string())
                            .c_str()),
            0);
        std::istringstream answers(io::readFile(m_folder / "answers.txt"));
        std::size_t both = 0;
        for (const std::string& own : mine) {
            std::string theirs;
            ASSERT_TRUE(std::getline(answers, theirs));
            const bool isComparable = own != "refused" && theirs != "refused";
            both += isComparable ? 1 : 0;
            EXPECT_TRUE(!isComparable || own == theirs) << own << " / " << theirs;
        }
        EXPECT_GT(both, 0u);
    }

    static std::string readAll(const fs::path& file,
                               const std::function<std::unique_ptr<io::ArrayFile>(fs::path)>& open)
    {
        try {
            const auto array = open(file);
            std::string shape;
            for (const std::int64_t n : array->shape()) {
                shape += (shape.empty() ? "" : ",") + std::to_string(n);
            }
            const core::Tensor all = array->read(0, array->items());
            return fmt::format("ok {} {}", shape,
                               ::crc32(0, reinterpret_cast<const Bytef*>(all.data()), // NOLINT
                                       static_cast<uInt>(all.byteCount())));
        } catch (const core::Error&) {
            return "refused";
        }
    }

    fs::path m_folder;
    std::mt19937 m_random{11};
};

TEST_F(DataMutants, NpyIsReadAsNumpyReadsIt)
{
    compare("a.npy", [](const fs::path& file) { return io::openNpy(file); });
}

TEST_F(DataMutants, NpzIsReadAsNumpyReadsIt)
{
    compare("plain.npz", [](const fs::path& file) { return io::openNpz(file, "x"); });
    compare("packed.npz", [](const fs::path& file) { return io::openNpz(file, "x"); });
}

TEST_F(DataMutants, PicturesAreReadOrRefused)
{
    survive(io::readFile(m_folder / "a.png"), "m.png", [](const fs::path& f) { (void)io::decodeImage(f); });
    survive(bmpBytes(patternImage(9, 7)), "m.bmp", [](const fs::path& f) { (void)io::decodeImage(f); });
}

TEST_F(DataMutants, JpegsAreReadOrRefused)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(pictures, "data/imagenet_eval_300");
    for (const auto& entry : fs::directory_iterator(pictures)) {
        if (io::hasImageExtension(entry.path())) {
            survive(io::readFile(entry.path()), "m.jpg", [](const fs::path& f) { (void)io::decodeImage(f); });
            return;
        }
    }
}

TEST_F(DataMutants, SoundIsReadOrRefused)
{
    survive(io::readFile(m_folder / "a.wav"), "m.wav", [](const fs::path& file) {
        const io::WavFile sound(file);
        (void)sound.read(0, std::min<std::int64_t>(sound.frames(), 1000));
    });
}

TEST_F(DataMutants, TablesAreReadOrRefused)
{
    survive("file,class\n\"a, b.png\",3\nc.png,4\n", "m.csv",
            [](const fs::path& file) { (void)io::parseCsv(io::readFile(file), "m.csv"); });
}

} // namespace
