#include "core/report/conversion_share.h"

namespace core {

std::optional<ConversionTime> conversionShare(const Report& report)
{
    double all = 0.0;
    ConversionTime share;
    for (const auto& layer : report.layers) {
        all += layer->quantizedMicroseconds;
        share.quantize += layer->conversion.quantize;
        share.dequantize += layer->conversion.dequantize;
        share.requantize += layer->conversion.requantize;
    }
    if (all <= 0.0 || share.quantize + share.dequantize + share.requantize <= 0.0) {
        return std::nullopt;
    }
    const double percent = 100.0 / all;
    return ConversionTime{share.quantize * percent, share.dequantize * percent, share.requantize * percent};
}

} // namespace core
