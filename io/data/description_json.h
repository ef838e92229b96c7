#pragma once

#include "io/data/description.h"

#include <filesystem>
#include <string>

namespace io {

/// A noisefloor-data/1 file that reads back as this description when it lies in `folder`: paths inside the
/// folder are written relative to it, others absolute.
[[nodiscard]] std::string descriptionToJson(const DataDescription& description,
                                            const std::filesystem::path& folder);

} // namespace io
