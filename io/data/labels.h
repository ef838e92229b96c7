#pragma once

#include "io/data/description.h"
#include "io/data/input_source.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace io {

using Label = std::optional<std::int64_t>;

/// One label per item, offset added; none where a CSV has an empty field. A CSV with a column `file` is
/// matched by the item's name, any other by row. Throws core::Error naming the file: missing, no such column
/// (with near misses), not a whole number, or not as many labels as items. Rows that match no item are told
/// in `warnings`.
[[nodiscard]] std::vector<Label> readLabels(const LabelDescription& labels, const InputSource& items,
                                            std::vector<std::string>& warnings);

} // namespace io
