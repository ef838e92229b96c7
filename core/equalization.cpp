#include "core/equalization.h"

#include "core/error.h"
#include "core/weight_layout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace core {

namespace {

using Kind = kernels::Activation::Kind;

constexpr int kMostRounds = 200;
constexpr double kSettled = 1e-3; // change of ln s that no longer counts
constexpr double kDeviations = 6.0;
constexpr double kNoReach = 1e-30;
constexpr double kMostScale = 1e18; // and its inverse: products of two such stay finite

bool isLinear(const Operator& op)
{
    const bool named =
        op.type == "Conv" || op.type == "ConvTranspose" || op.type == "Gemm" || op.type == "MatMul";
    const bool hasWeights = op.node.domain.empty() && op.constants.size() > 1 && op.constants[1]
        && op.constants[1]->type() == DataType::Float32 && !op.constants[0];
    const bool isConvolution = op.type == "Conv" || op.type == "ConvTranspose";
    return named && hasWeights && (isConvolution || op.constants[1]->rank() == 2)
        && !op.node.integer("transA", 0);
}

bool hasBiasPerChannel(const Operator& op)
{
    if (op.inputs.size() < 3 || op.inputs[2] == kNoValue) {
        return op.constants.size() < 3 || !op.constants[2] || op.constants[2]->type() == DataType::Float32;
    }
    if (!op.constants[2] || op.constants[2]->type() != DataType::Float32) {
        return false;
    }
    const auto channels = static_cast<std::int64_t>(WeightLayout(op.node, *op.constants[1]).channels());
    return op.constants[2]->count() == 1 || op.constants[2]->count() == channels;
}

/// Whether it commutes with multiplying each channel by a factor above 0.
bool isHomogeneous(const Operator& op)
{
    switch (op.activation.kind) {
    case Kind::None:
    case Kind::Relu:
        return true;
    case Kind::LeakyRelu:
        return op.activation.alpha >= 0.0f;
    case Kind::Clip:
        return op.activation.alpha == 0.0f || op.activation.alpha <= std::numeric_limits<float>::lowest();
    case Kind::HardSwish:
    case Kind::Sigmoid:
        break;
    }
    return false;
}

/// Whether it passes channels on, each by itself and positively homogeneous. C: their number.
bool passesOn(const OperatorGraph& graph, const Operator& op, std::int64_t channels)
{
    constexpr std::array kByChannel{"MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool",
                                    "Relu",    "LeakyRelu",   "Identity",      "Dropout"};
    constexpr std::array kReshapes{"Flatten", "Reshape", "Squeeze"};
    const auto isOneOf = [&](const auto& types) {
        return std::ranges::any_of(types, [&](const char* t) { return op.type == t; });
    };
    if (!op.node.domain.empty() || op.activation.kind != Kind::None || op.residual || op.inputs.empty()
        || op.inputs[0] == kNoValue) {
        return false;
    }
    const Shape& from = graph.value(op.inputs[0]).shape;
    const Shape& to = graph.value(op.result()).shape;
    if (from.size() < 2 || to.size() < 2 || from[1] != channels || to[1] != channels) {
        return false;
    }
    if (op.type == "LeakyRelu" && op.node.real("alpha", 0.01f) < 0.0f) {
        return false;
    }
    return isOneOf(kByChannel)
        || (isOneOf(kReshapes) && elementCount(from) == from[0] * channels
            && elementCount(to) == to[0] * channels);
}

/// Whether that value has this operator as its only reader, once.
bool isReadOnce(const OperatorGraph& graph, ValueId id, const Operator& reader)
{
    return !graph.graph->isOutput(id) && graph.consumersOf[indexOf(id)].size() == 1
        && std::ranges::count(reader.inputs, id) == 1
        && !(graph.written && graph.written->values.contains(graph.value(id).name));
}

struct Found
{
    std::optional<OperatorId> producer;
    std::string obstacle;
};

/// The linear operator behind the source of another.
Found producerOf(const OperatorGraph& graph, const Operator& consumer)
{
    if (!isLinear(consumer)) {
        return {std::nullopt, "it is no convolution or matrix product with constant weights"};
    }
    const auto channels =
        static_cast<std::int64_t>(WeightLayout(consumer.node, *consumer.constants[1]).sourceChannels());
    const Operator* reader = &consumer;
    while (true) {
        const ValueId source = reader->inputs[0];
        const auto id = graph.producerOf[indexOf(source)];
        const Shape& shape = graph.value(source).shape;
        if (!id || graph.at(*id).type == "Input") {
            return {std::nullopt, "it reads an input of the network"};
        }
        const Operator& writer = graph.at(*id);
        if (!isReadOnce(graph, source, *reader)) {
            return {std::nullopt, fmt::format("'{}' has other readers", graph.value(source).name)};
        }
        const bool isLast = consumer.type == "MatMul" && shape.size() != 2;
        if (isLinear(writer)) {
            const bool alignsLast = writer.type == "MatMul" && shape.size() != 2;
            if (isLast != alignsLast
                || static_cast<std::int64_t>(WeightLayout(writer.node, *writer.constants[1]).channels())
                    != channels) {
                return {std::nullopt, fmt::format("{} has other channels", writer.name)};
            }
            if (writer.residual) {
                return {std::nullopt, fmt::format("{} adds another tensor", writer.name)};
            }
            if (!hasBiasPerChannel(writer)) {
                return {std::nullopt,
                        fmt::format("{} has a bias that is none of its channels'", writer.name)};
            }
            if (!isHomogeneous(writer)) {
                return {std::nullopt, fmt::format("the activation of {} does not scale", writer.name)};
            }
            return {*id, {}};
        }
        if (isLast || !passesOn(graph, writer, channels)) {
            return {std::nullopt,
                    fmt::format("{} ({}) between them does not scale", writer.name, writer.type)};
        }
        reader = &writer;
    }
}

/// max|W| of a linear operator by result and source channel, and the factors that both have got so far.
class Ranges
{
public:
    explicit Ranges(const Operator& op)
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
    [[nodiscard]] std::vector<double> ofRows() const
    {
        std::vector<double> result(m_row.size(), 0.0);
        forEach(
            [&](std::size_t row, std::size_t, double value) { result[row] = std::max(result[row], value); });
        return result;
    }
    [[nodiscard]] std::vector<double> ofColumns() const
    {
        std::vector<double> result(m_column.size(), 0.0);
        forEach([&](std::size_t, std::size_t column, double value) {
            result[column] = std::max(result[column], value);
        });
        return result;
    }
    /// How far each result channel reaches, as far as weights and bias tell: the bound of its Clip, or
    /// |b_c| + 6·‖W_c‖, six deviations of sources of unit size.
    [[nodiscard]] std::vector<double> reach() const
    {
        std::vector<double> result(m_reach);
        for (std::size_t row = 0; row < result.size(); ++row) {
            result[row] *= m_row[row];
        }
        return result;
    }
    void scaleRow(std::size_t row, double factor) { m_row[row] *= factor; }
    void scaleColumn(std::size_t column, double factor) { m_column[column] *= factor; }

    /// Constants with all factors applied, rounded once.
    void applyTo(Operator& op) const
    {
        const auto values = op.constants[1]->as<float>();
        TensorBuilder scaled(DataType::Float32, op.constants[1]->shape());
        const auto dst = scaled.as<float>();
        for (std::size_t i = 0; i < values.size(); ++i) {
            dst[i] = static_cast<float>(
                values[i] * (m_row[m_layout.channelOf(i)] * m_column[m_layout.sourceChannelOf(i)]));
        }
        op.constants[1] = std::move(scaled).finish();
        scaleResult(op);
    }

private:
    void scaleResult(Operator& op) const
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

    template <typename Function>
    void forEach(Function function) const
    {
        for (std::size_t row = 0; row < m_row.size(); ++row) {
            for (std::size_t k = 0; k < m_layout.sources(); ++k) {
                const std::size_t column = row / m_perGroup * m_layout.sources() + k;
                function(row, column,
                         m_largest[row * m_layout.sources() + k] * m_row[row] * m_column[column]);
            }
        }
    }

    WeightLayout m_layout;
    std::size_t m_perGroup;
    std::vector<float> m_largest;
    std::vector<double> m_reach;
    std::vector<double> m_row;
    std::vector<double> m_column;
};

double medianOf(std::vector<double> values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

class Equalizer
{
public:
    Equalizer(OperatorGraph& graph, const EqualizationWishes& wishes)
        : m_graph(graph)
        , m_ranges(graph.operators.size())
    {
        if (!wishes.all.scale.empty() || std::ranges::any_of(wishes.types, [](const auto& item) {
                return !item.second.scale.empty();
            })) {
            throw Error(ErrorKind::Usage,
                        "plan: weight.equalize: scales belong to one operator; for all, say true");
        }
        for (std::size_t i = 0; i < graph.operators.size(); ++i) {
            add(OperatorId(i), wishes.of(graph.operators[i]));
        }
    }

    void run()
    {
        for (const Pair& pair : m_pairs) {
            if (!pair.given.empty()) {
                scale(pair, std::vector<double>(pair.given.begin(), pair.given.end()));
            }
        }
        double moved = 1.0;
        for (int round = 0; round < kMostRounds && moved > kSettled; ++round) {
            moved = 0.0;
            for (const Pair& pair : m_pairs) {
                moved = pair.given.empty() ? std::max(moved, balance(pair)) : moved;
            }
        }
        for (std::size_t i = 0; i < m_ranges.size(); ++i) {
            if (m_ranges[i]) {
                m_ranges[i]->applyTo(m_graph.operators[i]);
            }
        }
        for (const Pair& pair : m_pairs) {
            m_graph.equalized.push_back(
                {pair.producer, pair.consumer, {pair.total.begin(), pair.total.end()}});
        }
    }

private:
    struct Pair
    {
        OperatorId producer{};
        OperatorId consumer{};
        std::vector<float> given;
        mutable std::vector<double> total; ///< product of all scales so far
    };

    void add(OperatorId id, const Equalization& wish)
    {
        const Operator& op = m_graph.at(id);
        if (!wish.isOn()) {
            return;
        }
        const Found found = producerOf(m_graph, op);
        if (!found.producer) {
            if (!wish.scale.empty()) {
                throw Error(ErrorKind::Usage,
                            fmt::format("plan: {}: nothing takes the scales of weight.equalize: {}", op.name,
                                        found.obstacle));
            }
            return;
        }
        for (const OperatorId member : {*found.producer, id}) {
            if (!m_ranges[indexOf(member)]) {
                m_ranges[indexOf(member)] = std::make_unique<Ranges>(m_graph.at(member));
            }
        }
        const std::size_t channels = m_ranges[indexOf(id)]->ofColumns().size();
        const bool isUsable =
            std::ranges::all_of(wish.scale, [](float s) { return s > 0.0f && std::isfinite(s); });
        if (!wish.scale.empty() && (wish.scale.size() != channels || !isUsable)) {
            throw Error(
                ErrorKind::Usage,
                fmt::format(
                    "plan: {}: weight.equalize needs {} scales above 0, one per source channel; there are {}",
                    op.name, channels, wish.scale.size()));
        }
        m_pairs.push_back({*found.producer, id, wish.scale, std::vector<double>(channels, 1.0)});
    }

    void scale(const Pair& pair, const std::vector<double>& scales)
    {
        for (std::size_t c = 0; c < scales.size(); ++c) {
            m_ranges[indexOf(pair.producer)]->scaleRow(c, 1.0 / scales[c]);
            m_ranges[indexOf(pair.consumer)]->scaleColumn(c, scales[c]);
            pair.total[c] *= scales[c];
        }
    }

    /// Largest change of ln s.
    double balance(const Pair& pair)
    {
        // A channel that is almost constant has tiny weights and a bias: by weights alone it would be blown
        // up until it set the range of all activations.
        std::vector<double> rows = m_ranges[indexOf(pair.producer)]->ofRows();
        const std::vector<double> reach = m_ranges[indexOf(pair.producer)]->reach();
        const double perReach = medianOf(rows) / std::max(medianOf(reach), kNoReach);
        for (std::size_t c = 0; c < rows.size(); ++c) {
            rows[c] = std::max(rows[c], perReach * reach[c]);
        }
        const std::vector<double> columns = m_ranges[indexOf(pair.consumer)]->ofColumns();
        std::vector<double> scales;
        scales.reserve(rows.size());
        double moved = 0.0;
        for (std::size_t c = 0; c < rows.size(); ++c) {
            const bool hasBoth = rows[c] > 0.0 && columns[c] > 0.0;
            const double wanted = hasBoth ? pair.total[c] * std::sqrt(rows[c] / columns[c]) : pair.total[c];
            scales.push_back(std::clamp(wanted, 1.0 / kMostScale, kMostScale) / pair.total[c]);
            moved = std::max(moved, std::fabs(std::log(scales.back())));
        }
        scale(pair, scales);
        return moved;
    }

    OperatorGraph& m_graph;
    std::vector<std::unique_ptr<Ranges>> m_ranges; // by OperatorId, of those in a pair
    std::vector<Pair> m_pairs;
};

} // namespace

const Equalization& EqualizationWishes::of(const Operator& op) const
{
    if (const auto found = operators.find(op.name); found != operators.end()) {
        return found->second;
    }
    for (const std::string& inner : op.nodeNames) {
        if (const auto found = operators.find(inner); found != operators.end()) {
            return found->second;
        }
    }
    const auto found = types.find(op.type);
    return found != types.end() ? found->second : all;
}

std::string obstacleToEqualization(const OperatorGraph& graph, const Operator& consumer)
{
    return producerOf(graph, consumer).obstacle;
}

void equalizeWeights(OperatorGraph& graph, const EqualizationWishes& wishes)
{
    if (!wishes.isEmpty()) {
        Equalizer(graph, wishes).run();
    }
}

} // namespace core
