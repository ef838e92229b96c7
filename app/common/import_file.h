#pragma once

#include "app/common/project.h"
#include "io/exports/import_plan.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace app {

/// The format of DNNLOWP's observer files, min-max or histogram, beside those of exports.
inline constexpr std::string_view kObserverFormat = "observers";

struct ImportFormat
{
    std::string name; ///< as `import --format` takes it
    std::string title; ///< for people
    std::string extension; ///< with the dot; empty: any
};

/// What other tools write and a plan can be made from: every export format that is read back, and observer
/// files.
[[nodiscard]] std::vector<ImportFormat> importFormats();

/// The plan that a file of another tool stands for, on top of `base`, and what of it a plan cannot say.
/// Computes nothing. Throws core::Error naming the file where it is not of that format, or has nothing to do
/// with the model.
[[nodiscard]] io::ImportedPlan importFile(const Project& project, const core::QuantizationPlan& base,
                                          std::string_view format, const std::filesystem::path& file);

} // namespace app
