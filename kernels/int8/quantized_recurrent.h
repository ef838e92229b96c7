#pragma once

#include "kernels/shape/quantized_format.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace kernels {

enum class RecurrentCell : std::uint8_t
{
    Lstm, ///< gates in ONNX's order: input, output, forget, cell
    Gru ///< update, reset, hidden
};

/// One direction of an LSTM or GRU with quantized gates (Caffe2's LSTMUnit of DNNLOWP did the same for its
/// gates).
///
/// Codes of x and h meet s8 weights in exact int32 sums; the pre-activation of a gate, in FP32, is rounded to
/// one of 255 codes, in −8…8 before a sigmoid and −4…4 before a tanh, and goes through a table whose results
/// are rounded to multiples of 1/255 (sigmoid) or 1/127 (tanh). The cell state of an LSTM stays FP32; the
/// hidden state is rounded to multiples of 1/128 in −1…1 in every step.
struct QuantizedRecurrentSpec
{
    RecurrentCell cell = RecurrentCell::Lstm;
    std::int64_t input = 0;
    std::int64_t hidden = 0;
    QuantizedFormat x; ///< U8 or S8
    std::vector<std::int8_t> weights; ///< (gates·hidden) × input
    std::vector<std::int8_t> recurrence; ///< (gates·hidden) × hidden
    std::vector<float> weightScale; ///< one per row
    std::vector<float> recurrenceScale;
    std::vector<float> bias; ///< of the input side, one per row
    std::vector<float> recurrenceBias; ///< of the recurrent side, one per row
    bool linearBeforeReset = false; ///< GRU
};

/// hidden: codes at 1/128; cell: FP32, empty for a GRU. One item of the batch.
struct RecurrentState
{
    std::vector<std::int8_t> hidden;
    std::vector<float> cell;
};

inline constexpr float kHiddenScale = 1.0f / 128.0f;

/// One step of one item: x holds `input` codes. Bit-equal to referenceRecurrentStep.
void recurrentStep(const QuantizedRecurrentSpec& spec, std::span<const std::byte> x, RecurrentState& state);

void referenceRecurrentStep(const QuantizedRecurrentSpec& spec, std::span<const std::byte> x,
                            RecurrentState& state);

} // namespace kernels
