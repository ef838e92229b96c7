#pragma once

#include "core/session/side_by_side.h"

#include <string>
#include <vector>

namespace io {

/// Networks that were measured on one machine under the same settings.
struct SideBySideRun
{
    std::string isa;
    core::SideBySideRequest request;
    std::vector<core::SideBySide> models;
};

[[nodiscard]] std::string sideBySideToJson(const SideBySideRun& run);
/// One page as reportToHtml() makes it: accuracy over the networks in FP32 and quantized, speed over the
/// networks unfused, fused and quantized, and the table behind both.
[[nodiscard]] std::string sideBySideToHtml(const SideBySideRun& run);

} // namespace io
