#include "tests/fuzz/rows.h"

namespace fuzz {

namespace {

void drawReal(Draw& d, const Row& row) { d.node(std::string(row.type), {d.any(kFloats)}); }

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

constexpr Row kRows[] = {
    {"", "Abs", 6, drawNumber},  {"", "Neg", 6, drawNumber},
    {"", "Sign", 9, drawNumber}, {"", "Reciprocal", 6, drawReal},
    {"", "Ceil", 6, drawReal},   {"", "Floor", 6, drawReal},
    {"", "Round", 11, drawReal}, {"", "Sqrt", 6, drawReal},
    {"", "Exp", 6, drawReal},    {"", "Log", 6, drawReal},
    {"", "Erf", 9, drawReal},    {"", "Sin", 7, drawReal},
    {"", "Cos", 7, drawReal},    {"", "Tan", 7, drawReal},
    {"", "Asin", 7, drawReal},   {"", "Acos", 7, drawReal},
    {"", "Atan", 7, drawReal},   {"", "Sinh", 9, drawReal},
    {"", "Cosh", 9, drawReal},   {"", "Asinh", 9, drawReal},
    {"", "Acosh", 9, drawReal},  {"", "Atanh", 9, drawReal},
    {"", "IsNaN", 9, drawIsNaN}, {"", "IsInf", 10, drawIsInf},
    {"", "Not", 6, drawNot},     {"", "BitwiseNot", 18, drawBitwiseNot},
};

} // namespace

std::span<const Row> unaryRows() { return kRows; }

} // namespace fuzz
