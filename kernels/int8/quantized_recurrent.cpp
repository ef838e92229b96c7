#include "kernels/int8/quantized_recurrent.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace kernels {

namespace {

// tanh is flat to within half of its own step of 1/127 beyond 4, sigmoid beyond 8.
constexpr float kSigmoidScale = 8.0f / 127.0f;
constexpr float kTanhScale = 4.0f / 127.0f;

int gateCode(float preActivation, float scale)
{
    return static_cast<int>(std::clamp(std::nearbyint(preActivation / scale), -127.0f, 127.0f));
}

float sigmoidOfCode(int code)
{
    const double y = 1.0 / (1.0 + std::exp(-static_cast<double>(code) * static_cast<double>(kSigmoidScale)));
    return static_cast<float>(std::nearbyint(y * 255.0) / 255.0);
}

float tanhOfCode(int code)
{
    const double y = std::tanh(static_cast<double>(code) * static_cast<double>(kTanhScale));
    return static_cast<float>(std::nearbyint(y * 127.0) / 127.0);
}

std::array<float, 255> tableOf(float (*function)(int))
{
    std::array<float, 255> table{};
    for (int code = -127; code <= 127; ++code) {
        table[static_cast<std::size_t>(code + 127)] = function(code);
    }
    return table;
}

struct TableGates
{
    static float sigmoid(float x)
    {
        static const auto kTable = tableOf(sigmoidOfCode);
        return kTable[static_cast<std::size_t>(gateCode(x, kSigmoidScale) + 127)];
    }
    static float tanh(float x)
    {
        static const auto kTable = tableOf(tanhOfCode);
        return kTable[static_cast<std::size_t>(gateCode(x, kTanhScale) + 127)];
    }
};

struct PlainGates
{
    static float sigmoid(float x) { return sigmoidOfCode(gateCode(x, kSigmoidScale)); }
    static float tanh(float x) { return tanhOfCode(gateCode(x, kTanhScale)); }
};

std::int8_t hiddenCode(float h)
{
    return static_cast<std::int8_t>(std::clamp(std::nearbyint(h / kHiddenScale), -128.0f, 127.0f));
}

/// What the gates see: sums of both sides for every row, in FP32 with bias.
struct Sides
{
    std::vector<float> input;
    std::vector<float> recurrent;
};

template <typename Gates>
void advance(const QuantizedRecurrentSpec& spec, const Sides& s, RecurrentState& state)
{
    const auto n = static_cast<std::size_t>(spec.hidden);
    const auto pre = [&](std::size_t row) { return s.input[row] + s.recurrent[row]; };
    for (std::size_t k = 0; k < n; ++k) {
        float h = 0.0f;
        if (spec.cell == RecurrentCell::Lstm) {
            const float in = Gates::sigmoid(pre(k));
            const float out = Gates::sigmoid(pre(n + k));
            const float forget = Gates::sigmoid(pre(2 * n + k));
            const float candidate = Gates::tanh(pre(3 * n + k));
            state.cell[k] = forget * state.cell[k] + in * candidate;
            h = out * Gates::tanh(state.cell[k]);
        } else {
            const float update = Gates::sigmoid(pre(k));
            const float candidate = Gates::tanh(pre(2 * n + k)); // the reset gate is already in it
            const float before = kHiddenScale * static_cast<float>(state.hidden[k]);
            h = (1.0f - update) * candidate + update * before;
        }
        state.hidden[k] = hiddenCode(h);
    }
}

float realOf(std::int32_t sum, float scale, float bias) { return static_cast<float>(sum) * scale + bias; }

/// Exact: |sum| < 2^31 for up to 2^16 products.
std::int32_t dot(const std::int8_t* row, const std::int16_t* values, std::size_t count)
{
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
        sum += static_cast<std::int32_t>(row[i]) * values[i];
    }
    return sum;
}

void applySide(const std::vector<std::int8_t>& weights, const std::vector<float>& scale,
               const std::vector<float>& bias, float valueScale, std::span<const std::int16_t> values,
               std::size_t firstRow, std::span<float> result)
{
    for (std::size_t row = 0; row < result.size(); ++row) {
        const std::size_t r = firstRow + row;
        result[row] = realOf(dot(weights.data() + r * values.size(), values.data(), values.size()),
                             valueScale * scale[r], bias[r]);
    }
}

std::vector<std::int16_t> centred(std::span<const std::byte> codes, const QuantizedFormat& format)
{
    std::vector<std::int16_t> values;
    values.reserve(codes.size());
    for (const std::byte code : codes) {
        const int q = format.type == ElementType::S8 ? static_cast<int>(static_cast<std::int8_t>(code))
                                                     : static_cast<int>(code);
        values.push_back(static_cast<std::int16_t>(q - format.zeroPoint));
    }
    return values;
}

/// Hidden codes with the reset gate applied, rounded again to codes: what the GRU's candidate sees when the
/// reset comes before the product.
template <typename Gates>
std::vector<std::int16_t> resetHidden(const Sides& s, const RecurrentState& state)
{
    const std::size_t n = state.hidden.size();
    std::vector<std::int16_t> values(n);
    for (std::size_t k = 0; k < n; ++k) {
        const float reset = Gates::sigmoid(s.input[n + k] + s.recurrent[n + k]);
        values[k] = hiddenCode(reset * (kHiddenScale * static_cast<float>(state.hidden[k])));
    }
    return values;
}

template <typename Gates, typename Apply>
void step(const QuantizedRecurrentSpec& spec, std::span<const std::byte> x, RecurrentState& state,
          Apply apply)
{
    const auto n = static_cast<std::size_t>(spec.hidden);
    const std::size_t rows = (spec.cell == RecurrentCell::Lstm ? 4 : 3) * n;
    Sides s{std::vector<float>(rows), std::vector<float>(rows)};
    const std::vector<std::int16_t> hidden(state.hidden.begin(), state.hidden.end());
    apply(spec.weights, spec.weightScale, spec.bias, spec.x.scale, centred(x, spec.x), 0, std::span(s.input));
    const bool resetsFirst = spec.cell == RecurrentCell::Gru && !spec.linearBeforeReset;
    apply(spec.recurrence, spec.recurrenceScale, spec.recurrenceBias, kHiddenScale, hidden, 0,
          std::span(s.recurrent).first(resetsFirst ? 2 * n : rows));
    if (resetsFirst) {
        apply(spec.recurrence, spec.recurrenceScale, spec.recurrenceBias, kHiddenScale,
              resetHidden<Gates>(s, state), 2 * n, std::span(s.recurrent).subspan(2 * n));
    } else if (spec.cell == RecurrentCell::Gru) {
        for (std::size_t k = 0; k < n; ++k) {
            s.recurrent[2 * n + k] *= Gates::sigmoid(s.input[n + k] + s.recurrent[n + k]);
        }
    }
    advance<Gates>(spec, s, state);
}

} // namespace

void recurrentStep(const QuantizedRecurrentSpec& spec, std::span<const std::byte> x, RecurrentState& state)
{
    step<TableGates>(spec, x, state, applySide);
}

void referenceRecurrentStep(const QuantizedRecurrentSpec& spec, std::span<const std::byte> x,
                            RecurrentState& state)
{
    const auto plain = [](const std::vector<std::int8_t>& weights, const std::vector<float>& scale,
                          const std::vector<float>& bias, float valueScale,
                          std::span<const std::int16_t> values, std::size_t firstRow,
                          std::span<float> result) {
        for (std::size_t row = 0; row < result.size(); ++row) {
            const std::size_t r = firstRow + row;
            std::int64_t sum = 0;
            for (std::size_t i = 0; i < values.size(); ++i) {
                sum += static_cast<std::int64_t>(weights[r * values.size() + i]) * values[i];
            }
            result[row] = static_cast<float>(sum) * (valueScale * scale[r]) + bias[r];
        }
    };
    step<PlainGates>(spec, x, state, plain);
}

} // namespace kernels
