#pragma once

#include <filesystem>

namespace app {

/// Runs ONNX backend tests at or below `folder`: one line each on stdout, and the closing line
/// "N passed, N failed, N unsupported". Returns 0, or 1 when a test failed. Throws core::Error when there are
/// none.
[[nodiscard]] int runConformance(const std::filesystem::path& folder);

} // namespace app
