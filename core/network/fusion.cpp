#include "core/graph/operator_traits.h"
#include "core/network/activation_rules.h"
#include "core/network/fold_constants.h"
#include "core/network/fold_rules.h"
#include "core/network/gemm_form.h"
#include "core/network/link_operators.h"
#include "core/network/operator_graph.h"
#include "core/network/patterns.h"

#include <algorithm>
#include <iterator>
#include <map>

namespace core {

namespace {

using Kind = kernels::Activation::Kind;

bool isLinearNode(const Node& node) { return node.domain.empty() && isLinear(node.type); }
bool isAdd(const std::string& type) { return traitsOf(type).binary == kernels::BinaryOperation::Add; }

/// Whether a runtime computes it behind that product.
bool isFused(FusedFunctions functions, Kind kind, const std::string& product)
{
    const bool isEverywhere = kernels::hasKernel(kind);
    const bool isAsMxnet = functions == FusedFunctions::AsMxnet
        && (!isConvolution(product) || kind == Kind::Tanh || kind == Kind::Elu || kind == Kind::Gelu);
    return isEverywhere || isAsMxnet || functions == FusedFunctions::All;
}

/// One pass over the nodes of a graph; each node ends up in exactly one operator.
class Fuser
{
public:
    Fuser(std::shared_ptr<const Graph> graph, const FusionOptions& options)
        : m_graph(std::move(graph))
        , m_options(options)
        , m_taken(m_graph->nodes().size(), false)
    {
    }

    std::shared_ptr<const OperatorGraph> run()
    {
        for (const ValueId id : m_graph->inputs()) {
            addInput(id);
        }
        findGroups();
        absorbPads();
        // The later of two convolutions takes their Add: go from the end. What is left of the Adds anchors
        // itself.
        std::vector<Operator> anchored;
        for (const bool linear : {true, false}) {
            for (std::size_t i = m_graph->nodes().size(); i-- > 0;) {
                const Node& node = m_graph->nodes()[i];
                if (!m_taken[i] && !m_groupOf.contains(i) && isLinearNode(node) == linear
                    && canAnchor(node)) {
                    m_taken[i] = true;
                    anchored.push_back(grow(NodeId(i)));
                }
            }
        }
        for (const Recognised& group : m_groups) {
            if (!m_taken[indexOf(group.nodes.back())]) {
                m_operators.push_back(grouped(group));
            }
        }
        for (std::size_t i = 0; i < m_graph->nodes().size(); ++i) {
            if (!m_taken[i]) {
                m_operators.push_back(single(NodeId(i)));
            }
        }
        std::ranges::move(anchored, std::back_inserter(m_operators));
        return linkOperators(m_graph, m_options, std::move(m_operators));
    }

private:
    const Value& value(ValueId id) const { return m_graph->value(id); }
    const Tensor* constant(ValueId id) const { return constantOf(*m_graph, id); }

    void addInput(ValueId id)
    {
        Operator op;
        op.name = value(id).name;
        op.type = "Input";
        op.outputs = {id};
        m_operators.push_back(std::move(op));
    }

    Operator withConstants(const Node& node) const
    {
        Operator op;
        op.name = node.name;
        op.type = node.type;
        op.node = node;
        op.inputs = node.inputs;
        op.outputs = node.outputs;
        for (const ValueId input : op.inputs) {
            const Tensor* tensor = constant(input);
            op.constants.push_back(tensor ? std::optional(*tensor) : std::nullopt);
        }
        return op;
    }

    Operator single(NodeId id) const
    {
        Operator op = withConstants(m_graph->node(id));
        op.nodes = {id};
        foldGemmFactors(*m_graph, m_options.written.get(), op);
        return op;
    }

    void findGroups()
    {
        if (!m_options.enabled) {
            return;
        }
        const auto mustExist = [&](ValueId id) { return isWritten(id); };
        m_groups = recognisePatterns(*m_graph, mustExist);
        for (std::size_t i = 0; i < m_groups.size(); ++i) {
            for (const NodeId node : m_groups[i].nodes) {
                m_groupOf[indexOf(node)] = i;
            }
        }
    }

    Operator grouped(const Recognised& group)
    {
        Operator op;
        op.name = group.node.name;
        op.type = group.type.empty() ? group.node.type : group.type;
        op.group = op.type + " pattern";
        op.node = group.node;
        op.nodes = group.nodes;
        op.inputs = group.node.inputs;
        op.outputs = group.node.outputs;
        op.constants = group.constants;
        for (std::size_t i = op.constants.size(); i < op.inputs.size(); ++i) {
            const Tensor* tensor = constant(op.inputs[i]);
            op.constants.push_back(tensor ? std::optional(*tensor) : std::nullopt);
        }
        for (const NodeId node : group.nodes) {
            m_taken[indexOf(node)] = true;
        }
        return op;
    }

    /// The quantized model quantizes the value.
    bool isWritten(ValueId id) const
    {
        return m_options.written && m_options.written->values.contains(value(id).name);
    }

    bool canAnchor(const Node& node) const
    {
        if (!m_options.enabled || !node.domain.empty()) {
            return false;
        }
        if (isAdd(node.type)) {
            return true; // Add + Relu is one operator, as DNNLOWP's SumRelu
        }
        if (!isLinearNode(node)) {
            return m_options.fuseRelu
                && (traitsOf(node.type).kind == OperatorKind::Sum || isConstantNormalization(node));
        }
        const Tensor* weights =
            isLinearNode(node) && node.inputs.size() > 1 ? constant(node.inputs[1]) : nullptr;
        // Weights of one axis have no output channels, and a C of Gemm that is a matrix is no bias.
        return weights && weights->type() == DataType::Float32 && weights->rank() >= 2
            && hasPlainBias(withConstants(node));
    }

    /// A BatchNormalization of one result, whose factors are known.
    bool isConstantNormalization(const Node& node) const
    {
        return node.type == "BatchNormalization" && node.domain.empty() && node.outputs.size() == 1
            && hasConstants(*m_graph, node) && !node.integer("training_mode", 0);
    }

    /// The only reader of an operator's result, when nothing else needs that value.
    std::optional<NodeId> soleReader(ValueId id, bool ofAnyDomain = false) const
    {
        if (value(id).consumers.size() != 1 || m_graph->isOutput(id) || isWritten(id)
            || m_groupOf.contains(indexOf(value(id).consumers.front()))) {
            return std::nullopt;
        }
        const NodeId reader = value(id).consumers.front();
        const bool isKnown = ofAnyDomain || m_graph->node(reader).domain.empty();
        return m_taken[indexOf(reader)] || !isKnown ? std::nullopt : std::optional(reader);
    }

    void take(Operator& op, NodeId id)
    {
        m_taken[indexOf(id)] = true;
        op.nodes.push_back(id);
        op.outputs = m_graph->node(id).outputs;
    }

    Operator grow(NodeId anchor)
    {
        Operator op = single(anchor);
        if (const auto pad = m_padOf.find(indexOf(anchor)); pad != m_padOf.end()) {
            mergePad(op, pad->second);
        }
        if (isLinearNode(op.node) && !hasBatchedWeights(op)) { // whose matrices have scales of their own
            while (foldNext(op)) { }
            fuseResidual(op);
        }
        fuseActivation(op);
        std::ranges::sort(op.nodes);
        return op;
    }

    /// A bias or a BatchNormalization right behind the operator.
    bool foldNext(Operator& op)
    {
        const auto reader = soleReader(op.outputs[0]);
        if (!reader) {
            return false;
        }
        const Node& next = m_graph->node(*reader);
        op.inputs.resize(3, kNoValue);
        op.constants.resize(3);
        const LinearConstants now{*op.constants[1], op.constants[2].value_or(Tensor())};
        LinearConstants folded;
        if (isConstantNormalization(next) && next.inputs[0] == op.outputs[0] && !isMatMul(op.type)
            && isPlainGemm(op)) {
            folded = foldBatchNormalization(op.node, now, *constant(next.inputs[1]),
                                            *constant(next.inputs[2]), *constant(next.inputs[3]),
                                            *constant(next.inputs[4]), next.real("epsilon", 1e-5f));
        } else if (const Tensor* addend = biasAddend(*m_graph, op, next)) {
            folded = foldBias(op.node, now, *addend);
        } else {
            return false;
        }
        op.constants[1] = folded.weights;
        op.constants[2] = folded.bias;
        take(op, *reader);
        return true;
    }

    void fuseResidual(Operator& op)
    {
        bool wanted = m_options.fuseResidual;
        if (const auto it = m_options.residualByName.find(op.name); it != m_options.residualByName.end()) {
            wanted = it->second;
        }
        const auto reader = wanted ? soleReader(op.outputs[0]) : std::nullopt;
        if (!reader || !isAdd(m_graph->node(*reader).type)) {
            return;
        }
        const Node& add = m_graph->node(*reader);
        const ValueId other = add.inputs[add.inputs[0] == op.outputs[0] ? 1 : 0];
        if (other == op.outputs[0] || constant(other) || value(other).shape != value(op.outputs[0]).shape
            || value(other).type != DataType::Float32 || value(other).shape.size() < 2) {
            return;
        }
        // A scale that is chosen at run time is its product's own: the sum reads reals.
        if (m_options.written
            && (!isWritten(other) || m_options.written->values.at(value(other).name).scale.empty())) {
            return; // reals that the model adds to reals: no integer operator reads them
        }
        op.inputs.resize(3, kNoValue);
        op.constants.resize(3);
        op.residual = 3;
        op.inputs.push_back(other);
        op.constants.emplace_back();
        take(op, *reader);
    }

    /// A written-out activation that alone reads the operator's result becomes its own.
    bool fuseWrittenOut(Operator& op)
    {
        const ValueId id = op.outputs[0];
        const auto& readers = value(id).consumers;
        if (readers.empty() || !isLinearNode(op.node) || m_graph->isOutput(id) || isWritten(id)) {
            return false;
        }
        const auto first = m_groupOf.find(indexOf(readers.front()));
        const Kind kind =
            first == m_groupOf.end() ? Kind::None : traitsOf(m_groups[first->second].node.type).activation;
        if (kind == Kind::None || !isFused(m_options.functions, kind, op.type)) {
            return false;
        }
        for (const NodeId reader : readers) {
            const auto group = m_groupOf.find(indexOf(reader));
            if (group == m_groupOf.end() || group->second != first->second) {
                return false;
            }
        }
        op.activation = {kind};
        for (const NodeId node : m_groups[first->second].nodes) {
            take(op, node);
        }
        return true;
    }

    void fuseActivation(Operator& op)
    {
        if (fuseWrittenOut(op)) {
            return;
        }
        const auto reader = soleReader(op.outputs[0], true);
        if (!reader) {
            return;
        }
        const Node& next = m_graph->node(*reader);
        const auto activation = activationOf(*m_graph, next, op.outputs[0]);
        // Only Relu and Clip behind sums: their integer kernels know no other.
        if (!activation
            || (!isLinearNode(op.node) && activation->kind != Kind::Relu && activation->kind != Kind::Clip)
            || !isFused(m_options.functions, activation->kind, op.type) || isTable(*activation, next)) {
            return;
        }
        op.activation = *activation;
        take(op, *reader);
    }

    /// DNNLOWP's table reads codes: nothing is fused in front of it.
    bool isTable(const kernels::Activation& activation, const Node& node) const
    {
        return (activation.kind == Kind::Sigmoid || activation.kind == Kind::Tanh)
            && m_options.tables.of(node);
    }

    /// A Pad of zeros around the spatial axes, read by one Conv only, becomes the Conv's own padding.
    void absorbPads()
    {
        if (!m_options.enabled) {
            return;
        }
        for (std::size_t i = 0; i < m_graph->nodes().size(); ++i) {
            const Node& node = m_graph->nodes()[i];
            if (node.type != "Pad" || !node.domain.empty() || node.text("mode", "constant") != "constant") {
                continue;
            }
            const auto reader = soleReader(node.outputs[0]);
            const auto pads = zeroSpatialPads(*m_graph, node);
            if (!reader || !pads || m_graph->node(*reader).type != "Conv"
                || !canAnchor(m_graph->node(*reader))
                || m_graph->node(*reader).text("auto_pad", "NOTSET") != "NOTSET"
                || m_graph->node(*reader).inputs[0] != node.outputs[0]) {
                continue;
            }
            m_taken[i] = true;
            m_padOf[indexOf(*reader)] = {NodeId(i), *pads};
        }
    }

    struct AbsorbedPad
    {
        NodeId node{};
        std::vector<std::int64_t> pads; ///< begins of all axes, then ends
    };

    void mergePad(Operator& op, const AbsorbedPad& pad)
    {
        const std::size_t spatial = pad.pads.size() / 2 - 2;
        std::vector<std::int64_t> pads = op.node.integers("pads", std::vector<std::int64_t>(2 * spatial, 0));
        for (std::size_t i = 0; i < spatial; ++i) {
            pads[i] += pad.pads[2 + i];
            pads[spatial + i] += pad.pads[spatial + 4 + i];
        }
        op.node.attributes["pads"] = pads;
        op.inputs[0] = m_graph->node(pad.node).inputs[0];
        op.nodes.push_back(pad.node);
    }

    std::shared_ptr<const Graph> m_graph;
    const FusionOptions& m_options;
    std::vector<bool> m_taken; // by node
    std::map<std::size_t, AbsorbedPad> m_padOf; // by index of the Conv
    std::vector<Recognised> m_groups;
    std::map<std::size_t, std::size_t> m_groupOf; // by node: index into m_groups
    std::vector<Operator> m_operators;
};

} // namespace

std::shared_ptr<const OperatorGraph> fuseOperators(std::shared_ptr<const Graph> graph,
                                                   const FusionOptions& options)
{
    return Fuser(std::move(graph), options).run();
}

} // namespace core
