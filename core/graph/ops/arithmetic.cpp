#include "core/graph/ops/definitions.h"
#include "core/graph/ops/element_types.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/strided.h"

#include <algorithm>
#include <cmath>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

/// dst[i] = f(a[i], b[i]) after broadcasting, each operand in its own type, the result in a's.
template <typename F>
Tensor combined(const Tensor& a, const Tensor& b, F f)
{
    const Shape shape = broadcastShapes(a.shape(), b.shape());
    const Tensor left = broadcastTo(a, shape);
    const Tensor right = broadcastTo(b, shape);
    TensorBuilder builder(a.type(), shape);
    visitNumber(a.type(), [&]<typename T>(std::type_identity<T>) {
        const auto x = left.as<T>();
        const auto y = right.as<T>();
        const auto dst = builder.as<T>();
        for (std::size_t i = 0; i < x.size(); ++i) {
            dst[i] = narrowed<T>(f(widened(x[i]), widened(y[i])));
        }
    });
    return std::move(builder).finish();
}

// Integers wrap, as the hardware does: computed unsigned, where overflow is defined.
template <typename T>
using Wrapping =
    std::conditional_t<std::is_integral_v<T>, std::make_unsigned<T>, std::type_identity<T>>::type;

struct Add
{
    template <typename T>
    T operator()(T a, T b) const
    {
        return static_cast<T>(static_cast<Wrapping<T>>(a) + static_cast<Wrapping<T>>(b));
    }
};
struct Subtract
{
    template <typename T>
    T operator()(T a, T b) const
    {
        return static_cast<T>(static_cast<Wrapping<T>>(a) - static_cast<Wrapping<T>>(b));
    }
};
struct Multiply
{
    template <typename T>
    T operator()(T a, T b) const
    {
        if constexpr (std::is_integral_v<T>) {
            return static_cast<T>(static_cast<std::uint64_t>(a)
                                  * static_cast<std::uint64_t>(b)); // no promotion to int
        } else {
            return a * b;
        }
    }
};
struct Divide
{
    template <typename T>
    T operator()(T a, T b) const
    {
        if constexpr (std::is_integral_v<T>) {
            if (b == 0) {
                throw Error(ErrorKind::InvalidModel, "integer division by zero");
            }
            if constexpr (std::is_signed_v<T>) {
                if (b == T(-1)) {
                    return Subtract{}(T{}, a); // the lowest value divided by −1 wraps
                }
            }
        }
        return static_cast<T>(a / b);
    }
};
struct Larger
{
    template <typename T>
    T operator()(T a, T b) const
    {
        return a != a || a > b ? a : b;
    } // NaN wins
};
struct Smaller
{
    template <typename T>
    T operator()(T a, T b) const
    {
        return a != a || a < b ? a : b;
    }
};

template <typename F>
Outputs evaluateBinary(const Node&, Inputs in)
{
    return {combined(in[0], in[1], F{})};
}

/// Sum, Max, Min of any number of operands, from left to right.
template <typename F>
Outputs evaluateVariadic(const Node&, Inputs in)
{
    Tensor result = in[0];
    for (const Tensor& next : in.subspan(1)) {
        result = combined(result, next, F{});
    }
    return {std::move(result)};
}

Outputs evaluateMean(const Node&, Inputs in)
{
    const Shape shape = broadcastOf(in);
    std::vector<double> sums(static_cast<std::size_t>(elementCount(shape)));
    for (const Tensor& tensor : in) {
        const auto values = doublesOf(broadcastTo(tensor, shape));
        for (std::size_t i = 0; i < sums.size(); ++i) {
            sums[i] += values[i];
        }
    }
    for (double& sum : sums) {
        sum /= static_cast<double>(in.size());
    }
    return {castTo(makeTensor<double>(shape, sums), in[0].type())};
}

std::vector<ValueInfo> inferPow(const InferContext& c)
{
    requireInputs(c, 2);
    return {{c.inputs[0].type, broadcastOf(c)}}; // the exponent may have another type
}

/// Computed in double; the result takes the type of the base.
Outputs evaluatePow(const Node&, Inputs in)
{
    const Shape shape = broadcastOf(in);
    auto base = doublesOf(broadcastTo(in[0], shape));
    const auto exponent = doublesOf(broadcastTo(in[1], shape));
    for (std::size_t i = 0; i < base.size(); ++i) {
        base[i] = std::pow(base[i], exponent[i]);
    }
    return {castTo(makeTensor<double>(shape, base), in[0].type())};
}

/// fmod = 0: the sign of the divisor (integers only); fmod = 1: the sign of the dividend, as C's fmod.
Outputs evaluateMod(const Node& node, Inputs in)
{
    const bool isFmod = node.integer("fmod", 0) != 0;
    return {combined(in[0], in[1], [=]<typename T>(T a, T b) -> T {
        if constexpr (std::is_floating_point_v<T>) {
            const T rest = std::fmod(a, b);
            return isFmod || rest == 0 || (rest < 0) == (b < 0) ? rest : rest + b;
        } else {
            if (b == 0) {
                throw Error(ErrorKind::InvalidModel, "integer division by zero");
            }
            if constexpr (std::is_signed_v<T>) {
                if (b == T(-1)) {
                    return 0;
                }
            }
            const T rest = static_cast<T>(a % b);
            return isFmod || rest == 0 || (rest < 0) == (b < 0) ? rest : static_cast<T>(rest + b);
        }
    })};
}

template <typename F>
Outputs bitwise(Inputs in, F f)
{
    const Shape shape = broadcastOf(in);
    const Tensor left = broadcastTo(in[0], shape);
    const Tensor right = broadcastTo(in[1], shape);
    TensorBuilder builder(in[0].type(), shape);
    visitInteger(in[0].type(), [&]<typename T>(std::type_identity<T>) {
        const auto x = left.as<T>();
        const auto y = right.as<T>();
        const auto dst = builder.as<T>();
        for (std::size_t i = 0; i < x.size(); ++i) {
            dst[i] = static_cast<T>(f(x[i], y[i]));
        }
    });
    return {std::move(builder).finish()};
}

Outputs evaluateBitShift(const Node& node, Inputs in)
{
    const bool isLeft = node.text("direction", "") == "LEFT";
    return bitwise(in, [=]<typename T>(T x, T y) -> std::uint64_t {
        const auto bits = static_cast<std::uint64_t>(x);
        const auto by = static_cast<std::uint64_t>(y);
        return by >= 8 * sizeof(T) ? 0 : isLeft ? bits << by : bits >> by;
    });
}

constexpr OperatorDefinition kArithmeticOperators[] = {
    {"", "Add", 7, inferBinary, evaluateBinary<Add>},
    {"", "Sub", 7, inferBinary, evaluateBinary<Subtract>},
    {"", "Mul", 7, inferBinary, evaluateBinary<Multiply>},
    {"", "Div", 7, inferBinary, evaluateBinary<Divide>},
    {"", "Sum", 6, inferBroadcast, evaluateVariadic<Add>},
    {"", "Max", 6, inferBroadcast, evaluateVariadic<Larger>},
    {"", "Min", 6, inferBroadcast, evaluateVariadic<Smaller>},
    {"", "Mean", 6, inferBroadcast, evaluateMean},
    {"", "Pow", 7, inferPow, evaluatePow},
    {"", "Mod", 10, inferBinary, evaluateMod},
    {"", "BitShift", 11, inferBinary, evaluateBitShift},
    {"", "BitwiseAnd", 18, inferBinary,
     [](const Node&, Inputs in) { return bitwise(in, [](auto x, auto y) { return x & y; }); }},
    {"", "BitwiseOr", 18, inferBinary,
     [](const Node&, Inputs in) { return bitwise(in, [](auto x, auto y) { return x | y; }); }},
    {"", "BitwiseXor", 18, inferBinary,
     [](const Node&, Inputs in) { return bitwise(in, [](auto x, auto y) { return x ^ y; }); }},
};

} // namespace

std::span<const OperatorDefinition> arithmeticOperators() { return kArithmeticOperators; }

} // namespace core::ops
