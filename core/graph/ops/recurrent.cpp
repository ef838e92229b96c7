#include "core/graph/ops/definitions.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/strided.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <optional>
#include <string_view>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;
using Vector = std::vector<double>;

/// Of an RNN, GRU or LSTM. layout 0: X is time × batch × input; layout 1: batch × time × input.
struct RecurrentSizes
{
    std::int64_t time = 0;
    std::int64_t batch = 0;
    std::int64_t input = 0;
    std::int64_t hidden = 0;
    std::int64_t directions = 1;
    std::int64_t gates = 1;
    bool isBatchFirst = false;
};

RecurrentSizes sizesOf(const Node& node, const Shape& x, const Shape& w, const Shape& r)
{
    if (x.size() != 3 || w.size() != 3 || r.size() != 3) {
        fail(
            node,
            fmt::format("X {}, W {} and R {} must have 3 dimensions", toString(x), toString(w), toString(r)));
    }
    RecurrentSizes s;
    s.isBatchFirst = node.integer("layout", 0) != 0;
    s.time = x[s.isBatchFirst ? 1 : 0];
    s.batch = x[s.isBatchFirst ? 0 : 1];
    s.input = x[2];
    s.hidden = r[2];
    s.directions = node.text("direction", "forward") == "bidirectional" ? 2 : 1;
    s.gates = node.type == "LSTM" ? 4 : node.type == "GRU" ? 3 : 1;
    const Shape expectedW{s.directions, s.gates * s.hidden, s.input};
    const Shape expectedR{s.directions, s.gates * s.hidden, s.hidden};
    if (w != expectedW || r != expectedR || s.hidden != node.integer("hidden_size", s.hidden)) {
        fail(node,
             fmt::format("W is {} and R is {}, X {} needs {} and {}", toString(w), toString(r), toString(x),
                         toString(expectedW), toString(expectedR)));
    }
    return s;
}

Shape sequenceShape(const RecurrentSizes& s)
{
    return s.isBatchFirst ? Shape{s.batch, s.time, s.directions, s.hidden}
                          : Shape{s.time, s.directions, s.batch, s.hidden};
}

Shape stateShape(const RecurrentSizes& s)
{
    return s.isBatchFirst ? Shape{s.batch, s.directions, s.hidden} : Shape{s.directions, s.batch, s.hidden};
}

std::vector<ValueInfo> inferRecurrent(const InferContext& c)
{
    requireInputs(c, 3);
    const RecurrentSizes s = sizesOf(c.node, c.inputs[0].shape, c.inputs[1].shape, c.inputs[2].shape);
    for (std::size_t i = 5; i <= 6 && i < c.inputs.size(); ++i) {
        if (hasInput(c, i) && c.inputs[i].shape != stateShape(s)) {
            fail(c.node,
                 fmt::format("initial state is {}, expected {}", toString(c.inputs[i].shape),
                             toString(stateShape(s))));
        }
    }
    if (hasInput(c, 3) && c.inputs[3].shape != Shape{s.directions, 2 * s.gates * s.hidden}) {
        fail(c.node,
             fmt::format("B is {}, expected {}", toString(c.inputs[3].shape),
                         toString(Shape{s.directions, 2 * s.gates * s.hidden})));
    }
    if (hasInput(c, 4) && c.inputs[4].shape != Shape{s.batch}) {
        fail(c.node,
             fmt::format("sequence_lens is {}, expected {}", toString(c.inputs[4].shape),
                         toString(Shape{s.batch})));
    }
    if (hasInput(c, 7) && c.inputs[7].shape != Shape{s.directions, 3 * s.hidden}) {
        fail(c.node,
             fmt::format("P is {}, expected {}", toString(c.inputs[7].shape),
                         toString(Shape{s.directions, 3 * s.hidden})));
    }
    const DataType type = c.inputs[0].type;
    std::vector<ValueInfo> results{{type, sequenceShape(s)}, {type, stateShape(s)}};
    if (c.node.type == "LSTM") {
        results.push_back({type, stateShape(s)});
    }
    return results;
}

using Activation = std::function<double(double)>;

std::string lowered(std::string name)
{
    std::ranges::transform(name, name.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return name;
}

/// @p lower its name in small letters
Activation activationOf(const Node& node, const std::string& lower, double alpha, double beta)
{
    if (lower == "sigmoid") {
        return [](double x) { return 1.0 / (1.0 + std::exp(-x)); };
    }
    if (lower == "tanh") {
        return [](double x) { return std::tanh(x); };
    }
    if (lower == "relu") {
        return [](double x) { return std::max(0.0, x); };
    }
    if (lower == "leakyrelu") {
        return [=](double x) { return x < 0 ? alpha * x : x; };
    }
    if (lower == "thresholdedrelu") {
        return [=](double x) { return x > alpha ? x : 0.0; };
    }
    if (lower == "hardsigmoid") {
        return [=](double x) { return std::clamp(alpha * x + beta, 0.0, 1.0); };
    }
    if (lower == "scaledtanh") {
        return [=](double x) { return alpha * std::tanh(beta * x); };
    }
    if (lower == "affine") {
        return [=](double x) { return alpha * x + beta; };
    }
    if (lower == "elu") {
        return [=](double x) { return x < 0 ? alpha * std::expm1(x) : x; };
    }
    if (lower == "softsign") {
        return [](double x) { return x / (1.0 + std::abs(x)); };
    }
    if (lower == "softplus") {
        return [](double x) { return std::log1p(std::exp(x)); };
    }
    fail(node, fmt::format("activation {} is not known", lower), ErrorKind::UnsupportedOperator);
}

/// A factor of an activation: none, or what it is where the node gives none (ONNX's defaults).
struct Factors
{
    std::string_view activation; ///< in small letters
    std::optional<double> alpha;
    std::optional<double> beta;
};

constexpr std::array kFactors{Factors{"leakyrelu", 0.01, {}},   Factors{"thresholdedrelu", 1.0, {}},
                              Factors{"hardsigmoid", 0.2, 0.5}, Factors{"elu", 1.0, {}},
                              Factors{"scaledtanh", 1.0, 1.0},  Factors{"affine", 1.0, 0.0}};

/// The next of the node's factors, if the activation has one; ONNX: they are consumed in the order of the
/// activations that have one.
double nextFactor(const std::vector<float>& given, std::size_t& used, std::optional<double> usual)
{
    if (!usual) {
        return 0.0;
    }
    return used < given.size() ? static_cast<double>(given[used++]) : *usual;
}

/// The activations of one direction: one for RNN, two for GRU, three for LSTM.
std::vector<Activation> activationsOf(const Node& node, std::size_t direction)
{
    const std::vector<std::string> usual = node.type == "LSTM"
        ? std::vector<std::string>{"Sigmoid", "Tanh", "Tanh"}
        : node.type == "GRU" ? std::vector<std::string>{"Sigmoid", "Tanh"}
                             : std::vector<std::string>{"Tanh"};
    std::vector<std::string> names;
    if (const Attribute* given = node.find("activations")) {
        names = std::get<std::vector<std::string>>(*given);
    }
    const auto alphas = node.reals("activation_alpha");
    const auto betas = node.reals("activation_beta");
    std::vector<Activation> result;
    std::size_t usedAlphas = 0;
    std::size_t usedBetas = 0;
    for (std::size_t at = 0; at < (direction + 1) * usual.size(); ++at) {
        const std::string name = lowered(at < names.size() ? names[at] : usual[at % usual.size()]);
        const auto found = std::ranges::find(kFactors, std::string_view(name), &Factors::activation);
        const Factors factors = found == kFactors.end() ? Factors{} : *found;
        const double alpha = nextFactor(alphas, usedAlphas, factors.alpha);
        const double beta = nextFactor(betas, usedBetas, factors.beta);
        if (at >= direction * usual.size()) {
            result.push_back(activationOf(node, name, alpha, beta));
        }
    }
    return result;
}

/// Weights of one direction, in double. Bias halves Wb and Rb stay apart: GRU adds them at different places.
struct Weights
{
    Vector w;
    Vector r;
    Vector wb;
    Vector rb;
    Vector peephole; ///< LSTM: i, o, f
};

Vector part(const Tensor& tensor, std::int64_t direction, std::int64_t directions)
{
    const Vector all = doublesOf(tensor);
    const auto length = static_cast<std::ptrdiff_t>(all.size()) / directions;
    return {all.begin() + direction * length, all.begin() + (direction + 1) * length};
}

Weights weightsOf(const RecurrentSizes& s, Inputs in, std::int64_t direction)
{
    Weights result{part(in[1], direction, s.directions), part(in[2], direction, s.directions), {}, {}, {}};
    const std::int64_t rows = s.gates * s.hidden;
    const Vector bias =
        hasInput(in, 3) ? part(in[3], direction, s.directions) : Vector(static_cast<std::size_t>(2 * rows));
    result.wb.assign(bias.begin(), bias.begin() + rows);
    result.rb.assign(bias.begin() + rows, bias.end());
    const auto peepholes = static_cast<std::size_t>(3 * s.hidden);
    result.peephole = hasInput(in, 7) ? part(in[7], direction, s.directions) : Vector(peepholes);
    return result;
}

/// rows × length matrix times vector, plus bias.
Vector affine(const Vector& matrix, const double* vector, std::int64_t length, const Vector& bias)
{
    Vector result = bias;
    for (std::size_t i = 0; i < result.size(); ++i) {
        const double* row = matrix.data() + static_cast<std::int64_t>(i) * length;
        for (std::int64_t k = 0; k < length; ++k) {
            result[i] += row[k] * vector[k];
        }
    }
    return result;
}

/// One step of one sequence: h (and c for LSTM) are replaced. Gates in ONNX's order: GRU z, r, h; LSTM i, o,
/// f, c.
class Cell
{
public:
    Cell(const Node& node, const RecurrentSizes& sizes, Weights weights, std::vector<Activation> activations)
        : m_sizes(sizes)
        , m_weights(std::move(weights))
        , m_activations(std::move(activations))
        , m_clip(node.real("clip", 0.0f))
        , m_isLinearBeforeReset(node.integer("linear_before_reset", 0) != 0)
        , m_couplesForget(node.integer("input_forget", 0) != 0)
    {
    }

    void step(const double* x, Vector& h, Vector& c) const
    {
        const Vector fromX = affine(m_weights.w, x, m_sizes.input, m_weights.wb);
        const Vector fromH = affine(m_weights.r, h.data(), m_sizes.hidden, m_weights.rb);
        switch (m_sizes.gates) {
        case 4:
            stepLstm(fromX, fromH, h, c);
            break;
        case 3:
            stepGru(fromX, fromH, h);
            break;
        default:
            stepPlain(fromX, fromH, h);
            break;
        }
    }

private:
    [[nodiscard]] double activated(std::size_t which, double x) const
    {
        return m_activations[which](m_clip > 0.0 ? std::clamp(x, -m_clip, m_clip) : x);
    }

    void stepPlain(const Vector& fromX, const Vector& fromH, Vector& h) const
    {
        for (std::size_t j = 0; j < h.size(); ++j) {
            h[j] = activated(0, fromX[j] + fromH[j]);
        }
    }

    void stepGru(const Vector& fromX, const Vector& fromH, Vector& h) const
    {
        const std::size_t n = h.size();
        Vector reset(n);
        for (std::size_t j = 0; j < n; ++j) {
            reset[j] = activated(0, fromX[n + j] + fromH[n + j]);
        }
        Vector candidate(fromH.begin() + static_cast<std::ptrdiff_t>(2 * n), fromH.end());
        if (m_isLinearBeforeReset) {
            for (std::size_t j = 0; j < n; ++j) {
                candidate[j] *= reset[j];
            }
        } else {
            Vector gated(n);
            for (std::size_t j = 0; j < n; ++j) {
                gated[j] = reset[j] * h[j];
            }
            const auto begin = static_cast<std::ptrdiff_t>(2 * n * n);
            const Vector matrix(m_weights.r.begin() + begin, m_weights.r.end());
            const Vector bias(m_weights.rb.begin() + static_cast<std::ptrdiff_t>(2 * n), m_weights.rb.end());
            candidate = affine(matrix, gated.data(), static_cast<std::int64_t>(n), bias);
        }
        for (std::size_t j = 0; j < n; ++j) {
            const double update = activated(0, fromX[j] + fromH[j]);
            h[j] = (1.0 - update) * activated(1, fromX[2 * n + j] + candidate[j]) + update * h[j];
        }
    }

    void stepLstm(const Vector& fromX, const Vector& fromH, Vector& h, Vector& c) const
    {
        const std::size_t n = h.size();
        const Vector& p = m_weights.peephole;
        for (std::size_t j = 0; j < n; ++j) {
            const double in = activated(0, fromX[j] + fromH[j] + p[j] * c[j]);
            const double forget = m_couplesForget
                ? 1.0 - in
                : activated(0, fromX[2 * n + j] + fromH[2 * n + j] + p[2 * n + j] * c[j]);
            c[j] = forget * c[j] + in * activated(1, fromX[3 * n + j] + fromH[3 * n + j]);
            const double out = activated(0, fromX[n + j] + fromH[n + j] + p[n + j] * c[j]);
            h[j] = out * m_activations[2](c[j]);
        }
    }

    RecurrentSizes m_sizes;
    Weights m_weights;
    std::vector<Activation> m_activations;
    double m_clip;
    bool m_isLinearBeforeReset;
    bool m_couplesForget;
};

Outputs evaluateRecurrent(const Node& node, Inputs in)
{
    const RecurrentSizes s = sizesOf(node, in[0].shape(), in[1].shape(), in[2].shape());
    const Vector x = doublesOf(in[0]);
    const auto lengths = hasInput(in, 4)
        ? core::integersOf(in[4])
        : std::vector<std::int64_t>(static_cast<std::size_t>(s.batch), s.time);
    const std::size_t states = static_cast<std::size_t>(s.directions * s.batch * s.hidden);
    Vector sequence(static_cast<std::size_t>(s.time) * states, 0.0); // zero behind the end of a sequence
    Vector lastH = hasInput(in, 5) ? doublesOf(in[5]) : Vector(states, 0.0);
    Vector lastC = hasInput(in, 6) ? doublesOf(in[6]) : Vector(states, 0.0);
    for (std::int64_t d = 0; d < s.directions; ++d) {
        const Cell cell(node, s, weightsOf(s, in, d), activationsOf(node, static_cast<std::size_t>(d)));
        const bool isReverse = d == 1 || node.text("direction", "forward") == "reverse";
        for (std::int64_t b = 0; b < s.batch; ++b) {
            const std::int64_t state = (s.isBatchFirst ? b * s.directions + d : d * s.batch + b) * s.hidden;
            Vector h(lastH.begin() + state, lastH.begin() + state + s.hidden);
            Vector c(lastC.begin() + state, lastC.begin() + state + s.hidden);
            const std::int64_t length =
                std::clamp<std::int64_t>(lengths.at(static_cast<std::size_t>(b)), 0, s.time);
            if (length == 0) { // ONNX is silent; ONNX Runtime's states of an empty sequence are zero
                std::ranges::fill(h, 0.0);
                std::ranges::fill(c, 0.0);
            }
            for (std::int64_t i = 0; i < length; ++i) {
                const std::int64_t t = isReverse ? length - 1 - i : i;
                cell.step(x.data() + (s.isBatchFirst ? b * s.time + t : t * s.batch + b) * s.input, h, c);
                const std::int64_t to = s.isBatchFirst ? (b * s.time + t) * s.directions + d
                                                       : (t * s.directions + d) * s.batch + b;
                std::copy(h.begin(), h.end(), sequence.begin() + to * s.hidden);
            }
            std::copy(h.begin(), h.end(), lastH.begin() + state);
            std::copy(c.begin(), c.end(), lastC.begin() + state);
        }
    }
    const DataType type = in[0].type();
    return {castTo(makeTensor<double>(sequenceShape(s), sequence), type),
            castTo(makeTensor<double>(stateShape(s), lastH), type),
            castTo(makeTensor<double>(stateShape(s), lastC), type)};
}

constexpr OperatorDefinition kRecurrentOperators[] = {
    {"", "RNN", 7, inferRecurrent, evaluateRecurrent},
    {"", "GRU", 7, inferRecurrent, evaluateRecurrent},
    {"", "LSTM", 7, inferRecurrent, evaluateRecurrent},
};

} // namespace

std::span<const OperatorDefinition> recurrentOperators() { return kRecurrentOperators; }

} // namespace core::ops
