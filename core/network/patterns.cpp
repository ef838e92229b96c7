#include "core/network/patterns.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

namespace core {

namespace {

/// Reads the graph backwards and forwards from one node; collects what a pattern takes.
class Matcher
{
public:
    Matcher(const Graph& graph, const std::function<bool(ValueId)>& mustExist)
        : m_graph(graph)
        , m_mustExist(mustExist)
    {
    }

    std::vector<Recognised> run()
    {
        std::vector<Recognised> result;
        for (std::size_t i = 0; i < m_graph.nodes().size(); ++i) {
            for (const auto match : {&Matcher::layerNormalization, &Matcher::hardSwish, &Matcher::gelu,
                                     &Matcher::elementwiseLinear}) {
                m_nodes.clear();
                m_constants.clear();
                m_type.clear();
                auto node = m_taken.contains(i) ? std::nullopt : (this->*match)(NodeId(i));
                if (node && isClosed()) {
                    std::ranges::sort(m_nodes);
                    for (const NodeId id : m_nodes) {
                        m_taken.insert(indexOf(id));
                    }
                    node->name = m_graph.node(m_nodes.back()).name;
                    node->outputs = m_graph.node(m_nodes.back()).outputs;
                    result.push_back({std::move(*node), m_nodes, m_type, m_constants});
                    break;
                }
            }
        }
        return result;
    }

private:
    const Node& at(NodeId id) const { return m_graph.node(id); }

    /// Whether all results but the last are read inside the group only.
    bool isClosed() const
    {
        const NodeId last = *std::ranges::max_element(m_nodes);
        for (const NodeId id : m_nodes) {
            if (m_taken.contains(indexOf(id))) {
                return false;
            }
            const ValueId value = at(id).outputs[0];
            if (id == last) {
                continue;
            }
            if (m_graph.isOutput(value) || m_mustExist(value)) {
                return false;
            }
            for (const NodeId reader : m_graph.value(value).consumers) {
                if (std::ranges::find(m_nodes, reader) == m_nodes.end()) {
                    return false;
                }
            }
        }
        return true;
    }

    /// The reader of that type, taken into the group; of several the first.
    std::optional<NodeId> reader(ValueId value, std::string_view type)
    {
        for (const NodeId id : m_graph.value(value).consumers) {
            if (at(id).type == type && at(id).domain.empty()) {
                m_nodes.push_back(id);
                return id;
            }
        }
        return std::nullopt;
    }

    ValueId result(NodeId id) const { return at(id).outputs[0]; }

    const Tensor* constant(const Node& node, std::size_t i) const
    {
        return node.hasInput(i) && m_graph.value(node.inputs[i]).constant
            ? &*m_graph.value(node.inputs[i]).constant
            : nullptr;
    }

    /// The single number that a two-operand node combines `value` with.
    std::optional<double> number(NodeId id, ValueId value) const
    {
        const Node& node = at(id);
        if (node.inputs.size() != 2 || (node.inputs[0] != value && node.inputs[1] != value)) {
            return std::nullopt;
        }
        const std::size_t other = node.inputs[0] == value ? 1 : 0;
        const Tensor* tensor = constant(node, other);
        const bool isOne = tensor && tensor->count() == 1 && tensor->type() == DataType::Float32;
        return isOne && (other == 1 || node.type == "Add" || node.type == "Mul")
            ? std::optional(doublesOf(*tensor)[0])
            : std::nullopt;
    }

    static bool isNear(std::optional<double> x, double expected)
    {
        return x && std::fabs(*x - expected) <= 1e-4 * std::fabs(expected);
    }

    bool reads(NodeId id, ValueId a, ValueId b) const
    {
        const Node& node = at(id);
        return node.inputs.size() == 2
            && ((node.inputs[0] == a && node.inputs[1] == b) || (node.inputs[0] == b && node.inputs[1] == a));
    }

    /// value / divisor, by Div or by Mul with the inverse.
    std::optional<NodeId> divided(ValueId value, double divisor)
    {
        const std::size_t mark = m_nodes.size();
        if (const auto id = reader(value, "Div"); id && isNear(number(*id, value), divisor)) {
            return id;
        }
        m_nodes.resize(mark);
        if (const auto id = reader(value, "Mul"); id && isNear(number(*id, value), 1.0 / divisor)) {
            return id;
        }
        m_nodes.resize(mark);
        return std::nullopt;
    }

    std::optional<NodeId> product(ValueId a, ValueId b)
    {
        const auto id = reader(a, "Mul");
        return id && reads(*id, a, b) ? id : std::nullopt;
    }

    static Node made(std::string type, int version, std::vector<ValueId> inputs)
    {
        Node node;
        node.type = std::move(type);
        node.version = version;
        node.inputs = std::move(inputs);
        return node;
    }

    /// x · clip(x + 3, 0, 6) / 6, the division before or after the product.
    std::optional<Node> hardSwish(NodeId first)
    {
        const Node& add = at(first);
        if (add.type != "Add" || !add.domain.empty() || add.inputs.size() != 2) {
            return std::nullopt;
        }
        const ValueId x = add.inputs[constant(add, 0) ? 1 : 0];
        m_nodes = {first};
        const auto clip = isNear(number(first, x), 3.0) ? reader(result(first), "Clip") : std::nullopt;
        if (!clip || !isClip06(*clip)) {
            return std::nullopt;
        }
        const std::size_t mark = m_nodes.size();
        if (const auto gate = divided(result(*clip), 6.0); gate && product(result(*gate), x)) {
            return made("HardSwish", 14, {x});
        }
        m_nodes.resize(mark);
        const auto whole = product(result(*clip), x);
        return whole && divided(result(*whole), 6.0) ? std::optional(made("HardSwish", 14, {x}))
                                                     : std::nullopt;
    }

    bool isClip06(NodeId id) const
    {
        const Node& clip = at(id);
        const auto bound = [&](std::size_t i, std::string_view key) {
            const Tensor* tensor = constant(clip, i);
            return tensor && tensor->count() == 1 ? doublesOf(*tensor)[0]
                                                  : static_cast<double>(clip.real(key, -1.0f));
        };
        return bound(1, "min") == 0.0 && bound(2, "max") == 6.0;
    }

    /// x/2 · (1 + erf(x / √2)), the half before, after or within the product.
    std::optional<Node> gelu(NodeId first)
    {
        const Node& scaled = at(first);
        if ((scaled.type != "Div" && scaled.type != "Mul") || !scaled.domain.empty()
            || scaled.inputs.size() != 2) {
            return std::nullopt;
        }
        const ValueId x = scaled.inputs[constant(scaled, 0) ? 1 : 0];
        m_nodes = {first};
        const double root = std::sqrt(2.0);
        const auto erf = isNear(number(first, x), scaled.type == "Div" ? root : 1.0 / root)
            ? reader(result(first), "Erf")
            : std::nullopt;
        const auto add = erf ? reader(result(*erf), "Add") : std::nullopt;
        if (!add || !isNear(number(*add, result(*erf)), 1.0)) {
            return std::nullopt;
        }
        const std::size_t mark = m_nodes.size();
        Node node = made("Gelu", 1, {x});
        node.domain = "com.microsoft";
        if (const auto whole = product(result(*add), x); whole && divided(result(*whole), 2.0)) {
            return node;
        }
        m_nodes.resize(mark);
        for (const NodeId id : m_graph.value(x).consumers) {
            if (id != first
                && ((at(id).type == "Mul" && isNear(number(id, x), 0.5))
                    || (at(id).type == "Div" && isNear(number(id, x), 2.0)))) {
                m_nodes.push_back(id);
                return product(result(*add), result(id)) ? std::optional(node) : std::nullopt;
            }
        }
        return std::nullopt;
    }

    bool isMeanOfLastAxis(NodeId id) const
    {
        const Node& node = at(id);
        std::vector<std::int64_t> axes = node.integers("axes");
        if (const Tensor* given = constant(node, 1)) {
            axes = integersOf(*given);
        }
        const auto rank = static_cast<std::int64_t>(m_graph.value(node.inputs[0]).shape.size());
        return axes.size() == 1 && (axes[0] == -1 || axes[0] == rank - 1) && node.integer("keepdims", 1) == 1;
    }

    const Tensor* rowFactor(NodeId id, ValueId value, std::int64_t length, ValueId& factor) const
    {
        const Node& node = at(id);
        if (node.inputs.size() != 2) {
            return nullptr;
        }
        const std::size_t other = node.inputs[0] == value ? 1 : 0;
        const Tensor* tensor = constant(node, other);
        factor = node.inputs[other];
        return tensor && tensor->rank() == 1 && tensor->count() == length
                && tensor->type() == DataType::Float32
            ? tensor
            : nullptr;
    }

    /// (x − mean) / sqrt(mean((x − mean)²) + ε) · γ + β along the last axis.
    std::optional<Node> layerNormalization(NodeId first)
    {
        const Node& mean = at(first);
        if (mean.type != "ReduceMean" || !mean.domain.empty() || !isMeanOfLastAxis(first)) {
            return std::nullopt;
        }
        const ValueId x = mean.inputs[0];
        m_nodes = {first};
        const auto centred = reader(result(first), "Sub");
        if (!centred || at(*centred).inputs[0] != x) {
            return std::nullopt;
        }
        const ValueId d = result(*centred);
        auto square = reader(d, "Pow");
        if (square && !isNear(number(*square, d), 2.0)) {
            return std::nullopt;
        }
        if (!square && !((square = reader(d, "Mul")) && reads(*square, d, d))) {
            return std::nullopt;
        }
        const auto variance = reader(result(*square), "ReduceMean");
        const auto shifted =
            variance && isMeanOfLastAxis(*variance) ? reader(result(*variance), "Add") : std::nullopt;
        const auto epsilon = shifted ? number(*shifted, result(*variance)) : std::nullopt;
        const auto root = epsilon ? reader(result(*shifted), "Sqrt") : std::nullopt;
        const auto quotient = root ? reader(result(*root), "Div") : std::nullopt;
        if (!quotient || at(*quotient).inputs[0] != d) {
            return std::nullopt;
        }
        const std::int64_t length = m_graph.value(x).shape.back();
        ValueId gamma = kNoValue;
        ValueId beta = kNoValue;
        const auto scaled = reader(result(*quotient), "Mul");
        if (!scaled || !rowFactor(*scaled, result(*quotient), length, gamma)) {
            return std::nullopt;
        }
        const auto moved = reader(result(*scaled), "Add");
        if (!moved || !rowFactor(*moved, result(*scaled), length, beta)) {
            return std::nullopt;
        }
        Node node = made("LayerNormalization", 17, {x, gamma, beta});
        node.attributes["axis"] = std::int64_t{-1};
        node.attributes["epsilon"] = static_cast<float>(*epsilon);
        return node;
    }

    /// The constant that a two-operand node combines `value` with, one number per channel (axis 1) of a
    /// tensor of that shape; empty where it is none. A single number is spread.
    std::vector<float> channelFactor(NodeId id, ValueId value, const Shape& shape, bool& isSingle) const
    {
        const Node& node = at(id);
        if (node.inputs.size() != 2 || (node.inputs[0] != value && node.inputs[1] != value)
            || m_graph.value(result(id)).shape != shape) {
            return {};
        }
        const Tensor* tensor = constant(node, node.inputs[0] == value ? 1 : 0);
        const auto channels = static_cast<std::size_t>(shape[1]);
        if (!tensor || tensor->type() != DataType::Float32 || tensor->rank() > shape.size()
            || tensor->isEmpty()) {
            return {};
        }
        for (std::size_t k = 0; k < tensor->rank(); ++k) {
            if (tensor->shape()[k] != 1 && k + shape.size() - tensor->rank() != 1) {
                return {};
            }
        }
        const auto values = tensor->as<float>();
        isSingle = values.size() == 1;
        return isSingle ? std::vector<float>(channels, values[0])
                        : std::vector<float>(values.begin(), values.end());
    }

    /// x · a + b with constants of one number per channel.
    std::optional<Node> elementwiseLinear(NodeId first)
    {
        const Node& mul = at(first);
        if (mul.type != "Mul" || !mul.domain.empty() || mul.inputs.size() != 2) {
            return std::nullopt;
        }
        const ValueId x = mul.inputs[constant(mul, 0) ? 1 : 0];
        const Value& source = m_graph.value(x);
        if (source.constant || source.type != DataType::Float32 || source.shape.size() < 2
            || source.shape[1] < 2) {
            return std::nullopt;
        }
        m_nodes = {first};
        bool isOneFactor = false;
        bool isOneAddend = false;
        const auto factor = channelFactor(first, x, source.shape, isOneFactor);
        const auto add = factor.empty() ? std::nullopt : reader(result(first), "Add");
        const auto addend =
            add ? channelFactor(*add, result(first), source.shape, isOneAddend) : std::vector<float>();
        if (addend.empty() || (isOneFactor && isOneAddend)) {
            return std::nullopt; // of single numbers: a function of one element, two tables
        }
        const ValueId a = mul.inputs[mul.inputs[0] == x ? 1 : 0];
        const ValueId b = at(*add).inputs[at(*add).inputs[0] == result(first) ? 1 : 0];
        const Shape shape{source.shape[1]};
        const std::vector<float> zeros(factor.size(), 0.0f);
        const std::vector<float> ones(factor.size(), 1.0f);
        m_type = "ElementwiseLinear";
        m_constants = {std::nullopt, makeTensor<float>(shape, factor), makeTensor<float>(shape, addend),
                       makeTensor<float>(shape, zeros), makeTensor<float>(shape, ones)};
        Node node = made("BatchNormalization", 9, {x, a, b, b, a}); // the constants stand in for the graph's
        node.attributes["epsilon"] = 0.0f;
        return node;
    }

    const Graph& m_graph;
    const std::function<bool(ValueId)>& m_mustExist;
    std::vector<NodeId> m_nodes; // of the pattern being matched
    std::string m_type; // and what else Recognised says of it
    std::vector<std::optional<Tensor>> m_constants;
    std::set<std::size_t> m_taken; // by earlier patterns
};

} // namespace

std::vector<Recognised> recognisePatterns(const Graph& graph, const std::function<bool(ValueId)>& mustExist)
{
    return Matcher(graph, mustExist).run();
}

} // namespace core
