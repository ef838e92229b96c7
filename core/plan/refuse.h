#pragma once

#include <string_view>

namespace core {

/// Throws core::Error(Usage): "WHAT 'TEXT' is unknown; accepted: …", for a word of a plan.
[[noreturn]] void refuse(std::string_view what, std::string_view text, std::string_view accepted);

} // namespace core
