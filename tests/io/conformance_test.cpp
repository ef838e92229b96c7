#include "io/verify/conformance.h"

#include "core/base/error.h"
#include "tests/support/shared_files.h"

#include <fstream>
#include <gmock/gmock.h>
#include <map>

namespace {

using io::ConformanceStatus;

// Debian's libonnx-testdata 1.12: 932 node tests, of which 69 need strings, sequences, optionals, loops,
// random numbers or training operators.
constexpr int kLeastPassed = 863;

TEST(Conformance, NodeTestsOfOnnxPass)
{
    const std::filesystem::path root = "/usr/share/libonnx-testdata/data/node";
    if (!std::filesystem::is_directory(root)) {
        GTEST_SKIP() << "no ONNX test data: install libonnx-testdata";
    }
    int passed = 0;
    for (const auto& folder : io::conformanceTests(root)) {
        const io::ConformanceResult result = io::runConformanceTest(folder);
        EXPECT_NE(result.status, ConformanceStatus::Failed) << result.test << ": " << result.reason;
        EXPECT_EQ(result.reason.empty(), result.status == ConformanceStatus::Passed) << result.test;
        passed += result.status == ConformanceStatus::Passed;
    }
    EXPECT_GE(passed, kLeastPassed);
}

TEST(Conformance, ConvertedModelsOfOnnxPass)
{
    for (const char* part : {"simple", "pytorch-converted", "pytorch-operator"}) {
        const std::filesystem::path root = std::filesystem::path("/usr/share/libonnx-testdata/data") / part;
        if (!std::filesystem::is_directory(root)) {
            GTEST_SKIP() << "no ONNX test data: install libonnx-testdata";
        }
        for (const auto& folder : io::conformanceTests(root)) {
            const io::ConformanceResult result = io::runConformanceTest(folder);
            EXPECT_NE(result.status, ConformanceStatus::Failed) << result.test << ": " << result.reason;
        }
    }
}

TEST(Conformance, AFolderWithoutTestsHasNone)
{
    EXPECT_TRUE(io::conformanceTests(support::temporaryFolder()).empty());
    EXPECT_THROW(static_cast<void>(io::conformanceTests(support::temporaryFolder() / "missing")),
                 core::Error);
}

TEST(Conformance, ATestThatIsNoModelFails)
{
    const auto folder = support::temporaryFolder() / "broken";
    std::filesystem::create_directories(folder / "test_data_set_0");
    std::ofstream(folder / "model.onnx") << "not a model";
    ASSERT_EQ(io::conformanceTests(folder).size(), 1U);
    const auto result = io::runConformanceTest(folder);
    EXPECT_EQ(result.status, ConformanceStatus::Failed);
    EXPECT_EQ(result.reason, "model.onnx: not an ONNX model, or cut short");
}

} // namespace
