#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace io {

enum class ConformanceStatus
{
    Passed,
    Failed,
    Unsupported
};

struct ConformanceResult
{
    std::string test; ///< name of the folder
    ConformanceStatus status = ConformanceStatus::Passed;
    std::string reason; ///< one line; empty when passed
};

/// Folders at or below `root` that hold a model.onnx and a test_data_set_0, in byte order of their paths.
[[nodiscard]] std::vector<std::filesystem::path> conformanceTests(const std::filesystem::path& root);

/// Runs one of ONNX's backend tests on the reference evaluation: test_data_set_*/input_*.pb in, output_*.pb
/// expected. Passed when types and shapes are equal, |y − expected| ≤ 1e-7 + 1e-3·|expected| for every
/// element (NaN equals NaN), and every shape that was inferred is the one computed.
[[nodiscard]] ConformanceResult runConformanceTest(const std::filesystem::path& folder);

} // namespace io
