#include "tests/fuzz/rows.h"

namespace fuzz {

namespace {

void drawUnary(Draw& d, const Row& row) { d.node(std::string(row.type), {d.any(kFloats)}); }

void drawNumber(Draw& d, const Row& row)
{
    d.node(std::string(row.type),
           {d.any(row.type == "Neg"
                      ? Types{DataType::Float32, DataType::Float32, DataType::Float32, DataType::Float64,
                              DataType::Float16, DataType::Int32, DataType::Int8, DataType::Int64}
                      : kNumbers)});
}

void drawIsNaN(Draw& d, const Row&) { d.node("IsNaN", {d.any(kFloats)}); }

void drawIsInf(Draw& d, const Row&)
{
    const Attributes detect{{"detect_negative", d.random.between(0, 1)},
                            {"detect_positive", d.random.between(0, 1)}};
    d.node("IsInf", {d.any({DataType::Float32, DataType::Float32, DataType::Float64})}, d.some({}, detect));
}

void drawNot(Draw& d, const Row&) { d.node("Not", {d.any({DataType::Bool})}); }
void drawBitwiseNot(Draw& d, const Row&) { d.node("BitwiseNot", {d.any(kIntegers)}); }

constexpr Row kUnaryRows[] = {
    {"", "Abs", 6, drawNumber},   {"", "Neg", 6, drawNumber},
    {"", "Sign", 9, drawNumber},  {"", "Reciprocal", 6, drawUnary},
    {"", "Ceil", 6, drawUnary},   {"", "Floor", 6, drawUnary},
    {"", "Round", 11, drawUnary}, {"", "Sqrt", 6, drawUnary},
    {"", "Exp", 6, drawUnary},    {"", "Log", 6, drawUnary},
    {"", "Erf", 9, drawUnary},    {"", "Sin", 7, drawUnary},
    {"", "Cos", 7, drawUnary},    {"", "Tan", 7, drawUnary},
    {"", "Asin", 7, drawUnary},   {"", "Acos", 7, drawUnary},
    {"", "Atan", 7, drawUnary},   {"", "Sinh", 9, drawUnary},
    {"", "Cosh", 9, drawUnary},   {"", "Asinh", 9, drawUnary},
    {"", "Acosh", 9, drawUnary},  {"", "Atanh", 9, drawUnary},
    {"", "IsNaN", 9, drawIsNaN},  {"", "IsInf", 10, drawIsInf},
    {"", "Not", 6, drawNot},      {"", "BitwiseNot", 18, drawBitwiseNot},
};

} // namespace

std::span<const Row> unaryRows() { return kUnaryRows; }

} // namespace fuzz
