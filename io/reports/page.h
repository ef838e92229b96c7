#pragma once

#include <string>
#include <string_view>

namespace io::html {

/// A whole page around the content: style sheet and script inline, nothing from the network.
[[nodiscard]] std::string page(std::string_view title, std::string_view content);

} // namespace io::html
