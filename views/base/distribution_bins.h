#pragma once

#include "core/report/display_bins.h"

namespace views {

using core::binnedCodes;
using core::binnedValues;
using core::displayGrid;
using core::DisplayGrid;
using core::simulatedCodes;

} // namespace views
