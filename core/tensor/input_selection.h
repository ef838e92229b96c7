#pragma once

#include "core/tensor/dataset.h"

#include <memory>
#include <vector>

namespace core {

/// The same data without some of the inputs of every sample: those that a bound graph holds as constants.
/// `keep` by position in Sample::inputs.
[[nodiscard]] std::shared_ptr<const Dataset> selectInputs(std::shared_ptr<const Dataset> data,
                                                          std::vector<bool> keep);

} // namespace core
