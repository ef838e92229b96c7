#pragma once

#include "core/metrics/metric_task.h"
#include "io/data/input_source.h"
#include "io/data/metric_kinds.h"

namespace io {

/// What a metric's "labels" say of each item. Throws core::Error naming the file, the row and what is wrong.
/// Rows that name no item are told in `warnings`.
[[nodiscard]] std::vector<core::Truth> readTruths(const JsonObject& object, const MetricKind& kind,
                                                  const std::filesystem::path& folder,
                                                  const InputSource& items,
                                                  std::vector<std::string>& warnings);

/// "slices": {"path": "labels.csv", "columns": ["…"]}: a CSV with a column `file`.
[[nodiscard]] std::vector<core::SliceColumn>
readSlices(const JsonObject& object, const std::filesystem::path& folder, const InputSource& items);

} // namespace io
