#include "core/execution/forms/integer_form.h"

#include "core/execution/movement_executable.h"
#include "kernels/codes/quantize.h"

#include <memory>
#include <span>
#include <vector>

namespace core {

namespace {

Executable compileIntegerConcat(const IntegerContext& c)
{
    const auto join = std::make_shared<Executable>(compileConcat(c.graph, c.op));
    const auto dstFormat = c.dstFormat();
    const DataType dstType = c.dstType();
    std::vector<kernels::QuantizedFormat> formats;
    std::vector<QuantizationParams> params;
    for (const ValueId id : c.op.inputs) {
        formats.push_back(c.format(id));
        params.push_back(c.params(id));
    }
    const QuantizationParams dstParams = c.params(c.op.outputs[0]);
    return {"noisefloor", "concat", [=](std::span<const Tensor> inputs) {
                std::vector<Tensor> parts(inputs.begin(), inputs.end());
                for (std::size_t i = 0; i < parts.size(); ++i) {
                    if (formats[i] != dstFormat && dstParams.rounding != Rounding::HalfEven) {
                        parts[i] = quantized(dequantized(parts[i], params[i]), dstParams);
                    } else if (formats[i] != dstFormat) {
                        TensorBuilder part(dstType, parts[i].shape(), parts[i].layout());
                        kernels::requantize(bytesOf(parts[i]), formats[i], bytesOf(part), dstFormat);
                        parts[i] = std::move(part).finish();
                    }
                }
                return join->run(parts);
            }};
}

} // namespace

IntegerForm integerConcat()
{
    return {[](const IntegerContext& c) { return c.is(QuantizedKind::Concat); }, compileIntegerConcat};
}

} // namespace core
