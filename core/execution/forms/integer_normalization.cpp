#include "core/execution/forms/integer_form.h"

#include "core/execution/executable_support.h"
#include "core/quantization/dnnlowp_forms.h"
#include "kernels/emulated/dnnlowp_normalization.h"
#include "kernels/int8/quantized_normalization.h"

#include <algorithm>
#include <memory>

namespace core {

namespace {

struct Factors
{
    kernels::NormalizationShape shape;
    std::vector<float> gamma;
    std::vector<float> beta;
};

std::vector<float> floatsOf(const Operator& op, std::size_t i)
{
    if (i >= op.constants.size() || !op.constants[i]) {
        return {};
    }
    const auto values = doublesOf(*op.constants[i]);
    return {values.begin(), values.end()};
}

/// A value per group becomes one per channel.
std::vector<float> spread(const std::vector<float>& values, std::size_t channels)
{
    if (values.empty() || values.size() == channels || channels % values.size() != 0) {
        return values;
    }
    std::vector<float> result;
    for (const float value : values) {
        result.insert(result.end(), channels / values.size(), value);
    }
    return result;
}

std::optional<Factors> factorsOf(const Operator& op, const Shape& src)
{
    Factors f{{}, floatsOf(op, 1), floatsOf(op, 2)};
    if (op.type == "LayerNormalization") {
        const auto axis = static_cast<std::size_t>(normalizedAxis(op.node.integer("axis", -1), src.size()));
        f.shape.length = static_cast<std::size_t>(elementCount(std::span(src).subspan(axis)));
        const bool isWhole =
            f.gamma.size() == f.shape.length && (f.beta.empty() || f.beta.size() == f.shape.length);
        return isWhole ? std::optional(std::move(f)) : std::nullopt;
    }
    if (src.size() < 3 || (op.type != "InstanceNormalization" && op.type != "GroupNormalization")) {
        return std::nullopt;
    }
    const auto channels = static_cast<std::size_t>(src[1]);
    const auto plane = static_cast<std::size_t>(elementCount(std::span(src).subspan(2)));
    const auto groups = op.type == "GroupNormalization"
        ? static_cast<std::size_t>(op.node.integer("num_groups", 1))
        : channels;
    f.gamma = spread(f.gamma, channels);
    f.beta = spread(f.beta, channels);
    if (groups == 0 || channels % groups != 0 || f.gamma.size() != channels || f.beta.size() != channels) {
        return std::nullopt;
    }
    f.shape = {channels / groups * plane, plane};
    return f;
}

/// None of other operators, of factors computed at run time, and of other shapes.
std::optional<Factors> constantFactors(const IntegerContext& c)
{
    const bool isKnown = c.op.type == "LayerNormalization" || c.op.type == "InstanceNormalization"
        || c.op.type == "GroupNormalization";
    const bool isConstant =
        isKnown && c.constant(1) && (c.op.inputs.size() < 3 || c.op.inputs[2] == kNoValue || c.constant(2));
    auto factors = isConstant ? factorsOf(c.op, c.srcShape()) : std::nullopt;
    return factors && factors->shape.length > 0 ? std::move(factors) : std::nullopt;
}

Executable compileNormalization(const IntegerContext& c)
{
    const Operator& op = c.op;
    const ResolvedPlan& plan = c.plan;
    const auto shared = std::make_shared<const Factors>(*constantFactors(c));
    const QuantizationParams output = plan.values[indexOf(op.outputs[0])]->params;
    const auto srcFormat = formatOf(plan.values[indexOf(op.inputs[0])]->params);
    const float epsilon = op.node.real("epsilon", 1e-5f);
    return Executable{"noisefloor", "normalize", [=](std::span<const Tensor> inputs) {
                          const Tensor rows = toLayout(inputs[0], Layout::RowMajor);
                          TensorBuilder dst(output.type, rows.shape());
                          kernels::normalize(shared->shape, epsilon, bytesOf(rows), srcFormat, shared->gamma,
                                             shared->beta, bytesOf(dst), formatOf(output));
                          return std::vector{std::move(dst).finish()};
                      }};
}

/// Under the convention dnnlowp.
Executable compileFixedPoint(const IntegerContext& c)
{
    const Factors factors = *constantFactors(c);
    kernels::DnnlowpNormalization how;
    how.channels = factors.gamma.size();
    how.plane = factors.shape.parameterStride;
    how.groups = how.channels * how.plane / factors.shape.length;
    how.epsilon = c.op.node.real("epsilon", 1e-5f);
    how.gamma = factors.gamma;
    how.beta = factors.beta;
    how.src = c.format(c.op.inputs[0]);
    how.dst = c.dstFormat();
    how.scaleOf = dnnlowpWeightScale;
    const DataType type = c.dstType();
    return {"noisefloor", "normalize:dnnlowp", [=](std::span<const Tensor> inputs) {
                const Tensor rows = toLayout(inputs[0], Layout::RowMajor);
                TensorBuilder dst(type, rows.shape());
                kernels::normalizeFixedPoint(how, bytesOf(rows), bytesOf(dst));
                return std::vector{std::move(dst).finish()};
            }};
}

} // namespace

/// LayerNormalization, InstanceNormalization and GroupNormalization.
IntegerForm integerNormalization()
{
    return {[](const IntegerContext& c) {
                return c.is(QuantizedKind::OwnRange) && (c.isPlain() || c.resolved.isFixedPoint)
                    && constantFactors(c);
            },
            [](const IntegerContext& c) {
                return c.resolved.isFixedPoint ? compileFixedPoint(c) : compileNormalization(c);
            }};
}

} // namespace core
