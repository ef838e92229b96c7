#include "tests/fuzz/rows.h"

#include <algorithm>

namespace fuzz {

namespace {

std::vector<std::int64_t> someAxes(Draw& d, std::int64_t rank)
{
    std::vector<std::int64_t> axes;
    for (std::int64_t axis = 0; axis < rank; ++axis) {
        if (d.random.chance(0.5)) {
            axes.push_back(d.opset >= 11 && d.random.chance(0.4) ? axis - rank : axis);
        }
    }
    if (axes.empty() && rank > 0) {
        axes.push_back(d.axisOf(rank));
    }
    return axes;
}

/// ReduceSum takes its axes as an input from opset 13 on, the others from 18.
void drawReduce(Draw& d, const Row& row)
{
    // Products of integers overflow, which ONNX leaves open.
    const bool isProduct = row.type == "ReduceProd";
    const Types types = d.opset >= 12 && (row.type == "ReduceMax" || row.type == "ReduceMin") ? kNumbers
        : isProduct                                                                           ? kFloat
                    : Types{DataType::Float32, DataType::Float32, DataType::Float32,
                            DataType::Float64, DataType::Int32,   DataType::Int64};
    const std::string x = d.any(types);
    Attributes attributes = d.some({}, {{"keepdims", d.random.between(0, 1)}});
    const bool asInput = d.opset >= (row.type == "ReduceSum" ? 13 : 18);
    const bool all = d.random.chance(0.3) || d.rank(x) == 0;
    if (!asInput) {
        if (!all) {
            attributes["axes"] = someAxes(d, d.rank(x));
        }
        d.node(std::string(row.type), {x}, attributes);
        return;
    }
    if (all) {
        const bool none = d.random.chance(0.4);
        if (none || d.random.chance(0.3)) {
            attributes["noop_with_empty_axes"] = d.random.between(0, 1);
        }
        d.node(std::string(row.type), {x, none ? d.constant(int64s({})) : std::string()}, attributes);
    } else {
        d.node(std::string(row.type), {x, d.constant(int64s(someAxes(d, d.rank(x))))}, attributes);
    }
}

void drawArg(Draw& d, const Row& row)
{
    const std::string x = d.any(kFloats, 1);
    Attributes attributes = d.some({}, {{"keepdims", d.random.between(0, 1)}, {"axis", d.axisOf(d.rank(x))}});
    if (d.opset >= 12 && d.random.chance(0.4)) {
        attributes["select_last_index"] = d.random.between(0, 1);
    }
    d.node(std::string(row.type), {x}, attributes);
}

void drawSoftmax(Draw& d, const Row& row)
{
    const std::string x = d.any(kFloats, d.opset < 13 ? 2 : 1);
    d.node(std::string(row.type), {x}, d.some({}, {{"axis", d.axisOf(d.rank(x))}}));
}

void drawCumulative(Draw& d, const Row& row)
{
    const std::string x =
        d.any({DataType::Float32, DataType::Float32, DataType::Float64, DataType::Int32, DataType::Int64}, 1);
    const std::string axis = d.given(drawIntegers(d.random, d.random.pick(kIndices), {}, 0, d.rank(x) - 1));
    d.node(std::string(row.type), {x, axis},
           d.some({}, {{"exclusive", d.random.between(0, 1)}, {"reverse", d.random.between(0, 1)}}));
}

/// Scores N × C × …, labels N × …, weights C.
void drawLoss(Draw& d, const Row& row)
{
    const std::string scores = d.any(kFloat, 2, 4);
    Shape labels = d.shape(scores);
    const std::int64_t classes = labels[1];
    labels.erase(labels.begin() + 1);
    Names inputs{scores, d.given(drawIntegers(d.random, d.random.pick(kIndices), labels, 0, classes - 1))};
    if (d.random.chance(0.5)) {
        inputs.push_back(d.given(drawTensor(d.random, d.type(scores), {classes}, Values::Positive)));
    }
    const Attributes sometimes{{"reduction", std::string(d.random.pick({"none", "mean", "sum"}))},
                               {"ignore_index", d.random.between(0, classes - 1)}};
    const bool hasProbabilities = row.type == "SoftmaxCrossEntropyLoss" && d.random.chance(0.4);
    d.node(std::string(row.type), inputs, d.some({}, sometimes), hasProbabilities ? 2 : 1);
}

constexpr Row kReductionRows[] = {
    {"", "ReduceSum", 6, drawReduce, true},
    {"", "ReduceSumSquare", 6, drawReduce, true},
    {"", "ReduceL1", 6, drawReduce, true},
    {"", "ReduceL2", 6, drawReduce, true},
    {"", "ReduceMean", 6, drawReduce, true},
    {"", "ReduceProd", 6, drawReduce, true},
    {"", "ReduceLogSum", 6, drawReduce, true},
    {"", "ReduceLogSumExp", 6, drawReduce, true},
    {"", "ReduceMax", 6, drawReduce},
    {"", "ReduceMin", 6, drawReduce},
    {"", "ArgMax", 6, drawArg},
    {"", "ArgMin", 6, drawArg},
    {"", "Softmax", 6, drawSoftmax, true},
    {"", "LogSoftmax", 6, drawSoftmax, true},
    {"", "Hardmax", 6, drawSoftmax},
    {"", "CumSum", 11, drawCumulative, true},
    {"", "CumProd", 26, drawCumulative, true},
    {"", "NegativeLogLikelihoodLoss", 12, drawLoss, true},
    {"", "SoftmaxCrossEntropyLoss", 12, drawLoss, true},
};

} // namespace

std::span<const Row> reductionRows() { return kReductionRows; }

} // namespace fuzz
