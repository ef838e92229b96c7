#include "core/repair/learned_rounding.h"

#include "core/graph/operator_traits.h"
#include "core/network/plan_entry.h"
#include "core/network/window_shapes.h"
#include "core/quantization/weight_quantization.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>

namespace core {

namespace {

constexpr int kMostPasses = 30;

/// What one row of weights (a result channel) meets: windows × (sources of its group · taps), as floats.
class Windows
{
public:
    Windows(const WalkStep& step, const WeightLayout& layout, std::size_t most)
        : m_layout(layout)
        , m_isConvolution(traitsOf(step.op().type).linear == LinearForm::Convolution)
    {
        if (m_isConvolution) {
            m_shape = convolutionShapeOf(step.graph, step.op());
        }
        for (const Tensor& sample : step.quantized) {
            m_sources.push_back(toLayout(sample, Layout::RowMajor));
        }
        const std::size_t each = m_isConvolution
            ? static_cast<std::size_t>(m_shape.batch * m_shape.dst[0] * m_shape.dst[1] * m_shape.dst[2])
            : static_cast<std::size_t>(m_sources[0].count()) / layout.sources();
        const std::size_t all = each * m_sources.size();
        const std::size_t count = std::min(all, most);
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t window = i * all / count;
            m_chosen.push_back({window / each, window % each});
        }
    }
    [[nodiscard]] std::size_t count() const { return m_chosen.size(); }
    [[nodiscard]] std::size_t width() const { return m_layout.sources() * m_layout.taps(); }

    /// Window i of a convolution group.
    void read(std::size_t i, std::size_t group, std::vector<float>& row) const
    {
        const auto [sample, position] = m_chosen[i];
        const auto values = m_sources[sample].as<float>();
        if (!m_isConvolution) {
            std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(position * width()), width(),
                        row.begin());
            return;
        }
        std::size_t rest = position;
        std::array<std::int64_t, 3> at{};
        for (std::size_t axis = 3; axis-- > 0;) {
            at[axis] = static_cast<std::int64_t>(rest) % m_shape.dst[axis] * m_shape.stride[axis]
                - m_shape.padBegin[axis];
            rest /= static_cast<std::size_t>(m_shape.dst[axis]);
        }
        const std::int64_t plane = m_shape.src[0] * m_shape.src[1] * m_shape.src[2];
        const auto first = static_cast<std::int64_t>(rest) * m_shape.srcChannels
            + static_cast<std::int64_t>(group * m_layout.sources());
        std::size_t k = 0;
        for (std::size_t c = 0; c < m_layout.sources(); ++c) {
            const std::int64_t base = (first + static_cast<std::int64_t>(c)) * plane;
            for (std::int64_t a = 0; a < m_shape.kernel[0]; ++a) {
                for (std::int64_t b = 0; b < m_shape.kernel[1]; ++b) {
                    for (std::int64_t d = 0; d < m_shape.kernel[2]; ++d) {
                        const std::array<std::int64_t, 3> x{at[0] + a * m_shape.dilation[0],
                                                            at[1] + b * m_shape.dilation[1],
                                                            at[2] + d * m_shape.dilation[2]};
                        const bool inside = x[0] >= 0 && x[0] < m_shape.src[0] && x[1] >= 0
                            && x[1] < m_shape.src[1] && x[2] >= 0 && x[2] < m_shape.src[2];
                        row[k++] = inside ? values[static_cast<std::size_t>(
                                       base + (x[0] * m_shape.src[1] + x[1]) * m_shape.src[2] + x[2])]
                                          : 0.0f;
                    }
                }
            }
        }
    }

private:
    struct Window
    {
        std::size_t sample;
        std::size_t position;
    };
    const WeightLayout& m_layout;
    bool m_isConvolution;
    kernels::ConvolutionShape m_shape;
    std::vector<Tensor> m_sources;
    std::vector<Window> m_chosen;
};

/// E[x·xᵀ], or its centered form, of one group: width × width.
std::vector<double> gramOf(const Windows& windows, std::size_t group, bool centered)
{
    const std::size_t n = windows.width();
    std::vector<double> gram(n * n, 0.0);
    std::vector<double> mean(n, 0.0);
    std::vector<float> row(n);
    for (std::size_t i = 0; i < windows.count(); ++i) {
        windows.read(i, group, row);
        for (std::size_t a = 0; a < n; ++a) {
            if (row[a] == 0.0f) {
                continue; // behind a Relu about half
            }
            const double x = row[a];
            mean[a] += x;
            double* const out = gram.data() + a * n;
            for (std::size_t b = 0; b < n; ++b) {
                out[b] += x * row[b];
            }
        }
    }
    const auto count = static_cast<double>(std::max<std::size_t>(windows.count(), 1));
    for (std::size_t a = 0; a < n; ++a) {
        for (std::size_t b = 0; b < n; ++b) {
            gram[a * n + b] =
                gram[a * n + b] / count - (centered ? mean[a] * mean[b] / (count * count) : 0.0);
        }
    }
    return gram;
}

/// One weight: what it can become.
struct Choice
{
    std::size_t element = 0;
    double down = 0.0; ///< error of rounding down: ⌊w/s⌋·s − w, within the codes
    double up = 0.0;
    bool isUp = false;

    [[nodiscard]] double error() const { return isUp ? up : down; }
};

double lossOf(const std::vector<Choice>& row, const std::vector<double>& gram)
{
    double loss = 0.0;
    for (std::size_t a = 0; a < row.size(); ++a) {
        for (std::size_t b = 0; b < row.size(); ++b) {
            loss += row[a].error() * gram[a * row.size() + b] * row[b].error();
        }
    }
    return loss;
}

/// Turns bits as long as one lowers Δᵀ·G·Δ.
void descend(std::vector<Choice>& row, const std::vector<double>& gram)
{
    const std::size_t n = row.size();
    std::vector<double> slope(n, 0.0); // G·Δ
    for (std::size_t a = 0; a < n; ++a) {
        for (std::size_t b = 0; b < n; ++b) {
            slope[a] += gram[a * n + b] * row[b].error();
        }
    }
    bool moved = true;
    for (int pass = 0; pass < kMostPasses && moved; ++pass) {
        moved = false;
        for (std::size_t k = 0; k < n; ++k) {
            const double step = row[k].isUp ? row[k].down - row[k].up : row[k].up - row[k].down;
            const double change = step * (2.0 * slope[k] + step * gram[k * n + k]);
            if (change < -1e-12 * std::fabs(step * step * gram[k * n + k])) {
                row[k].isUp = !row[k].isUp;
                moved = true;
                for (std::size_t a = 0; a < n; ++a) {
                    slope[a] += step * gram[a * n + k];
                }
            }
        }
    }
}

} // namespace

LearnedRounding learnRounding(const WalkStep& step, bool centered, std::size_t positions)
{
    const Operator& op = step.op();
    const QuantizedWeights& weights = *step.resolvedOp().weights;
    const DequantizedWeights reals(op, weights);
    const WeightLayout& layout = reals.layout();
    const Windows windows(step, layout, positions);
    const std::vector<float> values = livingWeights(op, weights.dead);
    std::vector<std::vector<Choice>> rows(layout.channels(), std::vector<Choice>(windows.width()));
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto [scale, zeroPoint] = reals.paramsAt(i);
        const float steps = values[i] / scale;
        const auto clamped = [&, z = zeroPoint](float code) {
            const auto lowest = static_cast<float>(weights.params.codes.lowest - z);
            return static_cast<double>(
                std::clamp(code, lowest, static_cast<float>(weights.params.codes.highest - z)));
        };
        Choice& choice = rows[layout.channelOf(i)][layout.sourceOf(i) * layout.taps() + layout.tapOf(i)];
        choice.element = i;
        choice.down = clamped(std::floor(steps)) * scale - values[i];
        choice.up = values[i] == 0.0f ? choice.down : clamped(std::floor(steps) + 1.0f) * scale - values[i];
        choice.isUp = values[i] != 0.0f && std::nearbyint(steps) > std::floor(steps);
    }
    LearnedRounding result;
    std::vector<std::uint8_t> bits((values.size() + 7) / 8, 0);
    const std::size_t perGroup = layout.channels() / layout.convGroups();
    for (std::size_t group = 0; group < layout.convGroups(); ++group) {
        const std::vector<double> gram = gramOf(windows, group, centered);
        for (std::size_t r = group * perGroup; r < (group + 1) * perGroup; ++r) {
            result.nearest += lossOf(rows[r], gram);
            descend(rows[r], gram);
            result.learned += lossOf(rows[r], gram);
            for (const Choice& choice : rows[r]) {
                bits[choice.element / 8] = static_cast<std::uint8_t>(
                    bits[choice.element / 8] | (choice.isUp ? 1u << choice.element % 8 : 0u));
            }
        }
    }
    result.mask.bits = std::make_shared<const std::vector<std::uint8_t>>(std::move(bits));
    return result;
}

bool learnRoundingOf(Session& session, QuantizationPlan& plan,
                     const std::function<bool(const Operator&)>& isWanted, std::size_t samples,
                     const std::stop_token& stop, const ProgressCallback& progress)
{
    return walkOperators(
        session, plan, samples,
        [&](const WalkStep& step, QuantizationPlan& changed) {
            const std::size_t rank = step.graph.value(step.op().inputs[0]).shape.size();
            const bool hasWindows = traitsOf(step.op().type).linear == LinearForm::Convolution
                || (!isTransposedConvolution(step.op().type) && rank >= 2);
            if (!isWanted(step.op()) || !hasWindows) {
                return false;
            }
            OperatorSettings& entry = entryOf(changed, step.op());
            const auto correction = changed.settingsFor(step.op().name, step.op().type)
                                        .weight.biasCorrection.value_or(BiasCorrection{});
            entry.weight.roundingMask =
                learnRounding(step, correction.kind != BiasCorrection::Kind::None).mask;
            return true;
        },
        stop, progress);
}

} // namespace core
