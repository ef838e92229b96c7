#include "app/cli/command.h"
#include "core/base/error.h"
#include "io/verify/conformance.h"

#include <fmt/core.h>

namespace cli {

namespace {

struct ConformanceCommand
{
    std::string folder;
};

int run(const ConformanceCommand& command)
{
    const std::string& folder = command.folder;
    const auto tests = io::conformanceTests(folder);
    if (tests.empty()) {
        throw core::Error(
            core::ErrorKind::Io,
            fmt::format("{}: no folder with model.onnx and test_data_set_0 here or below", folder));
    }
    int passed = 0;
    int failed = 0;
    int unsupported = 0;
    for (const auto& test : tests) {
        const io::ConformanceResult result = io::runConformanceTest(test);
        switch (result.status) {
        case io::ConformanceStatus::Passed:
            ++passed;
            fmt::print("passed      {}\n", result.test);
            break;
        case io::ConformanceStatus::Failed:
            ++failed;
            fmt::print("failed      {}: {}\n", result.test, result.reason);
            break;
        case io::ConformanceStatus::Unsupported:
            ++unsupported;
            fmt::print("unsupported {}: {}\n", result.test, result.reason);
            break;
        }
    }
    fmt::print("{} passed, {} failed, {} unsupported\n", passed, failed, unsupported);
    return failed > 0 ? CheckFailed : Done;
}

void addOptions(Options& options, ConformanceCommand& command)
{
    options.value("folder", &command.folder, "Folder that holds them, at any depth").required();
}

} // namespace

Command conformanceCommand()
{
    return makeCommand<ConformanceCommand>(
        "conformance", "Run ONNX backend tests on the reference evaluation", addOptions, run);
}

} // namespace cli
