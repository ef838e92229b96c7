#pragma once

#include "core/report/results.h"
#include "io/files/hdf5/image.h"

#include <string>

namespace io {

/// Statistics of every tensor below `path`: table `tensors` (one row each), table `channels`, and
/// `histogram`, counts of tensor × bin. Bin i of a tensor covers [(i − 4096)·2^exponent, (i −
/// 4095)·2^exponent); exact zeros are not in it.
void saveStatistics(Hdf5Writer& file, const std::string& path, const core::StatisticsByValue& statistics);
[[nodiscard]] core::StatisticsByValue loadStatistics(const Hdf5Reader& file, const std::string& path);

} // namespace io
