#include "core/execution/forms/integer_form.h"

#include "core/execution/executable_support.h"
#include "core/tensor/shape.h"
#include "kernels/float/channel_lookup.h"

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

namespace core {

namespace {

/// Whether every constant is one number per channel (or one for all), so that the operator is a function of
/// one element and its channel.
bool isByChannel(const IntegerContext& f)
{
    const Shape& src = f.srcShape();
    for (std::size_t i = 1; i < f.op.inputs.size(); ++i) {
        if (f.op.inputs[i] == kNoValue) {
            continue;
        }
        const Tensor* constant = f.constant(i);
        if (!constant || constant->rank() > src.size()) {
            return false;
        }
        const std::size_t offset = src.size() - constant->rank();
        for (std::size_t k = 0; k < constant->rank() && f.op.node.type != "BatchNormalization"; ++k) {
            if (constant->shape()[k] != 1 && k + offset != 1) {
                return false;
            }
        }
    }
    return true;
}

/// From the FP32 evaluation of the operator on every code.
Executable compileChannelTable(const IntegerContext& f)
{
    const Shape& shape = f.srcShape();
    const auto channels = static_cast<std::size_t>(shape[1]);
    Shape every(std::max<std::size_t>(shape.size(), 3), 1);
    every[1] = shape[1];
    every[2] = 256;
    const QuantizationParams& src = f.params(f.op.inputs[0]);
    TensorBuilder codes(src.type, every);
    for (std::size_t i = 0; i < channels * 256; ++i) {
        codes.data()[i] = static_cast<std::byte>(i % 256);
    }
    std::vector<Tensor> inputs(f.op.inputs.size());
    inputs[0] = dequantized(std::move(codes).finish(), src);
    const Tensor results = quantized(evaluateOperator(f.op, inputs)[0], f.params(f.op.outputs[0]));
    auto tables = std::make_shared<std::vector<kernels::LookupTable>>(channels);
    for (std::size_t c = 0; c < channels; ++c) {
        for (std::size_t code = 0; code < 256; ++code) {
            (*tables)[c][code] = static_cast<std::uint8_t>(results.data()[c * 256 + code]);
        }
    }
    const DataType type = f.params(f.op.outputs[0]).type;
    return Executable{"noisefloor", "channel-table", [tables, type, channels](std::span<const Tensor> run) {
                          const Tensor& x = run[0];
                          const std::size_t plane = x.count()
                              ? static_cast<std::size_t>(elementCount(std::span(x.shape()).subspan(2)))
                              : 1;
                          const kernels::ChannelLayout layout{
                              channels, x.layout() == Layout::ChannelsLast && x.rank() >= 3 ? 1 : plane};
                          TensorBuilder dst(type, x.shape(), x.layout());
                          kernels::lookupPerChannel(bytesOf(x), layout, *tables, bytesOf(dst));
                          return std::vector{std::move(dst).finish()};
                      }};
}

} // namespace

/// One table per channel.
IntegerForm integerChannelTable()
{
    return {[](const IntegerContext& c) {
                const bool isNormalization = c.op.node.type == "BatchNormalization";
                return c.isOwnRange() && (isNormalization || c.op.type == "PRelu")
                    && c.srcShape().size() >= (isNormalization ? 2 : 3) && isByChannel(c);
            },
            compileChannelTable};
}

} // namespace core
