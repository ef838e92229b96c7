#pragma once

#include "io/data/preprocess.h"
#include "io/files/json_object.h"

namespace io {

/// The `preprocess` object of a description, strict: unknown keys and values, and keys that exclude each
/// other, are errors.
[[nodiscard]] Preprocess readPreprocess(const JsonObject& object);

} // namespace io
