#pragma once

#include "core/session/session.h"

#include <vector>

namespace views {

/// ‖y_c−ŷ_c‖₂ / ‖y_c‖₂ of each channel (index along axis 1) of one sample; 0 for a channel of zeros that
/// stays zero, 1 for one that does not. Empty for tensors without channels.
[[nodiscard]] std::vector<float> channelErrors(const core::SampleTensors& tensors);

} // namespace views
