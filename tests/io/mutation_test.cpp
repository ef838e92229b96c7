#include "core/base/error.h"
#include "core/graph/bind_shapes.h"
#include "io/files/file.h"
#include "io/files/hdf5/checksum.h"
#include "io/onnx/onnx_reader.h"
#include "io/plans/observer_text.h"
#include "io/plans/plan_json.h"
#include "io/session/saved_tensors.h"
#include "io/session/session_file.h"
#include "tests/support/mutant.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <gtest/gtest.h>
#include <random>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// Files that somebody damaged or made to harm: each is read or refused by core::Error, within a budget of
// memory.

namespace {

namespace fs = std::filesystem;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kLimitsMemory = false; // its shadow takes terabytes of addresses
#else
constexpr bool kLimitsMemory = true;
#endif
constexpr rlim_t kMostMemory = rlim_t{4} << 30;
constexpr unsigned kMostSeconds = 60; // for one mutant: a hang ends the child, and the test with it

/// Reads `count` mutants in a child process; the number of the one that it did not survive, or −1.
int firstDeadly(const std::string& whole, const std::function<void(const std::string&)>& open,
                std::uint32_t seed)
{
    const int count = std::getenv("NOISEFLOOR_LONG") ? 2500 : 250;
    int progress[2];
    EXPECT_EQ(pipe(progress), 0);
    const pid_t child = fork();
    if (child == 0) {
        if (kLimitsMemory) {
            const rlimit limit{kMostMemory, kMostMemory};
            setrlimit(RLIMIT_AS, &limit);
        }
        std::mt19937 random(seed);
        for (int i = 0; i < count; ++i) {
            alarm(kMostSeconds);
            (void)!write(progress[1], &i, sizeof(i));
            try {
                open(support::mutant({whole}, random));
            } catch (const core::Error&) {
                // refused, which is fine; anything else ends the child
            }
        }
        _exit(0);
    }
    close(progress[1]);
    int last = -1;
    for (int i = 0; ::read(progress[0], &i, sizeof(i)) == sizeof(i);) {
        last = i;
    }
    close(progress[0]);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? -1 : last;
}

std::string sampleFile(const char* name)
{
    return io::readFile(support::projectFile("resources/sample") / name);
}

TEST(MutatedFiles, Plans)
{
    const std::string plan =
        R"({"format": "noisefloor-plan/1", "defaults": {"precision": "int8", "activation": {"scheme": "asymmetric",
        "bits": 8, "method": "percentile:99.99"}, "weight": {"granularity": "per-channel"}, "rounding": "half-even"},
        "operators": {"conv1": {"precision": "fp32"}, "fc": {"activation": {"method": "manual", "range": [-1.5, 6.0]}}}, "outputs": "quantized"})";
    EXPECT_EQ(firstDeadly(
                  plan, [](const std::string& bytes) { (void)io::planFromJson(bytes); }, 1),
              -1);
}

TEST(MutatedFiles, ObserverFiles)
{
    const std::string text =
        "0 Conv 0 y 0 4 2 7 9\n1 Relu 0 z 0 1e-3 2 1 0\n12 FC 0 a/b -1.5 2.25 4 1 2 3 4\n";
    EXPECT_EQ(firstDeadly(
                  text, [](const std::string& bytes) { (void)io::parseObserverText(bytes, "f"); }, 2),
              -1);
}

TEST(MutatedFiles, Models)
{
    const auto read = [](const std::string& bytes) {
        const fs::path file = support::temporaryFolder() / "mutant.onnx";
        io::writeFileAtomically(file, bytes);
        const io::OnnxModel model = io::readOnnx(file);
        (void)core::bindShapes(model.graph,
                               std::vector<core::Shape>(model.graph.inputs().size(), {1, 1, 8, 8}));
    };
    EXPECT_EQ(firstDeadly(sampleFile("digits.onnx"), read, 3), -1);
}

/// A small session with something in every part.
std::string wholeSession()
{
    io::SessionFile session;
    session.history = {
        {"", std::make_shared<const core::QuantizationPlan>(core::QuantizationPlan::makeDefault())}};
    const std::vector<float> values{1, 2, -3};
    for (const std::string tensor : {"x", "y", "z", "u", "v", "w"}) { // enough for histograms to be packed
        session.calibration[tensor] = core::statisticsOf(values, {1, 1});
    }
    auto report = std::make_shared<core::Report>();
    report->plan = session.history[0].plan;
    report->layers = {std::make_shared<const core::LayerReport>()};
    session.runs = {{1, "now", "edit", "", report}};
    auto tensors = std::make_shared<io::SavedTensors>();
    tensors->plan = session.history[0].plan;
    const core::Tensor tensor = core::makeTensor<float>({1, 3}, values);
    tensors->tensors[{0, "conv"}] = {tensor, tensor};
    session.tensors = tensors;
    return io::sessionToBytes(session, "/");
}

TEST(MutatedFiles, Sessions)
{
    EXPECT_EQ(
        firstDeadly(
            wholeSession(), [](const std::string& bytes) { (void)io::sessionFromBytes(bytes, "/"); }, 4),
        -1);
}

/// The checksum is no secret: whoever forges a file computes it anew, and HDF5 gets to see the rest.
TEST(MutatedFiles, SessionsWithAForgedChecksum)
{
    const std::string whole = wholeSession();
    constexpr std::size_t kUserBlock = 512;
    const std::string image = whole.substr(kUserBlock);
    const auto open = [&](const std::string& mutant) {
        std::string bytes = whole.substr(0, kUserBlock);
        bytes.replace(bytes.find("sha256 ") + 7, 64, io::sha256(mutant));
        (void)io::sessionFromBytes(bytes + mutant, "/");
    };
    ASSERT_NO_THROW(open(image));
    for (std::uint32_t seed = 5; seed < (std::getenv("NOISEFLOOR_LONG") ? 9U : 6U); ++seed) {
        EXPECT_EQ(firstDeadly(image, open, seed), -1) << "seed " << seed;
    }
}

/// A part of an HDF5 image with a checksum at its end.
struct CheckedPart
{
    std::size_t begin;
    std::size_t end; ///< of what the checksum is of; it follows
};

std::uint32_t numberAt(const std::string& bytes, std::size_t at)
{
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < sizeof(value); ++i) {
        value |= std::uint32_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
    }
    return value;
}

/// Superblock, object headers, what continues them, and arrays of chunks, found by trying every length.
std::vector<CheckedPart> checkedParts(const std::string& image)
{
    constexpr std::size_t kLongest = 4096;
    std::vector<CheckedPart> parts;
    for (const std::string signature : {"\x89HDF", "OHDR", "OCHK", "FAHD", "FADB"}) {
        for (std::size_t at = image.find(signature); at != std::string::npos;
             at = image.find(signature, at + 1)) {
            for (std::size_t end = at + 8; end + 4 <= std::min(image.size(), at + kLongest); ++end) {
                if (io::hdf5Checksum(std::string_view(image).substr(at, end - at)) == numberAt(image, end)) {
                    parts.push_back({at, end});
                    break;
                }
            }
        }
    }
    return parts;
}

/// Checksums of metadata are no secret, either: changes inside, with all checksums made right again.
TEST(MutatedFiles, SessionsWithForgedMetadata)
{
    const std::string whole = wholeSession();
    constexpr std::size_t kUserBlock = 512;
    const std::string image = whole.substr(kUserBlock);
    const auto parts = checkedParts(image);
    ASSERT_GT(parts.size(), 20U);
    for (std::uint32_t seed = 10; seed < (std::getenv("NOISEFLOOR_LONG") ? 14U : 12U); ++seed) {
        std::mt19937 random(seed);
        const auto open = [&](const std::string&) {
            std::string mutant = image;
            for (auto changes = 1 + random() % 3; changes > 0; --changes) {
                const CheckedPart& part = parts[random() % parts.size()];
                char& byte = mutant[part.begin + random() % (part.end - part.begin)];
                const auto any = static_cast<char>(random() % 3 == 0 ? 0xff : random());
                byte = random() % 2 ? any : static_cast<char>(byte ^ (1 << random() % 8));
            }
            for (const CheckedPart& part : parts) {
                const auto sum =
                    io::hdf5Checksum(std::string_view(mutant).substr(part.begin, part.end - part.begin));
                for (std::size_t i = 0; i < sizeof(sum); ++i) {
                    mutant[part.end + i] = static_cast<char>(sum >> (8 * i));
                }
            }
            std::string bytes = whole.substr(0, kUserBlock);
            bytes.replace(bytes.find("sha256 ") + 7, 64, io::sha256(mutant));
            (void)io::sessionFromBytes(bytes + mutant, "/");
        };
        EXPECT_EQ(firstDeadly(image, open, seed), -1) << "seed " << seed;
    }
}

} // namespace
