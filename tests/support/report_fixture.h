#pragma once

#include "core/report/results.h"

#include <memory>

namespace support {

/// A made-up run of a small MobileNet-like network: an input, 14 operators, a Softmax in FP32. dw3 is the
/// worst by far, pw2 clips, the last Conv inherits. Statistics and code counts are consistent with the
/// params.
[[nodiscard]] std::shared_ptr<const core::Results> makeResults();

/// The same run with one operator's report replaced by a changed copy; the others are shared.
[[nodiscard]] std::shared_ptr<const core::Results> withChangedLayer(const core::Results& results,
                                                                    std::size_t index);

} // namespace support
