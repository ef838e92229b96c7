#pragma once

#include <string_view>

namespace io {

/// JSON lets a key stand twice in one object and readers take the last: what was meant is anybody's guess.
/// Throws core::Error(FileFormat) naming it; what is no JSON is left to who parses it.
void refuseDuplicateKeys(std::string_view json, std::string_view file);

} // namespace io
