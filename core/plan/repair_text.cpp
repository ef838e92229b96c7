#include "core/plan/repair_text.h"

#include "core/base/error.h"
#include "core/plan/refuse.h"

#include <fmt/format.h>

namespace core {

std::string toString(const ZeroDeadChannels& wish)
{
    switch (wish.kind) {
    case ZeroDeadChannels::Kind::Off:
        return "false";
    case ZeroDeadChannels::Kind::Provable:
        return "true";
    case ZeroDeadChannels::Kind::Calibrated:
        break;
    }
    return "calibrated";
}

std::string toString(const Equalization& wish)
{
    if (!wish.scale.empty()) {
        return fmt::format("{} scales", wish.scale.size());
    }
    return wish.automatic ? "true" : "false";
}

std::string toString(const BiasCorrection& wish)
{
    switch (wish.kind) {
    case BiasCorrection::Kind::None:
        return "none";
    case BiasCorrection::Kind::Analytic:
        return "analytic";
    case BiasCorrection::Kind::Given:
        break;
    }
    return fmt::format("{} numbers", wish.error.size());
}

std::string toString(const RoundingMask& mask)
{
    return mask.isSet() ? fmt::format("{} bytes", mask.bits->size()) : "none";
}

ZeroDeadChannels parseZeroDeadChannels(std::string_view text)
{
    for (const auto kind : {ZeroDeadChannels::Kind::Off, ZeroDeadChannels::Kind::Provable,
                            ZeroDeadChannels::Kind::Calibrated}) {
        if (text == toString(ZeroDeadChannels(kind))) {
            return kind;
        }
    }
    refuse("zero_dead_channels", text,
           "true (provably dead), false, calibrated (also zero in all calibration samples)");
}

Equalization parseEqualization(std::string_view text)
{
    if (text != "true" && text != "false") {
        refuse("equalize", text, "true, false, scales of the source channels");
    }
    return text == "true";
}

BiasCorrection parseBiasCorrection(std::string_view text)
{
    if (text != "none" && text != "analytic") {
        refuse("bias_correction", text, "none, analytic, mean errors of the result channels");
    }
    return {text == "analytic" ? BiasCorrection::Kind::Analytic : BiasCorrection::Kind::None, {}};
}

} // namespace core
