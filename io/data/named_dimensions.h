#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace io {

/// How long a dimension is that the file calls by that name, from the lengths of others: its own, a number,
/// or a sum of such as exporters write it ("past + sequence", "past + 1"). None where a term is not known.
[[nodiscard]] std::optional<std::int64_t> dimensionSize(const std::string& name,
                                                        const std::map<std::string, std::int64_t>& known);

} // namespace io
