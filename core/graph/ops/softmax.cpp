#include "core/graph/ops/definitions.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/strided.h"

#include <algorithm>
#include <cmath>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

/// Rows of src along which a softmax sums: element k of row r is at start(r) + k · stride.
struct Rows
{
    std::int64_t outer = 1;
    std::int64_t length = 1;
    std::int64_t stride = 1;
};

/// Up to opset 12 everything from `axis` on is one row (default axis 1); since 13 a row runs along `axis`
/// (default −1).
Rows rowsOf(const Node& node, const Shape& shape)
{
    const bool isFlattened = node.version < 13;
    const std::int64_t axis = node.integer("axis", isFlattened ? 1 : -1);
    if (isFlattened) {
        // The axis may equal the rank: then every element is a row of its own.
        const auto first =
            static_cast<std::size_t>(axis == std::ssize(shape) ? axis : normalizedAxis(axis, shape.size()));
        return {extent(shape, 0, first), extent(shape, first, shape.size()), 1};
    }
    const auto a = static_cast<std::size_t>(normalizedAxis(axis, shape.size()));
    return {extent(shape, 0, a), shape[a], extent(shape, a + 1, shape.size())};
}

std::vector<ValueInfo> inferRows(const InferContext& c)
{
    requireInputs(c, 1);
    static_cast<void>(rowsOf(c.node, c.inputs[0].shape));
    return {c.inputs[0]};
}

/// Calls f(row) with each row as a vector that f changes in place.
template <typename F>
Outputs alongRows(const Node& node, const Tensor& src, F f)
{
    const Rows rows = rowsOf(node, src.shape());
    auto values = doublesOf(src);
    std::vector<double> row(static_cast<std::size_t>(rows.length));
    for (std::int64_t r = 0; r < rows.outer * rows.stride && rows.length > 0; ++r) {
        double* first = values.data() + r / rows.stride * rows.length * rows.stride + r % rows.stride;
        for (std::size_t k = 0; k < row.size(); ++k) {
            row[k] = first[static_cast<std::int64_t>(k) * rows.stride];
        }
        f(row);
        for (std::size_t k = 0; k < row.size(); ++k) {
            first[static_cast<std::int64_t>(k) * rows.stride] = row[k];
        }
    }
    return {castTo(makeTensor<double>(src.shape(), values), src.type())};
}

/// Subtracting the largest element keeps exp from overflowing. Returns Σ exp(x − max).
double shiftAndSum(std::vector<double>& row)
{
    const double largest = *std::ranges::max_element(row);
    double sum = 0.0;
    for (double& x : row) {
        x -= largest;
        sum += std::exp(x);
    }
    return sum;
}

void softmax(std::vector<double>& row)
{
    const double sum = shiftAndSum(row);
    for (double& x : row) {
        x = std::exp(x) / sum;
    }
}

void logSoftmax(std::vector<double>& row)
{
    const double shift = std::log(shiftAndSum(row));
    for (double& x : row) {
        x -= shift;
    }
}

void hardmax(std::vector<double>& row)
{
    const auto largest = std::ranges::max_element(row); // the first of equals
    const auto index = largest - row.begin();
    std::ranges::fill(row, 0.0);
    row[static_cast<std::size_t>(index)] = 1.0;
}

constexpr OperatorDefinition kSoftmaxOperators[] = {
    {"", "Softmax", 1, inferRows,
     [](const Node& node, Inputs in) { return alongRows(node, in[0], softmax); }},
    {"", "LogSoftmax", 1, inferRows,
     [](const Node& node, Inputs in) { return alongRows(node, in[0], logSoftmax); }},
    {"", "Hardmax", 1, inferRows,
     [](const Node& node, Inputs in) { return alongRows(node, in[0], hardmax); }},
};

} // namespace

std::span<const OperatorDefinition> softmaxOperators() { return kSoftmaxOperators; }

} // namespace core::ops
