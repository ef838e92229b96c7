#pragma once

#include "io/data/description.h"
#include "io/data/input_source.h"

#include <filesystem>
#include <vector>

namespace io {

/// What a path given instead of a description means: a folder of images (labels.csv is used when it is
/// there), an .h5, .npz or .npy. Arrays are found by the inputs' names, else by usual names, else as the only
/// candidate; labels as `labels`, `label` or `y`. Everything concluded is told in `warnings`. Throws
/// core::Error when it stays unclear.
[[nodiscard]] DataDescription describeDirectly(const std::filesystem::path& path,
                                               const std::vector<InputSpec>& inputs);

/// Seeded random samples for every input: what is used without data.
[[nodiscard]] DataDescription describeRandom(const std::vector<InputSpec>& inputs);

} // namespace io
