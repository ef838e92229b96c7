#include "core/graph/dynamic_products.h"

#include "core/graph/code_params.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

namespace core {

namespace {

class Finder
{
public:
    explicit Finder(const Graph& graph)
        : m_graph(graph)
    {
    }

    DynamicProducts run()
    {
        for (std::size_t i = 0; i < m_graph.nodes().size(); ++i) {
            if (m_graph.nodes()[i].type == "MatMulInteger" && m_graph.nodes()[i].domain.empty()) {
                add(NodeId(i));
            }
        }
        absorbSources();
        return std::move(m_result);
    }

private:
    const Node* producer(ValueId id) const
    {
        const auto& node = m_graph.value(id).producer;
        return node ? &m_graph.node(*node) : nullptr;
    }

    std::optional<NodeId> soleReader(ValueId id) const
    {
        const Value& value = m_graph.value(id);
        return value.consumers.size() == 1 && !m_graph.isOutput(id) ? std::optional(value.consumers.front())
                                                                    : std::nullopt;
    }

    static std::size_t otherInput(const Node& node, ValueId id) { return node.inputs[0] == id ? 1 : 0; }

    /// Scale of the weights where `scales` is the product of the source's scale and theirs.
    const Tensor* weightScale(ValueId scales, ValueId sourceScale) const
    {
        const Node* mul = producer(scales);
        if (!mul || mul->type != "Mul" || !soleReader(scales)
            || std::ranges::find(mul->inputs, sourceScale) == mul->inputs.end()) {
            return nullptr;
        }
        return constantInput(m_graph, *mul, otherInput(*mul, sourceScale));
    }

    void add(NodeId id)
    {
        const Node& node = m_graph.node(id);
        const Node* quantize = node.hasInput(0) ? producer(node.inputs[0]) : nullptr;
        const Tensor* codes = constantInput(m_graph, node, 1);
        const bool isDynamic = quantize && quantize->type == "DynamicQuantizeLinear" && node.hasInput(2)
            && node.inputs[0] == quantize->outputs[0] && node.inputs[2] == quantize->outputs[2];
        const auto cast =
            isDynamic && codes && codes->rank() == 2 ? soleReader(node.outputs[0]) : std::nullopt;
        if (!cast || m_graph.node(*cast).type != "Cast" || m_graph.node(*cast).integer("to", 0) != 1) {
            return;
        }
        const ValueId sums = m_graph.node(*cast).outputs[0];
        const auto last = soleReader(sums);
        if (!last || m_graph.node(*last).type != "Mul") {
            return;
        }
        const ValueId scales = m_graph.node(*last).inputs[otherInput(m_graph.node(*last), sums)];
        const Tensor* scale = weightScale(scales, quantize->outputs[1]);
        const auto params = scale ? paramsOf(node, *codes, *scale) : std::nullopt;
        if (!params) {
            return;
        }
        m_result.byLast[indexOf(*last)] = {id, quantize->inputs[0], node.inputs[1], *params,
                                           m_graph.node(*last).outputs[0]};
        for (const NodeId part : {id, *cast, *m_graph.value(scales).producer, *last}) {
            m_result.absorbed.insert(indexOf(part));
        }
    }

    std::optional<QuantizationParams> paramsOf(const Node& node, const Tensor& codes,
                                               const Tensor& scale) const
    {
        const Tensor* zeroPoint = constantInput(m_graph, node, 3);
        const auto columns = static_cast<std::size_t>(codes.shape()[1]);
        const auto count = static_cast<std::size_t>(scale.count());
        const bool fits = count == 1 || (count == columns && scale.shape().back() == codes.shape()[1]);
        if (!fits || (node.hasInput(3) && !zeroPoint)
            || (codes.type() != DataType::Int8 && codes.type() != DataType::UInt8)) {
            return std::nullopt;
        }
        QuantizationParams params;
        params.type = codes.type();
        params.codes = wholeCodeRange(codes.type());
        for (const double s : doublesOf(scale)) {
            params.scale.push_back(static_cast<float>(s));
        }
        const auto zeros = zeroPoint ? integersOf(*zeroPoint) : std::vector<std::int64_t>{0};
        if (zeros.size() != 1 && zeros.size() != count) {
            return std::nullopt;
        }
        for (std::size_t c = 0; c < count; ++c) {
            params.zeroPoint.push_back(static_cast<std::int32_t>(zeros[zeros.size() == 1 ? 0 : c]));
        }
        if (count > 1) {
            params.axis = 1;
        }
        const bool isUsable =
            std::ranges::all_of(params.scale, [](float s) { return std::isfinite(s) && s > 0.0f; });
        return isUsable ? std::optional(params) : std::nullopt;
    }

    /// A DynamicQuantizeLinear that only products read goes with them.
    void absorbSources()
    {
        for (std::size_t i = 0; i < m_graph.nodes().size(); ++i) {
            const Node& node = m_graph.nodes()[i];
            const bool isFree =
                node.type == "DynamicQuantizeLinear"
                && std::ranges::all_of(node.outputs, [&](ValueId output) {
                       return output == kNoValue
                           || (!m_graph.isOutput(output)
                               && std::ranges::all_of(m_graph.value(output).consumers, [&](NodeId reader) {
                                      return m_result.absorbed.contains(indexOf(reader));
                                  }));
                   });
            if (isFree) {
                m_result.absorbed.insert(i);
            }
        }
    }

    const Graph& m_graph;
    DynamicProducts m_result;
};

} // namespace

DynamicProducts findDynamicProducts(const Graph& graph) { return Finder(graph).run(); }

} // namespace core
