#include "core/base/error.h"
#include "io/data/array_file.h"
#include "io/files/file.h"
#include "tests/support/shared_files.h"

#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <sstream>
#include <zlib.h>

namespace {

namespace fs = std::filesystem;

/// What an independent reader, h5py, makes of files, and makes them in the first place.
constexpr const char* kMaker = R"(
import h5py, numpy as np, sys, os
os.chdir(sys.argv[1])
a = np.random.RandomState(1).rand(6, 3, 5).astype('f4')
def make(name, how, **options):
    with h5py.File(name + '.h5', 'w', **options) as h:
        how(h)
make('contiguous', lambda h: h.create_dataset('x', data=a))
make('chunks', lambda h: h.create_dataset('x', data=a, chunks=(2, 2, 3)))
make('packed', lambda h: h.create_dataset('x', data=a, chunks=(2, 3, 5), compression='gzip', shuffle=True,
                                          fletcher32=True))
make('growing', lambda h: h.create_dataset('x', data=a, maxshape=(None, 3, 5), chunks=(1, 3, 5)))
make('halves', lambda h: h.create_dataset('x', data=a.astype('f2')))
make('big_endian', lambda h: h.create_dataset('x', data=(a * 100).astype('>i4')))
make('bytes', lambda h: h.create_dataset('x', data=(a * 200).astype('u1')))
make('newest', lambda h: h.create_dataset('x', data=a, chunks=(1, 3, 5), compression='gzip'), libver='latest')
make('user_block', lambda h: h.create_dataset('x', data=a), userblock_size=512)
def partly(h):
    d = h.create_dataset('x', shape=(6, 4), dtype='f4', chunks=(2, 4), fillvalue=3.5)
    d[2:4] = 1
make('partly', partly)
make('tree', lambda h: h.create_dataset('x', data=np.arange(1200, dtype='i2').reshape(300, 4), chunks=(1, 4)))
def many(h):
    for i in range(60):
        h.create_dataset('d%03d' % i, data=np.arange(4) + i)
    h.create_dataset('x', data=a)
make('many', many)
make('external', lambda h: h.create_dataset('x', (4,), 'u1', external=[('/etc/passwd', 0, 4)]))
def virtual(h):
    layout = h5py.VirtualLayout((6, 3, 5), 'f4')
    layout[...] = h5py.VirtualSource('contiguous.h5', 'x', (6, 3, 5))
    h.create_virtual_dataset('x', layout)
make('virtual', virtual, libver='latest')
def links(h):
    h['x'] = h5py.ExternalLink('contiguous.h5', '/x')
make('link', links)
)";

/// One line per file, each read in a process of its own that may crash or hang.
constexpr const char* kReader = R"(
import os, signal, sys, zlib
def read(path):
    import h5py, numpy as np
    x = h5py.File(path, 'r')['x'][...]
    if x.dtype == np.float16: x = x.astype('f4')
    x = x.astype(x.dtype.newbyteorder('='))
    return 'ok %s %d' % (','.join(map(str, x.shape)), zlib.crc32(x.tobytes()))
import h5py, numpy
for line in sys.stdin:
    r, w = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(5)
        try: answer = read(line.strip())
        except BaseException as e: answer = 'refused'
        os.write(w, answer.encode()); os._exit(0)
    os.close(w)
    answer = os.read(r, 4096).decode() or 'crashed'
    os.close(r); os.waitpid(child, 0)
    print(answer, flush=True)
)";

bool hasH5py()
{
    return std::system("/usr/bin/python3 -c 'import h5py' >/dev/null 2>&1") == 0; // NOLINT
}

std::string ours(const fs::path& file)
{
    try {
        const auto array = io::openHdf5(file, "x");
        std::string shape;
        for (const std::int64_t n : array->shape()) {
            shape += (shape.empty() ? "" : ",") + std::to_string(n);
        }
        constexpr std::int64_t kMostElements = 1 << 20; // a forged extent of fill values is no crash
        if (core::elementCount(array->shape()) > kMostElements) {
            return "refused";
        }
        const core::Tensor all = array->read(0, array->items());
        const auto sum = ::crc32(0, reinterpret_cast<const Bytef*>(all.data()), // NOLINT
                                 static_cast<uInt>(all.byteCount()));
        return fmt::format("ok {} {}", shape, sum);
    } catch (const core::Error&) {
        return "refused";
    }
}

class Hdf5Data : public testing::Test
{
protected:
    void SetUp() override
    {
        if (!hasH5py()) {
            GTEST_SKIP() << "no python3-h5py to make files and to read them independently";
        }
        m_folder = support::temporaryFolder();
        io::writeFileAtomically(m_folder / "make.py", kMaker);
        io::writeFileAtomically(m_folder / "read.py", kReader);
        ASSERT_EQ(std::system(fmt::format("/usr/bin/python3 '{0}/make.py' '{0}'", m_folder.string()).c_str()),
                  0);
    }

    std::vector<std::string> independently(const std::vector<fs::path>& files)
    {
        std::string list;
        for (const fs::path& file : files) {
            list += file.string() + "\n";
        }
        io::writeFileAtomically(m_folder / "list.txt", list);
        const std::string command =
            fmt::format("/usr/bin/python3 '{0}/read.py' <'{0}/list.txt' >'{0}/answers.txt' 2>/dev/null",
                        m_folder.string());
        EXPECT_EQ(std::system(command.c_str()), 0);
        std::istringstream answers(io::readFile(m_folder / "answers.txt"));
        std::vector<std::string> lines;
        for (std::string line; std::getline(answers, line);) {
            lines.push_back(line);
        }
        return lines;
    }

    fs::path m_folder;
};

const std::vector<std::string> kReadable{"contiguous", "chunks",     "packed", "growing",
                                         "halves",     "big_endian", "bytes",  "user_block",
                                         "newest",     "partly",     "tree",   "many"};

TEST_F(Hdf5Data, EveryFormIsReadAsH5pyReadsIt)
{
    std::vector<fs::path> files;
    for (const std::string& name : kReadable) {
        files.push_back(m_folder / (name + ".h5"));
    }
    const auto expected = independently(files);
    ASSERT_EQ(expected.size(), files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
        EXPECT_THAT(expected[i], testing::StartsWith("ok "));
        EXPECT_EQ(ours(files[i]), expected[i]) << kReadable[i];
    }
}

TEST_F(Hdf5Data, NothingLeadsToAnotherFile)
{
    for (const char* name : {"external", "virtual", "link"}) {
        EXPECT_EQ(ours(m_folder / (std::string(name) + ".h5")), "refused") << name;
    }
}

TEST_F(Hdf5Data, PartsOfChunksAreItemsOfTheArray)
{
    const auto chunks = io::openHdf5(m_folder / "chunks.h5", "x");
    const auto plain = io::openHdf5(m_folder / "contiguous.h5", "x");
    for (std::int64_t first = 0; first < 6; ++first) {
        for (std::int64_t count = 1; first + count <= 6; ++count) {
            const auto a = chunks->read(first, count);
            const auto b = plain->read(first, count);
            EXPECT_TRUE(std::ranges::equal(a.as<float>(), b.as<float>())) << first << " " << count;
        }
    }
}

/// A file with changed bytes is refused, or read as h5py reads it: never other numbers in silence.
TEST_F(Hdf5Data, MutantsAreReadAsH5pyReadsThemOrRefused)
{
    const bool isLong = std::getenv("NOISEFLOOR_LONG") != nullptr;
    const int count = isLong ? 20000 : 500;
    std::mt19937 random(7);
    std::vector<fs::path> files;
    std::vector<std::string> mine;
    std::size_t read = 0;
    for (int i = 0; i < count; ++i) {
        const std::string& name = kReadable[random() % kReadable.size()];
        std::string bytes = io::readFile(m_folder / (name + ".h5"));
        for (std::uint32_t k = random() % 3 + 1; k > 0; --k) {
            // Mostly in the metadata, which lie in front in these files.
            const std::size_t most = random() % 4 ? std::min<std::size_t>(bytes.size(), 3000) : bytes.size();
            bytes[random() % most] = static_cast<char>(random() % 3 ? random() % 256 : random() % 9);
        }
        files.push_back(m_folder / fmt::format("mutant_{}.h5", i));
        std::ofstream(files.back(), std::ios::binary) << bytes;
        mine.push_back(ours(files.back()));
        read += mine.back() != "refused" ? 1 : 0;
    }
    EXPECT_GT(read, files.size() / 20); // else nothing is compared
    const auto theirs = independently(files);
    ASSERT_EQ(theirs.size(), files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
        const bool isComparable = theirs[i].starts_with("ok ") && mine[i] != "refused";
        EXPECT_TRUE(!isComparable || mine[i] == theirs[i]) << i << ": " << mine[i] << " / " << theirs[i];
    }
}

} // namespace
