#include "core/graph/ops/definitions.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/strided.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

/// An Einsum equation over operands of known rank. The axes of an ellipsis are named '0', '1', … from the
/// right.
struct Equation
{
    std::vector<std::string> terms; ///< one letter per axis of each operand
    std::string result;
    std::map<char, std::int64_t> sizes;
};

std::string expanded(const Node& node, std::string term, std::size_t rank)
{
    const auto dots = term.find("...");
    if (dots != std::string::npos) {
        std::string hidden;
        if (term.size() - 3 > rank) {
            fail(node, fmt::format("term '{}' has more axes than its operand", term),
                 ErrorKind::InvalidModel);
        }
        for (std::size_t i = rank - (term.size() - 3); i-- > 0;) {
            hidden += static_cast<char>('0' + i);
        }
        term.replace(dots, 3, hidden);
    }
    return term;
}

Equation equationOf(const Node& node, const std::vector<Shape>& shapes)
{
    std::string text = node.text("equation", "");
    std::erase(text, ' ');
    const auto arrow = text.find("->");
    const std::string left = text.substr(0, arrow);
    Equation equation;
    std::string hidden;
    std::map<char, int> uses;
    for (std::size_t first = 0; first <= left.size();) {
        const std::size_t comma = std::min(left.find(',', first), left.size());
        const std::size_t operand = equation.terms.size();
        if (operand >= shapes.size()) {
            fail(node, fmt::format("equation '{}' has more terms than operands", text),
                 ErrorKind::InvalidModel);
        }
        const std::string term = expanded(node, left.substr(first, comma - first), shapes[operand].size());
        if (term.size() != shapes[operand].size()) {
            fail(node, fmt::format("term '{}' does not fit operand {}", term, toString(shapes[operand])));
        }
        for (std::size_t a = 0; a < term.size(); ++a) {
            std::int64_t& size = equation.sizes.try_emplace(term[a], 1).first->second;
            if (size != 1 && shapes[operand][a] != 1 && size != shapes[operand][a]) {
                fail(node, fmt::format("axis '{}' is {} and {}", term[a], size, shapes[operand][a]));
            }
            size = size == 1 ? shapes[operand][a] : size;
            ++uses[term[a]];
            if (std::isdigit(static_cast<unsigned char>(term[a]))
                && hidden.find(term[a]) == std::string::npos) {
                hidden += term[a];
            }
        }
        equation.terms.push_back(term);
        first = comma + 1;
    }
    if (equation.terms.size() != shapes.size()) {
        fail(node, fmt::format("equation '{}' has fewer terms than operands", text), ErrorKind::InvalidModel);
    }
    std::ranges::sort(hidden, std::greater<>{});
    if (arrow == std::string::npos) {
        equation.result = hidden;
        for (const auto& [letter, count] : uses) { // alphabetical: letters that occur once
            if (count == 1 && std::isalpha(static_cast<unsigned char>(letter))) {
                equation.result += letter;
            }
        }
    } else {
        equation.result = text.substr(arrow + 2);
        if (const auto dots = equation.result.find("..."); dots != std::string::npos) {
            equation.result.replace(dots, 3, hidden);
        }
    }
    for (const char letter : equation.result) {
        if (!equation.sizes.contains(letter)) {
            fail(node, fmt::format("axis '{}' of the result is no operand's", letter),
                 ErrorKind::InvalidModel);
        }
    }
    return equation;
}

Shape resultShape(const Equation& equation)
{
    Shape shape;
    for (const char letter : equation.result) {
        shape.push_back(equation.sizes.at(letter));
    }
    return shape;
}

std::vector<ValueInfo> inferEinsum(const InferContext& c)
{
    requireInputs(c, std::max<std::size_t>(1, c.inputs.size()));
    std::vector<Shape> shapes;
    for (const ValueInfo& info : c.inputs) {
        shapes.push_back(info.shape);
    }
    return {{c.inputs[0].type, resultShape(equationOf(c.node, shapes))}};
}

/// Every operand is read with the stride of each letter (0 where it lacks it): results outside, sums inside.
Outputs evaluateEinsum(const Node& node, Inputs in)
{
    std::vector<Shape> shapes;
    for (const Tensor& tensor : in) {
        shapes.push_back(tensor.shape());
    }
    const Equation equation = equationOf(node, shapes);
    std::string letters = equation.result;
    for (const auto& [letter, size] : equation.sizes) {
        if (letters.find(letter) == std::string::npos) {
            letters += letter;
        }
    }
    Shape space;
    for (const char letter : letters) {
        space.push_back(equation.sizes.at(letter));
    }
    std::vector<double> products(static_cast<std::size_t>(elementCount(space)), 1.0);
    for (std::size_t o = 0; o < in.size(); ++o) {
        const Shape own = rowMajorStrides(shapes[o]);
        Shape strides(letters.size(), 0);
        for (std::size_t a = 0; a < own.size(); ++a) {
            strides[letters.find(equation.terms[o][a])] +=
                shapes[o][a] == 1 ? 0 : own[a]; // a letter twice: the diagonal
        }
        const auto values = doublesOf(stridedCopy(in[o], space, strides));
        for (std::size_t i = 0; i < products.size(); ++i) {
            products[i] *= values[i];
        }
    }
    const Shape shape = resultShape(equation);
    std::vector<double> sums(static_cast<std::size_t>(elementCount(shape)));
    const std::size_t inner = sums.empty() ? 1 : std::max<std::size_t>(1, products.size() / sums.size());
    for (std::size_t i = 0; i < products.size(); ++i) {
        sums[i / inner] += products[i];
    }
    return {castTo(makeTensor<double>(shape, sums), in[0].type())};
}

std::vector<ValueInfo> inferDet(const InferContext& c)
{
    ValueInfo src = inputOfRank(c, 0, 2);
    if (src.shape.back() != src.shape[src.shape.size() - 2]) {
        fail(c.node, fmt::format("src {} holds no square matrices", toString(src.shape)));
    }
    src.shape.resize(src.shape.size() - 2);
    return {src};
}

/// Gaussian elimination with the largest pivot of each column.
double determinant(std::span<double> m, std::size_t n)
{
    double result = 1.0;
    for (std::size_t column = 0; column < n; ++column) {
        std::size_t pivot = column;
        for (std::size_t row = column + 1; row < n; ++row) {
            pivot = std::abs(m[row * n + column]) > std::abs(m[pivot * n + column]) ? row : pivot;
        }
        if (m[pivot * n + column] == 0.0) {
            return 0.0;
        }
        if (pivot != column) {
            std::swap_ranges(m.begin() + static_cast<std::ptrdiff_t>(pivot * n),
                             m.begin() + static_cast<std::ptrdiff_t>((pivot + 1) * n),
                             m.begin() + static_cast<std::ptrdiff_t>(column * n));
            result = -result;
        }
        result *= m[column * n + column];
        for (std::size_t row = column + 1; row < n; ++row) {
            const double factor = m[row * n + column] / m[column * n + column];
            for (std::size_t k = column; k < n; ++k) {
                m[row * n + k] -= factor * m[column * n + k];
            }
        }
    }
    return result;
}

Outputs evaluateDet(const Node&, Inputs in)
{
    Shape shape = in[0].shape();
    const auto n = static_cast<std::size_t>(shape.back());
    shape.resize(shape.size() - 2);
    auto values = doublesOf(in[0]);
    std::vector<double> dst(static_cast<std::size_t>(elementCount(shape)));
    for (std::size_t i = 0; i < dst.size(); ++i) {
        dst[i] = determinant(std::span(values).subspan(i * n * n, n * n), n);
    }
    return {castTo(makeTensor<double>(shape, dst), in[0].type())};
}

constexpr OperatorDefinition kEinsumOperators[] = {
    {"", "Einsum", 12, inferEinsum, evaluateEinsum},
    {"", "Det", 11, inferDet, evaluateDet},
};

} // namespace

std::span<const OperatorDefinition> einsumOperators() { return kEinsumOperators; }

} // namespace core::ops
