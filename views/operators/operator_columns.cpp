#include "views/operators/operator_columns.h"

#include <QCoreApplication>

#include <array>

namespace views {

namespace {

// In the order of Column. Titles carry the unit, help the formula.
constexpr std::array<OperatorColumn, OperatorsModel::kColumns> kColumns{{
    {QT_TRANSLATE_NOOP("OperatorsModel", "Operator"),
     QT_TRANSLATE_NOOP("OperatorsModel", "ONNX name of the operator's anchor node"), false, true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "At output"),
     QT_TRANSLATE_NOOP(
         "OperatorsModel",
         "Error of the network's output when only this operator is quantized: ‖y−ŷ‖₂ / ‖y‖₂, in percent"),
     true, true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Why"),
     QT_TRANSLATE_NOOP("OperatorsModel", "What most of the error comes from; the tooltip has the numbers"),
     false, true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Type"), QT_TRANSLATE_NOOP("OperatorsModel", "ONNX operator type"),
     false, true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Precision"),
     QT_TRANSLATE_NOOP(
         "OperatorsModel",
         "Effective precision. An asterisk marks one that differs from the wish; the tooltip says why"),
     false, true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Isolated"),
     QT_TRANSLATE_NOOP("OperatorsModel",
                       "Own error: the operator runs quantized and in FP32 on the same quantized inputs. "
                       "‖y−ŷ‖₂ / ‖y‖₂, in percent"),
     true, true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Iso. dB"),
     QT_TRANSLATE_NOOP("OperatorsModel",
                       "SQNR of the isolated error: −20·log₁₀(‖y−ŷ‖₂ / ‖y‖₂), in dB; ∞ without error"),
     true, true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Med. chan."),
     QT_TRANSLATE_NOOP("OperatorsModel",
                       "Median over channels of the isolated ‖y_c−ŷ_c‖₂ / ‖y_c‖₂: a whole-tensor norm hides "
                       "ruined small channels"),
     true, false},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Accum."),
     QT_TRANSLATE_NOOP("OperatorsModel",
                       "Quantized pipeline against the FP32 pipeline, both from the network's input: ‖y−ŷ‖₂ "
                       "/ ‖y‖₂, in percent"),
     true, true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Acc. dB"),
     QT_TRANSLATE_NOOP("OperatorsModel", "SQNR of the accumulated error: −20·log₁₀(‖y−ŷ‖₂ / ‖y‖₂), in dB"),
     true, true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "LSB"),
     QT_TRANSLATE_NOOP(
         "OperatorsModel",
         "Isolated RMSE in steps of the output scale: sqrt(Σ(y−ŷ)²/n) / scale; rounding alone gives 0.29"),
     true, false},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Clipped"),
     QT_TRANSLATE_NOOP("OperatorsModel", "Share of FP32 output values outside the representable range"), true,
     true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Range used"),
     QT_TRANSLATE_NOOP("OperatorsModel", "Share of the representable range that the FP32 values span"), true,
     false},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Saturated"),
     QT_TRANSLATE_NOOP("OperatorsModel",
                       "Share of the quantized pipeline's values at the highest code, or at the lowest where "
                       "that is not zero"),
     true, false},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Weights"),
     QT_TRANSLATE_NOOP("OperatorsModel", "‖w−ŵ‖₂ / ‖w‖₂ of the quantized weights, in percent"), true, false},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Method"),
     QT_TRANSLATE_NOOP("OperatorsModel", "Calibration method of the output activation"), false, true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Threshold"),
     QT_TRANSLATE_NOOP("OperatorsModel",
                       "Range that the method chose for the output, in the tensor's own unit"),
     true, true},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Scale"),
     QT_TRANSLATE_NOOP("OperatorsModel", "Step of the output's grid: real = scale × (q − zero point)"), true,
     false},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Weight method"),
     QT_TRANSLATE_NOOP("OperatorsModel", "Calibration method and granularity of the weights"), false, false},
    {QT_TRANSLATE_NOOP("OperatorsModel", "FP32 time"),
     QT_TRANSLATE_NOOP("OperatorsModel", "Time of the FP32 operator per sample"), true, false},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Int8 time"),
     QT_TRANSLATE_NOOP("OperatorsModel", "Time of the quantized operator per sample"), true, false},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Depth"),
     QT_TRANSLATE_NOOP("OperatorsModel", "Longest path from an input, in operators"), true, false},
    {QT_TRANSLATE_NOOP("OperatorsModel", "Implementation"),
     QT_TRANSLATE_NOOP("OperatorsModel", "What computed the quantized operator"), false, false},
    {QT_TRANSLATE_NOOP("OperatorsModel", "ONNX nodes"),
     QT_TRANSLATE_NOOP("OperatorsModel", "The ONNX nodes fused into this operator"), false, false},
}};

} // namespace

const OperatorColumn& columnOf(OperatorsModel::Column column)
{
    return kColumns[static_cast<std::size_t>(column)];
}

} // namespace views
