#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace io {

/// Rows of fields, RFC 4180: commas, quotes doubled inside quotes, LF or CRLF; a byte order mark and empty
/// lines are skipped. Throws core::Error(FileFormat) naming `name` and the line when a quote stays open.
[[nodiscard]] std::vector<std::vector<std::string>> parseCsv(std::string_view text, std::string_view name);

} // namespace io
