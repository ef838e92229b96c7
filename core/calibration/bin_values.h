#pragma once

#include "core/statistics/statistics.h"

#include <vector>

namespace core {

/// What stands for the values of one bin.
struct BinValue
{
    int bin = 0; ///< index in GrowingHistogram::counts()
    double value = 0.0; ///< the centre of the bin, held within the true minimum and maximum of the tensor
    double count = 0.0;
};

/// The occupied bins in ascending order. Exact zeros are in no bin.
[[nodiscard]] std::vector<BinValue> binValues(const TensorStatistics& statistics);

} // namespace core
