#pragma once

#include "io/data/json_object.h"
#include "io/data/preprocess.h"

namespace io {

/// The `preprocess` object of a description, strict: unknown keys and values, and keys that exclude each
/// other, are errors.
[[nodiscard]] Preprocess readPreprocess(const JsonObject& object);

} // namespace io
