#include "app/cli/options.h"
#include "core/base/error.h"
#include "io/verify/conformance.h"

#include <fmt/core.h>

namespace cli {

namespace {

int run(const std::string& folder)
{
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

} // namespace

void addConformance(CLI::App& app, int& exitCode)
{
    auto folder = std::make_shared<std::string>();
    CLI::App* sub = app.add_subcommand("conformance", "Run ONNX backend tests on the reference evaluation");
    sub->add_option("folder", *folder, "Folder that holds them, at any depth")->required();
    sub->callback([folder, &exitCode] { exitCode = run(*folder); });
}

} // namespace cli
