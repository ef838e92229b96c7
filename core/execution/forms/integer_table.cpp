#include "core/execution/forms/integer_form.h"

#include "core/execution/executable_support.h"
#include "core/quantization/scheme.h"
#include "kernels/emulated/dnnlowp_tables.h"
#include "kernels/float/elementwise.h"

#include <algorithm>
#include <span>
#include <vector>

namespace core {

namespace {

/// Every code there is, in the order of its byte.
Tensor allCodes(DataType type)
{
    TensorBuilder codes(type, {256});
    for (int i = 0; i < 256; ++i) {
        codes.data()[i] = static_cast<std::byte>(i);
    }
    return std::move(codes).finish();
}

/// A constant of one element may have more axes than what it is combined with, and give them to the result.
Executable lookup(const std::string& implementation, const IntegerContext& c, DataType dstType,
                  const kernels::LookupTable& entries)
{
    return {"noisefloor", implementation, [=, dstShape = c.dstShape()](std::span<const Tensor> run) {
                const Tensor src =
                    run[0].rank() == dstShape.size() ? run[0] : toLayout(run[0], Layout::RowMajor);
                TensorBuilder dst(dstType, dstShape, src.layout());
                kernels::lookup(bytesOf(src), entries, bytesOf(dst));
                return std::vector{std::move(dst).finish()};
            }};
}

Follower ownTableOf(const IntegerContext& c)
{
    return dnnlowpTableOf(c.op, c.params(c.op.inputs[0]), c.params(c.op.outputs[0]));
}

Executable compileDnnlowpTable(const IntegerContext& c)
{
    return lookup("table:dnnlowp", c, c.dstType(),
                  ownTableOf(c) == Follower::Sigmoid ? kernels::dnnlowpSigmoidTable()
                                                     : kernels::dnnlowpTanhTable());
}

/// The 256 results come from the FP32 evaluation of the operator itself.
Executable compileIntegerTable(const IntegerContext& c)
{
    std::vector<Tensor> inputs(c.op.inputs.size());
    inputs[0] = dequantized(allCodes(c.params(c.op.inputs[0]).type), c.params(c.op.inputs[0]));
    const Tensor results = quantized(evaluateOperator(c.op, inputs)[0], c.params(c.op.outputs[0]));
    kernels::LookupTable entries{};
    for (std::size_t i = 0; i < entries.size(); ++i) {
        entries[i] = static_cast<std::uint8_t>(results.data()[i]);
    }
    return lookup("table", c, c.dstType(), entries);
}

/// max(q, zero point): the params are those of the input.
Executable compileIntegerRelu(const IntegerContext& c)
{
    const auto format = c.format(c.op.inputs[0]);
    kernels::LookupTable entries{};
    for (int i = 0; i < 256; ++i) {
        const int code = format.type == kernels::ElementType::S8 ? static_cast<std::int8_t>(i) : i;
        entries[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(std::max(code, format.zeroPoint));
    }
    return lookup("table", c, c.params(c.op.inputs[0]).type, entries);
}

} // namespace

/// DNNLOWP's own entries where its convention asks.
IntegerForm integerDnnlowpTable()
{
    return {
        [](const IntegerContext& c) { return c.is(QuantizedKind::Table) && ownTableOf(c) != Follower::None; },
        compileDnnlowpTable};
}

IntegerForm integerTable()
{
    return {[](const IntegerContext& c) { return c.is(QuantizedKind::Table) && c.isPlain(); },
            compileIntegerTable};
}

IntegerForm integerRelu()
{
    return {[](const IntegerContext& c) {
                return c.is(QuantizedKind::Inherits) && c.op.type == "Relu" && !c.hasWideInput();
            },
            compileIntegerRelu};
}

} // namespace core
