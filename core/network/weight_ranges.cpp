#include "core/network/weight_ranges.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

namespace core {

namespace {

using Kind = kernels::Activation::Kind;

constexpr double kDeviations = 6.0;

} // namespace

WeightRanges::WeightRanges(const Operator& op)
    : m_layout(op.node, *op.constants[1])
    , m_perGroup(m_layout.channels() / m_layout.convGroups())
    , m_largest(m_layout.channels() * m_layout.sources(), 0.0f)
    , m_reach(m_layout.channels(), 0.0)
    , m_row(m_layout.channels(), 1.0)
    , m_column(m_layout.sourceChannels(), 1.0)
{
    const auto values = op.constants[1]->as<float>();
    for (std::size_t i = 0; i < values.size(); ++i) {
        float& largest = m_largest[m_layout.channelOf(i) * m_layout.sources() + m_layout.sourceOf(i)];
        largest = std::max(largest, std::fabs(values[i]));
        m_reach[m_layout.channelOf(i)] += static_cast<double>(values[i]) * values[i];
    }
    const bool hasBias = op.constants.size() > 2 && op.constants[2];
    const auto bias = hasBias ? op.constants[2]->as<float>() : std::span<const float>{};
    const double most =
        op.activation.kind == Kind::Clip ? op.activation.beta : std::numeric_limits<double>::infinity();
    for (std::size_t c = 0; c < m_reach.size(); ++c) {
        const double shift = hasBias ? std::fabs(bias[bias.size() == 1 ? 0 : c]) : 0.0;
        m_reach[c] = std::min(most, shift + kDeviations * std::sqrt(m_reach[c]));
    }
}

template <typename Function>
void WeightRanges::forEach(Function function) const
{
    for (std::size_t row = 0; row < m_row.size(); ++row) {
        for (std::size_t k = 0; k < m_layout.sources(); ++k) {
            const std::size_t column = row / m_perGroup * m_layout.sources() + k;
            function(row, column, m_largest[row * m_layout.sources() + k] * m_row[row] * m_column[column]);
        }
    }
}

std::vector<double> WeightRanges::ofRows() const
{
    std::vector<double> result(m_row.size(), 0.0);
    forEach([&](std::size_t row, std::size_t, double value) { result[row] = std::max(result[row], value); });
    return result;
}

std::vector<double> WeightRanges::ofColumns() const
{
    std::vector<double> result(m_column.size(), 0.0);
    forEach([&](std::size_t, std::size_t column, double value) {
        result[column] = std::max(result[column], value);
    });
    return result;
}

std::vector<double> WeightRanges::reach() const
{
    std::vector<double> result(m_reach);
    for (std::size_t row = 0; row < result.size(); ++row) {
        result[row] *= m_row[row];
    }
    return result;
}

void WeightRanges::applyTo(Operator& op) const
{
    const auto values = op.constants[1]->as<float>();
    TensorBuilder scaled(DataType::Float32, op.constants[1]->shape());
    const auto dst = scaled.as<float>();
    for (std::size_t i = 0; i < values.size(); ++i) {
        dst[i] = static_cast<float>(values[i]
                                    * (m_row[m_layout.channelOf(i)] * m_column[m_layout.sourceChannelOf(i)]));
    }
    op.constants[1] = std::move(scaled).finish();
    scaleResult(op);
}

void WeightRanges::scaleResult(Operator& op) const
{
    if (std::ranges::all_of(m_row, [](double factor) { return factor == 1.0; })) {
        return;
    }
    if (op.constants.size() > 2 && op.constants[2]) {
        const auto given = op.constants[2]->as<float>();
        std::vector<float> bias;
        for (std::size_t c = 0; c < m_row.size(); ++c) {
            bias.push_back(static_cast<float>(given[given.size() == 1 ? 0 : c] * m_row[c]));
        }
        op.constants[2] =
            makeTensor<float>({static_cast<std::int64_t>(bias.size())}, std::span<const float>(bias));
    }
    if (op.activation.kind != Kind::Clip) {
        return;
    }
    if (op.activation.beta < std::numeric_limits<float>::max()) {
        for (const double factor : m_row) {
            op.upperBounds.push_back(static_cast<float>(op.activation.beta * factor));
        }
    }
    op.activation = {op.activation.alpha == 0.0f ? Kind::Relu : Kind::None};
}

} // namespace core
