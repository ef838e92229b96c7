#include "core/execution/forms/integer_form.h"

#include "core/execution/executable_support.h"
#include "core/graph/operator_traits.h"
#include "kernels/int8/quantized_recurrent.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

namespace core {

namespace {

using kernels::RecurrentCell;
using Specs = std::vector<kernels::QuantizedRecurrentSpec>;

constexpr std::size_t kInitialHidden = 5;
constexpr std::size_t kInitialCell = 6;

bool isGiven(const Operator& op, std::size_t i) { return i < op.inputs.size() && op.inputs[i] != kNoValue; }
bool isConstant(const Operator& op, std::size_t i) { return isGiven(op, i) && op.constants[i].has_value(); }

std::size_t gatesOf(const Operator& op) { return traitsOf(op.type).gates; }

/// Rows of one direction.
void take(const RecurrentMatrix& matrix, std::size_t direction, std::size_t rows, std::size_t columns,
          std::vector<std::int8_t>& codes, std::vector<float>& scales)
{
    const auto part = std::span(matrix.codes).subspan(direction * rows * columns, rows * columns);
    codes.assign(part.begin(), part.end());
    const auto scale = std::span(matrix.scale).subspan(direction * rows, rows);
    scales.assign(scale.begin(), scale.end());
}

Specs specsOf(const Operator& op, const RecurrentWeights& weights, const kernels::QuantizedFormat& x)
{
    const Shape& w = op.constants[1]->shape(); // directions × gates·hidden × input
    const auto directions = static_cast<std::size_t>(w[0]);
    const auto rows = static_cast<std::size_t>(w[1]);
    Specs specs(directions);
    for (std::size_t d = 0; d < directions; ++d) {
        kernels::QuantizedRecurrentSpec& spec = specs[d];
        spec.cell = op.type == "LSTM" ? RecurrentCell::Lstm : RecurrentCell::Gru;
        spec.input = w[2];
        spec.hidden = static_cast<std::int64_t>(rows / gatesOf(op));
        spec.x = x;
        spec.linearBeforeReset = op.node.integer("linear_before_reset", 0) != 0;
        const auto input = static_cast<std::size_t>(spec.input);
        const auto hidden = static_cast<std::size_t>(spec.hidden);
        take(weights.input, d, rows, input, spec.weights, spec.weightScale);
        take(weights.hidden, d, rows, hidden, spec.recurrence, spec.recurrenceScale);
        spec.bias.assign(rows, 0.0f);
        spec.recurrenceBias.assign(rows, 0.0f);
        if (isConstant(op, 3)) {
            const auto bias = op.constants[3]->as<float>().subspan(d * 2 * rows, 2 * rows);
            std::ranges::copy(bias.first(rows), spec.bias.begin());
            std::ranges::copy(bias.subspan(rows), spec.recurrenceBias.begin());
        }
    }
    return specs;
}

/// The initial state as reals (directions × batch × hidden), or zeros.
std::vector<float> initialState(const Operator& op, std::size_t i, std::span<const Tensor> inputs,
                                const std::optional<QuantizationParams>& params, std::size_t count)
{
    if (!isGiven(op, i)) {
        return std::vector<float>(count, 0.0f);
    }
    const Tensor given = toLayout(op.constants[i] ? *op.constants[i] : inputs[i], Layout::RowMajor);
    const Tensor real = op.constants[i] ? given : dequantized(given, *params);
    const auto values = real.as<float>();
    return {values.begin(), values.end()};
}

struct Outputs
{
    Tensor all; ///< steps × directions × batch × hidden
    Tensor hidden; ///< directions × batch × hidden
    Tensor cell;
};

struct Sizes
{
    std::size_t steps = 0;
    std::size_t batch = 0;
    std::size_t hidden = 0;
    std::size_t directions = 0;
};

Outputs runAll(const Specs& specs, const Sizes& n, bool isReverse, const Tensor& x,
               const std::vector<float>& hidden, const std::vector<float>& cell)
{
    const auto extent = [](std::size_t k) { return static_cast<std::int64_t>(k); };
    const Shape last{extent(n.directions), extent(n.batch), extent(n.hidden)};
    TensorBuilder all(DataType::Float32,
                      {extent(n.steps), extent(n.directions), extent(n.batch), extent(n.hidden)});
    TensorBuilder lastHidden(DataType::Float32, last);
    TensorBuilder lastCell(DataType::Float32, last);
    const auto input = static_cast<std::size_t>(specs[0].input);
    for (std::size_t d = 0; d < n.directions; ++d) {
        for (std::size_t b = 0; b < n.batch; ++b) {
            const std::size_t at = (d * n.batch + b) * n.hidden;
            kernels::RecurrentState state;
            for (std::size_t k = 0; k < n.hidden; ++k) {
                const float code = std::nearbyint(hidden[at + k] / kernels::kHiddenScale);
                state.hidden.push_back(static_cast<std::int8_t>(std::clamp(code, -128.0f, 127.0f)));
            }
            state.cell.assign(cell.begin() + static_cast<std::ptrdiff_t>(at),
                              cell.begin() + static_cast<std::ptrdiff_t>(at + n.hidden));
            for (std::size_t i = 0; i < n.steps; ++i) {
                const std::size_t t = isReverse || d == 1 ? n.steps - 1 - i : i;
                kernels::recurrentStep(specs[d], bytesOf(x).subspan((t * n.batch + b) * input, input), state);
                for (std::size_t k = 0; k < n.hidden; ++k) {
                    all.as<float>()[((t * n.directions + d) * n.batch + b) * n.hidden + k] =
                        kernels::kHiddenScale * static_cast<float>(state.hidden[k]);
                }
            }
            for (std::size_t k = 0; k < n.hidden; ++k) {
                lastHidden.as<float>()[at + k] = kernels::kHiddenScale * static_cast<float>(state.hidden[k]);
                lastCell.as<float>()[at + k] = state.cell[k];
            }
        }
    }
    return {std::move(all).finish(), std::move(lastHidden).finish(), std::move(lastCell).finish()};
}

Executable compileRecurrent(const IntegerContext& c)
{
    const OperatorGraph& graph = c.graph;
    const Operator& op = c.op;
    const ResolvedPlan& plan = c.plan;
    const QuantizationParams& x = plan.values[indexOf(op.inputs[0])]->params;
    const auto specs = std::make_shared<const Specs>(specsOf(op, *c.resolved.recurrent, formatOf(x)));
    const Shape& shape = graph.value(op.inputs[0]).shape;
    const Sizes sizes{static_cast<std::size_t>(shape[0]), static_cast<std::size_t>(shape[1]),
                      static_cast<std::size_t>(specs->front().hidden), specs->size()};
    const auto paramsOf = [&](ValueId id) {
        return id != kNoValue && plan.values[indexOf(id)] ? std::optional(plan.values[indexOf(id)]->params)
                                                          : std::nullopt;
    };
    std::vector<std::optional<QuantizationParams>> inputs;
    std::vector<std::optional<QuantizationParams>> outputs;
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
        inputs.push_back(op.constants[i] ? std::nullopt : paramsOf(op.inputs[i]));
    }
    for (const ValueId id : op.outputs) {
        outputs.push_back(paramsOf(id));
    }
    inputs.resize(std::max<std::size_t>(inputs.size(), kInitialCell + 1));
    const bool isReverse = op.node.text("direction", "forward") == "reverse";
    return {"noisefloor", "quantized-gates",
            [=, shared = std::make_shared<const Operator>(op)](std::span<const Tensor> run) {
                const std::size_t count = sizes.directions * sizes.batch * sizes.hidden;
                const Outputs all =
                    runAll(*specs, sizes, isReverse, toLayout(run[0], Layout::RowMajor),
                           initialState(*shared, kInitialHidden, run, inputs[kInitialHidden], count),
                           initialState(*shared, kInitialCell, run, inputs[kInitialCell], count));
                std::vector<Tensor> results;
                for (const Tensor* tensor : {&all.all, &all.hidden, &all.cell}) {
                    const std::size_t i = results.size();
                    results.push_back(i < outputs.size() && outputs[i] ? quantized(*tensor, *outputs[i])
                                                                       : Tensor());
                }
                results.resize(outputs.size());
                return results;
            }};
}

} // namespace

IntegerForm integerRecurrent()
{
    return {[](const IntegerContext& c) { return c.isOwnRange() && isRecurrent(c.op.type); },
            compileRecurrent};
}

} // namespace core
