#include "tests/fuzz/rows.h"

namespace fuzz {

namespace {

const Types kBool{DataType::Bool};
const Types kWideNumbers{DataType::Float32, DataType::Float32, DataType::Float32, DataType::Float32,
                         DataType::Float64, DataType::Float16, DataType::Int32,   DataType::Int64,
                         DataType::UInt32,  DataType::UInt64};

/// Both operands in either position, one of them broadcast, constant, or the same value twice.
Names operands(Draw& d, const Types& types)
{
    const std::string a = d.any(types);
    if (d.random.chance(0.07)) {
        d.form("same value twice");
        return {a, a};
    }
    const std::string b = d.value({d.type(a)}, d.broadcastable(d.shape(a)));
    return d.random.chance(0.5) ? Names{a, b} : Names{b, a};
}

/// Opset 6: the second operand fits from `axis` on, or is equal.
void drawOldBinary(Draw& d, const Row& row, const Types& types)
{
    d.form("opset 6 broadcast");
    const std::string a = d.any(types, 1);
    const std::int64_t axis = d.random.between(0, d.rank(a) - 1);
    const std::int64_t last = d.random.between(axis + 1, d.rank(a));
    const Shape& whole = d.shape(a);
    const std::string b = d.value({d.type(a)}, Shape(whole.begin() + axis, whole.begin() + last));
    Attributes attributes{{"broadcast", std::int64_t{1}}};
    if (last != d.rank(a) || d.random.chance(0.5)) {
        attributes["axis"] = axis;
    }
    d.node(std::string(row.type), {a, b}, attributes);
}

void drawBinary(Draw& d, const Row& row, const Types& types)
{
    if (d.opset < 7) {
        drawOldBinary(d, row, kFloat);
    } else {
        d.node(std::string(row.type), operands(d, types));
    }
}

void drawArithmetic(Draw& d, const Row& row) { drawBinary(d, row, d.opset >= 14 ? kNumbers : kWideNumbers); }

/// Integers are never divided by 0.
void drawDivision(Draw& d, const Row& row)
{
    if (d.opset < 7) {
        drawOldBinary(d, row, kFloat);
        return;
    }
    const std::string a = d.any(d.opset >= 14 ? kNumbers : kWideNumbers);
    const Shape shape = d.broadcastable(d.shape(a));
    if (core::isFloatingPoint(d.type(a))) {
        const std::string b = d.value({d.type(a)}, shape);
        d.node("Div", d.random.chance(0.5) ? Names{a, b} : Names{b, a});
    } else {
        d.node("Div", {a, d.given(drawIntegers(d.random, d.type(a), shape, 1, 5))});
    }
}

void drawComparison(Draw& d, const Row& row)
{
    const Types old = d.opset < 9
        ? (row.type == "Equal" ? Types{DataType::Int32, DataType::Int64, DataType::Bool} : kFloat)
        : kNumbers;
    drawBinary(d, row, d.opset < 7 && row.type != "Equal" ? kFloat : old);
}

void drawLogical(Draw& d, const Row& row) { d.node(std::string(row.type), operands(d, kBool)); }

void drawBitwise(Draw& d, const Row& row) { d.node(std::string(row.type), operands(d, kIntegers)); }

void drawBitShift(Draw& d, const Row&)
{
    const std::string a = d.any({DataType::UInt8, DataType::UInt32, DataType::UInt64, DataType::UInt16});
    const std::string b = d.given(drawIntegers(d.random, d.type(a), d.broadcastable(d.shape(a)), 0, 7));
    d.node("BitShift", {a, b}, {{"direction", std::string(d.random.pick({"LEFT", "RIGHT"}))}});
}

void drawVariadic(Draw& d, const Row& row)
{
    const bool takesIntegers = d.opset >= 12 && (row.type == "Max" || row.type == "Min");
    Names all{d.any(takesIntegers ? kNumbers : kFloats)};
    const Shape shape = d.shape(all[0]);
    for (std::int64_t more = d.random.between(0, 3); more > 0; --more) {
        all.push_back(d.value({d.type(all[0])}, d.opset < 8 ? shape : d.broadcastable(shape)));
        // What is above it in rank would not broadcast with the next.
        if (d.rank(all.back()) > std::ssize(shape)) {
            break;
        }
    }
    if (d.opset >= 8 && d.random.chance(0.3) && all.size() == 2) {
        std::swap(all[0], all[1]);
    }
    d.node(std::string(row.type), all);
}

void drawPow(Draw& d, const Row&)
{
    const std::string a = d.any(d.opset >= 12 ? Types{DataType::Float32, DataType::Float32, DataType::Float64,
                                                      DataType::Int32, DataType::Int64}
                                              : kFloat);
    const Types types = d.opset >= 12 ? Types{DataType::Float32, DataType::Int32, DataType::Int64} : kFloat;
    const DataType type =
        d.opset >= 12 && core::isFloatingPoint(d.type(a)) ? d.random.pick(types) : d.type(a);
    const Shape shape = d.broadcastable(d.shape(a));
    const bool isWhole = d.random.chance(0.6) || !core::isFloatingPoint(type);
    d.node("Pow",
           {a,
            isWhole
                ? d.given(drawIntegers(d.random, type, shape, core::isFloatingPoint(d.type(a)) ? -2 : 0, 3))
                : d.value({type}, shape)});
}

void drawMod(Draw& d, const Row&)
{
    const std::string a = d.any(kNumbers);
    const bool isReal = core::isFloatingPoint(d.type(a));
    const std::string b =
        d.given(isReal ? drawTensor(d.random, d.type(a), d.broadcastable(d.shape(a)), Values::Positive)
                       : drawIntegers(d.random, d.type(a), d.broadcastable(d.shape(a)), 1, 6));
    Attributes attributes;
    if (isReal || d.random.chance(0.3)) {
        attributes["fmod"] = std::int64_t{1};
    }
    d.node("Mod", {a, b}, attributes);
}

void drawWhere(Draw& d, const Row&)
{
    const std::string a = d.any(kNumbers);
    const Shape shape = d.shape(a);
    const std::string b = d.value({d.type(a)}, d.random.chance(0.5) ? shape : d.broadcastable(shape));
    const bool isPlain = d.random.chance(0.5) || core::broadcastShapes(shape, d.shape(b)) != shape;
    const std::string condition = d.value(kBool, isPlain ? shape : d.broadcastable(shape));
    d.node("Where", d.random.chance(0.5) ? Names{condition, a, b} : Names{condition, b, a});
}

void drawPRelu(Draw& d, const Row&)
{
    const std::string x = d.any(kFloats, d.opset < 7 ? 2 : 1);
    const Shape& shape = d.shape(x);
    Shape slope;
    if (d.opset < 7) {
        d.form("opset 6 PRelu");
        slope = d.random.chance(0.5) ? Shape{1} : Shape{shape[1]};
    } else if (d.random.chance(0.6) && shape.size() > 1) {
        slope = Shape(shape.size() - 1, 1);
        slope[0] = shape[1];
    } else {
        do {
            slope = d.broadcastable(shape);
        } while (slope.size() > shape.size() || core::broadcastShapes(shape, slope) != shape);
    }
    d.node("PRelu", {x, d.random.chance(0.8) ? d.weights(slope, d.type(x)) : d.value({d.type(x)}, slope)});
}

constexpr Row kElementwiseRows[] = {
    {"", "Add", 6, drawArithmetic},
    {"", "Sub", 6, drawArithmetic},
    {"", "Mul", 6, drawArithmetic},
    {"", "Div", 6, drawDivision},
    {"", "Sum", 6, drawVariadic},
    {"", "Max", 6, drawVariadic},
    {"", "Min", 6, drawVariadic},
    {"", "Mean", 6, drawVariadic},
    {"", "Pow", 7, drawPow},
    {"", "Mod", 10, drawMod},
    {"", "BitShift", 11, drawBitShift},
    {"", "BitwiseAnd", 18, drawBitwise},
    {"", "BitwiseOr", 18, drawBitwise},
    {"", "BitwiseXor", 18, drawBitwise},
    {"", "Equal", 7, drawComparison},
    {"", "Greater", 7, drawComparison},
    {"", "Less", 7, drawComparison},
    {"", "GreaterOrEqual", 12, drawComparison},
    {"", "LessOrEqual", 12, drawComparison},
    {"", "And", 7, drawLogical},
    {"", "Or", 7, drawLogical},
    {"", "Xor", 7, drawLogical},
    {"", "Where", 9, drawWhere},
    {"", "PRelu", 6, drawPRelu},
};

} // namespace

std::span<const Row> elementwiseRows() { return kElementwiseRows; }

} // namespace fuzz
