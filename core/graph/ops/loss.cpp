#include "core/graph/ops/definitions.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/strided.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

/// Scores are N × C × spatial…, labels N × spatial…
Shape lossShape(const Node& node, const Shape& scores, const Shape& labels)
{
    Shape expected = scores;
    if (scores.size() >= 2) {
        expected.erase(expected.begin() + 1);
    }
    if (scores.size() < 2 || labels != expected) {
        fail(node, fmt::format("labels {} do not fit scores {}", toString(labels), toString(scores)));
    }
    return node.text("reduction", "mean") == "none" ? labels : Shape{};
}

std::vector<ValueInfo> inferLoss(const InferContext& c)
{
    requireInputs(c, 2);
    const Shape& scores = c.inputs[0].shape;
    const Shape shape = lossShape(c.node, scores, c.inputs[1].shape);
    if (hasInput(c, 2) && c.inputs[2].shape != Shape{scores[1]}) {
        fail(c.node, fmt::format("weights {} do not fit {} classes", toString(c.inputs[2].shape), scores[1]));
    }
    return {{c.inputs[0].type, shape}, c.inputs[0]};
}

/// −weight[label] · logProbability[label]; the mean divides by the sum of the weights. Labels equal to
/// ignore_index count nothing.
Tensor negativeLogLikelihood(const Node& node, const Shape& shape,
                             const std::vector<double>& logProbabilities, Inputs in)
{
    const std::int64_t classes = shape[1];
    const std::int64_t plane = extent(shape, 2, shape.size());
    const auto labels = core::integersOf(in[1]);
    const auto weights =
        hasInput(in, 2) ? doublesOf(in[2]) : std::vector<double>(static_cast<std::size_t>(classes), 1.0);
    const bool canIgnore = node.find("ignore_index") != nullptr;
    const std::int64_t ignored = node.integer("ignore_index", 0);
    std::vector<double> losses(labels.size());
    double sum = 0.0;
    double weightSum = 0.0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const std::int64_t label = labels[i];
        if (canIgnore && label == ignored) {
            continue;
        }
        if (label < 0 || label >= classes) {
            fail(node, fmt::format("label {} is outside {} classes", label, classes));
        }
        const auto at = static_cast<std::int64_t>(i);
        const double weight = weights[static_cast<std::size_t>(label)];
        losses[i] = -weight
            * logProbabilities[static_cast<std::size_t>((at / plane * classes + label) * plane + at % plane)];
        sum += losses[i];
        weightSum += weight;
    }
    const std::string reduction = node.text("reduction", "mean");
    if (reduction == "none") {
        return castTo(makeTensor<double>(in[1].shape(), losses), in[0].type());
    }
    const double total = reduction == "sum" ? sum : sum / weightSum;
    return castTo(makeTensor<double>({}, std::vector<double>{total}), in[0].type());
}

Outputs evaluateNegativeLogLikelihood(const Node& node, Inputs in)
{
    return {negativeLogLikelihood(node, in[0].shape(), doublesOf(in[0]), in)};
}

Outputs evaluateSoftmaxCrossEntropy(const Node& node, Inputs in)
{
    const Shape& shape = in[0].shape();
    const std::int64_t classes = shape[1];
    const std::int64_t plane = extent(shape, 2, shape.size());
    auto values = doublesOf(in[0]);
    const std::int64_t rows = values.empty() ? 0 : shape[0] * plane;
    for (std::int64_t i = 0; i < rows; ++i) {
        double* first = values.data() + i / plane * classes * plane + i % plane;
        double largest = first[0];
        for (std::int64_t c = 1; c < classes; ++c) {
            largest = std::max(largest, first[c * plane]);
        }
        double sum = 0.0;
        for (std::int64_t c = 0; c < classes; ++c) {
            sum += std::exp(first[c * plane] - largest);
        }
        for (std::int64_t c = 0; c < classes; ++c) {
            first[c * plane] -= largest + std::log(sum);
        }
    }
    return {negativeLogLikelihood(node, shape, values, in),
            castTo(makeTensor<double>(shape, values), in[0].type())};
}

constexpr OperatorDefinition kLossOperators[] = {
    {"", "NegativeLogLikelihoodLoss", 12, inferLoss, evaluateNegativeLogLikelihood},
    {"", "SoftmaxCrossEntropyLoss", 12, inferLoss, evaluateSoftmaxCrossEntropy},
};

} // namespace

std::span<const OperatorDefinition> lossOperators() { return kLossOperators; }

} // namespace core::ops
