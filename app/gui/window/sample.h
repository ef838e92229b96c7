#pragma once

#include <filesystem>
#include <optional>

namespace app {

struct SamplePaths
{
    std::filesystem::path model;
    std::filesystem::path data;
    std::filesystem::path plan; ///< weights per tensor, as a target without per-channel scales forces them
};

/// The built-in sample: installed beside the program (../share/noisefloor/sample), else in the source folder
/// it was built from. None when neither is there.
[[nodiscard]] std::optional<SamplePaths> builtInSample(const std::filesystem::path& programFolder);

} // namespace app
