#include "core/network/channel_intervals.h"

#include "core/graph/operator_traits.h"
#include "core/network/activation_rules.h"
#include "core/network/gemm_form.h"
#include "core/network/weight_layout.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

using Channels = std::vector<Interval>;
using Kind = kernels::Activation::Kind;

Interval sumOf(Interval a, Interval b) { return {a.low + b.low, a.high + b.high}; }
Interval withZero(Interval a) { return {std::min(a.low, 0.0), std::max(a.high, 0.0)}; }

Interval product(double w, Interval x)
{
    if (w == 0.0) {
        return {0.0, 0.0}; // also of unbounded x, which is finite all the same
    }
    return w > 0.0 ? Interval{w * x.low, w * x.high} : Interval{w * x.high, w * x.low};
}

class Walker
{
public:
    explicit Walker(const OperatorGraph& graph)
        : m_graph(graph)
        , m_result(graph.graph->values().size())
    {
    }

    std::vector<Channels> run()
    {
        for (const Operator& op : m_graph.operators) {
            if (!op.node.domain.empty() || op.outputs.empty() || op.result() != op.outputs[0]) {
                continue;
            }
            Channels channels = of(op);
            for (std::size_t c = 0; c < channels.size(); ++c) {
                channels[c] = imageOf(op.activation, channels[c]);
                if (!op.upperBounds.empty()) {
                    channels[c].high = std::min<double>(channels[c].high, op.upperBounds[c]);
                    channels[c].low = std::min<double>(channels[c].low, op.upperBounds[c]);
                }
            }
            m_result[indexOf(op.outputs[0])] = std::move(channels);
        }
        return std::move(m_result);
    }

private:
    std::size_t channelCount(ValueId id) const
    {
        const Shape& shape = m_graph.value(id).shape;
        return shape.size() >= 2 && shape[1] > 0 ? static_cast<std::size_t>(shape[1]) : 0;
    }

    /// Unbounded where nothing is known.
    Channels source(const Operator& op, std::size_t i) const
    {
        const ValueId id = op.inputs[i];
        if (id == kNoValue || op.constants[i]) {
            return {};
        }
        const Channels& known = m_result[indexOf(id)];
        return known.empty() ? Channels(channelCount(id)) : known;
    }

    Channels of(const Operator& op) const
    {
        const OperatorTraits& traits = traitsOf(op.type);
        const std::size_t count = channelCount(op.outputs[0]);
        if (count == 0 || op.type == "Input" || op.inputs.empty()) {
            return {};
        }
        if (isLinear(op.type)) {
            return linear(op);
        }
        if (traits.kind == OperatorKind::Join) {
            return op.node.integer("axis", 0) == 1 ? joined(op, count) : Channels{};
        }
        if (traits.binary == kernels::BinaryOperation::Add && op.inputs.size() == 2) {
            return added(op, count);
        }
        Channels from = source(op, 0);
        if (from.size() != count) {
            return {};
        }
        if (traits.activation != Kind::None) {
            return function(op, from);
        }
        if (traits.pool == PoolForm::Average && !traits.staysInRange) { // padding may count as zeros
            std::ranges::transform(from, from.begin(), withZero);
            return from;
        }
        const auto perChannel = [&](ValueId id) {
            return elementCount(m_graph.value(id).shape) / m_graph.value(id).shape[0]
                == static_cast<std::int64_t>(count);
        };
        const bool keeps = traits.channels == ChannelFlow::Keeps
            || (traits.channels == ChannelFlow::Reshapes && perChannel(op.inputs[0])
                && perChannel(op.outputs[0]));
        return keeps && traits.staysInRange ? from : Channels{};
    }

    static Channels function(const Operator& op, Channels from)
    {
        const auto f = activationOf(op);
        if (!f) {
            return {};
        }
        std::ranges::transform(from, from.begin(), [&](Interval x) { return imageOf(*f, x); });
        return from;
    }

    Channels joined(const Operator& op, std::size_t count) const
    {
        Channels result;
        for (std::size_t i = 0; i < op.inputs.size(); ++i) {
            const Channels part = source(op, i);
            result.insert(result.end(), part.begin(), part.end());
        }
        return result.size() == count ? result : Channels{};
    }

    Channels added(const Operator& op, std::size_t count) const
    {
        Channels a = source(op, 0);
        const Channels b = source(op, 1);
        if (a.size() != count || b.size() != count
            || m_graph.value(op.inputs[0]).shape != m_graph.value(op.inputs[1]).shape) {
            return {};
        }
        std::ranges::transform(a, b, a.begin(), sumOf);
        return a;
    }

    Channels linear(const Operator& op) const
    {
        if (op.constants.size() < 2 || !op.constants[1] || op.constants[1]->type() != DataType::Float32
            || op.constants[0]
            || (isMatMul(op.type)
                && (op.constants[1]->rank() != 2 || m_graph.value(op.outputs[0]).shape.size() != 2))
            || (isGemm(op.type)
                && (op.node.integer("transA", 0) || op.node.real("alpha", 1.0f) != 1.0f
                    || op.node.real("beta", 1.0f) != 1.0f))
            || !hasPlainBias(op)) {
            return {};
        }
        const WeightLayout layout(op.node, *op.constants[1]);
        Channels from = source(op, 0);
        if (from.size() != layout.sourceChannels() || layout.channels() != channelCount(op.outputs[0])) {
            return {};
        }
        if (isConvolution(op.type)) { // at borders, or between strides, taps meet zeros
            std::ranges::transform(from, from.begin(), withZero);
        }
        Channels sums(layout.channels(), Interval{0.0, 0.0});
        std::vector<double> size(layout.channels(), 0.0); // of the largest sum of magnitudes
        const auto values = op.constants[1]->as<float>();
        for (std::size_t i = 0; i < values.size(); ++i) {
            const Interval term = product(values[i], from[layout.sourceChannelOf(i)]);
            sums[layout.channelOf(i)] = sumOf(sums[layout.channelOf(i)], term);
            size[layout.channelOf(i)] += std::max(std::fabs(term.low), std::fabs(term.high));
        }
        if (op.constants.size() > 2 && op.constants[2]) {
            const auto bias = op.constants[2]->as<float>();
            if (bias.size() != 1 && bias.size() != sums.size()) {
                return {};
            }
            for (std::size_t c = 0; c < sums.size(); ++c) {
                const double b = bias[bias.size() == 1 ? 0 : c];
                sums[c] = sumOf(sums[c], {b, b});
                size[c] += std::fabs(b);
            }
        }
        // n additions in FP32, in any order, are wrong by n·2⁻²⁴ of the sum of magnitudes at most (n = terms
        // and bias).
        const double perSum =
            (static_cast<double>(values.size() / layout.channels()) + 2.0) * std::ldexp(1.0, -24);
        for (std::size_t c = 0; c < sums.size(); ++c) {
            const double widening = size[c] * perSum;
            sums[c] = {sums[c].low - widening, sums[c].high + widening};
        }
        if (op.residual) {
            const Channels other = source(op, *op.residual);
            if (other.size() != sums.size()) {
                return {};
            }
            std::ranges::transform(sums, other, sums.begin(), sumOf);
        }
        return sums;
    }

    const OperatorGraph& m_graph;
    std::vector<Channels> m_result;
};

} // namespace

std::vector<std::vector<Interval>> channelIntervals(const OperatorGraph& graph)
{
    return Walker(graph).run();
}

} // namespace core
