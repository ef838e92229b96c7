#include "io/files/csv.h"

#include "core/base/error.h"

#include <fmt/format.h>

namespace io {

std::vector<std::vector<std::string>> parseCsv(std::string_view text, std::string_view name)
{
    if (text.starts_with("\xef\xbb\xbf")) {
        text.remove_prefix(3);
    }
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> row(1);
    bool quoted = false;
    std::size_t line = 1;
    std::size_t openedAt = 0;
    const auto endRow = [&] {
        if (row.size() > 1 || !row.front().empty()) {
            rows.push_back(std::move(row));
        }
        row.assign(1, "");
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        line += c == '\n';
        if (quoted) {
            if (c != '"') {
                row.back() += c;
            } else if (i + 1 < text.size() && text[i + 1] == '"') {
                row.back() += text[++i];
            } else {
                quoted = false;
            }
        } else if (c == '"') {
            quoted = true;
            openedAt = line;
        } else if (c == ',') {
            row.emplace_back();
        } else if (c == '\n') {
            endRow();
        } else if (c != '\r') {
            row.back() += c;
        }
    }
    if (quoted) {
        throw core::Error(core::ErrorKind::FileFormat,
                          fmt::format("{}: the quote opened in line {} is never closed", name, openedAt));
    }
    endRow();
    return rows;
}

} // namespace io
