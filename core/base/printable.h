#pragma once

#include <string>
#include <string_view>

namespace core {

/// The text as one line that any terminal, table or JSON file can hold: control characters, line breaks,
/// invisible direction marks and bytes that are no UTF-8 become \xNN or \u{NNNN}. Text without any of these,
/// nearly all there is, stays as it is.
[[nodiscard]] std::string printable(std::string_view text);

} // namespace core
