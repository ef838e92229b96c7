#include "core/graph/written_quantization.h"

#include "core/base/error.h"
#include "core/graph/code_flow.h"
#include "core/graph/code_params.h"
#include "core/graph/dynamic_products.h"
#include "core/graph/operator_traits.h"
#include "core/graph/q_operator.h"
#include "core/graph/reference_evaluator.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>
#include <set>

namespace core {

namespace {

class Splitter
{
public:
    explicit Splitter(const Graph& graph)
        : m_graph(graph)
        , m_flow(graph)
        , m_builder(graph.name())
        , m_written(std::make_shared<WrittenQuantization>())
    {
    }

    QuantizedModel run()
    {
        nameOutputs();
        for (const ValueId id : m_graph.inputs()) {
            addInput(id);
        }
        m_dynamic = findDynamicProducts(m_graph);
        for (std::size_t i = 0; i < m_graph.nodes().size(); ++i) {
            if (const auto product = m_dynamic.byLast.find(i); product != m_dynamic.byLast.end()) {
                placeDynamic(product->second);
            } else if (!m_dynamic.absorbed.contains(i)) {
                place(m_graph.nodes()[i]);
            }
        }
        sayBlocks();
        for (const ValueId id : m_graph.outputs()) {
            addOutput(id);
        }
        return {std::move(m_builder).finish(), m_written};
    }

private:
    /// An integer value of the model and the real one that it stands for.
    struct Codes
    {
        std::string real;
        QuantizationParams params;
    };

    const Value& value(ValueId id) const { return m_graph.value(id); }
    const Tensor* constant(const Node& node, std::size_t i) const { return constantInput(m_graph, node, i); }
    const Node* producer(ValueId id) const
    {
        return value(id).producer ? &m_graph.node(*value(id).producer) : nullptr;
    }

    std::optional<QuantizationParams> paramsAt(const Node& node, std::size_t i, std::int64_t axis,
                                               DataType fallback) const
    {
        return codeParamsAt(m_graph, node, i, axis, fallback);
    }

    /// A graph output behind a DequantizeLinear, or of codes, gives its name to the real value that it stands
    /// for.
    void nameOutputs()
    {
        std::set<std::size_t> taken;
        for (const ValueId id : m_graph.outputs()) {
            ValueId source = id;
            for (const Node* node = producer(source);
                 node && (isDequantizeLinear(*node) || isQuantizeLinear(*node)); node = producer(source)) {
                if (isQuantizeLinear(*node) && !m_flow.isSourceItself(*node)) {
                    break; // the copy has a name of its own
                }
                source = node->inputs[0];
            }
            if (source != id && !value(source).constant && producer(source) && !m_graph.isOutput(source)
                && taken.insert(indexOf(source)).second) {
                m_names[indexOf(source)] = value(id).name;
            }
        }
    }

    std::string realName(ValueId id) const
    {
        if (id == kNoValue) {
            return {};
        }
        if (const auto codes = m_codes.find(indexOf(id)); codes != m_codes.end()) {
            return codes->second.real;
        }
        const auto it = m_names.find(indexOf(id));
        return it != m_names.end() ? it->second : value(id).name;
    }

    /// The value by its name in the shadow; constants are copied when first read.
    ValueId read(ValueId id)
    {
        const std::string name = realName(id);
        if (id != kNoValue && value(id).constant && m_constants.insert(name).second) {
            return m_builder.constant(name, *value(id).constant);
        }
        return m_builder.value(name);
    }

    void addInput(ValueId id)
    {
        const Value& v = value(id);
        DataType type = v.type;
        if (isCodeType(type) && !v.consumers.empty() && m_flow.isOnlyCodes(id)) {
            const Node& reader = m_graph.node(v.consumers.front());
            const auto position =
                static_cast<std::size_t>(std::ranges::find(reader.inputs, id) - reader.inputs.begin());
            if (const auto params =
                    movesCodes(reader) ? std::nullopt : paramsAt(reader, position + 1, 0, type)) {
                addCodes(id, v.name, *params);
                type = DataType::Float32;
            }
        }
        m_builder.input(v, type);
    }

    void addOutput(ValueId id)
    {
        const std::string& name = value(id).name;
        const std::string real = realName(id);
        (void)read(id); // an output may be a constant that no node reads
        if (real != name) {
            Node identity;
            identity.name = name;
            identity.type = "Identity";
            identity.version = 13;
            identity.inputs = {m_builder.value(real)};
            identity.outputs = {m_builder.value(name)};
            m_builder.node(std::move(identity));
        }
        m_builder.output(m_builder.value(name));
    }

    void addCodes(ValueId id, const std::string& real, const QuantizationParams& params)
    {
        m_codes[indexOf(id)] = {real, params};
        if (const auto [it, isNew] = m_written->values.emplace(real, params);
            !isNew && it->second != params) {
            m_written->warnings.push_back(
                fmt::format("'{}' is quantized twice with different params: the first are taken", real));
        }
    }

    /// Weights in blocks have no kernel here: what they stand for is computed with, which is said.
    void sayBlocks()
    {
        for (const auto& [kind, count] : m_blocked) {
            m_written->warnings.push_back(fmt::format(
                "{} constants are weight-only int{} in blocks of {}: read as the numbers that their "
                "codes stand for, computed in FP32",
                count, kind.first, kind.second));
        }
    }

    void place(const Node& node)
    {
        if (isDequantizeLinear(node) && node.integer("block_size", 0) > 0 && constant(node, 0)) {
            ++m_blocked[{static_cast<int>(node.integer("code_bits", 8)), node.integer("block_size", 0)}];
        }
        const bool ours = (node.domain.empty() || node.domain == "com.microsoft") && node.hasOutput(0);
        if (ours && isQuantizeLinear(node) && placeQuantize(node)) {
            return;
        }
        if (ours && isDequantizeLinear(node) && placeDequantize(node)) {
            return;
        }
        if (const auto form = ours ? qOperatorOf(node) : std::nullopt;
            form && m_flow.isConvertible(node, *form) && m_flow.isOnlyCodes(node.outputs[0])) {
            placeQOperator(node, *form);
            return;
        }
        Node copy = node;
        for (ValueId& input : copy.inputs) {
            input = read(input);
        }
        for (ValueId& output : copy.outputs) {
            output = m_builder.value(output == kNoValue ? std::string() : ownName(output));
        }
        m_builder.node(std::move(copy));
        if (movesCodes(node) && node.hasInput(0)) {
            if (const auto codes = m_codes.find(indexOf(node.inputs[0])); codes != m_codes.end()) {
                const QuantizationParams params = codes->second.params;
                for (const ValueId output : node.outputs) {
                    if (output != kNoValue) {
                        addCodes(output, ownName(output), params);
                    }
                }
            }
        }
    }

    std::string ownName(ValueId id) const
    {
        const auto it = m_names.find(indexOf(id));
        return it != m_names.end() ? it->second : value(id).name;
    }

    bool placeQuantize(const Node& node)
    {
        const auto params = paramsOfQuantize(m_graph, node);
        if (!params || !m_flow.isOnlyCodes(node.outputs[0])) {
            return false;
        }
        if (const Tensor* real = constant(node, 0)) { // weights kept in float, quantized by the graph itself
            std::vector<Tensor> inputs{*real, *constant(node, 1),
                                       node.hasInput(2) ? *constant(node, 2) : Tensor()};
            const std::string name = value(node.inputs[0]).name;
            (void)read(node.inputs[0]);
            m_written->constants[name] = {evaluateNode(node, inputs)[0], *params};
            m_codes[indexOf(node.outputs[0])] = {name, *params};
            return true;
        }
        if (params->isPerChannel()) {
            return false;
        }
        if (m_flow.isSourceItself(node)) {
            addCodes(node.outputs[0], realName(node.inputs[0]), *params);
        } else {
            placeCopy(node, *params);
        }
        return true;
    }

    /// The quantized copy of a value as an operator of its own.
    void placeCopy(const Node& quantize, const QuantizationParams& params)
    {
        const std::string name = ownName(quantize.outputs[0]);
        Node copy;
        copy.name = quantize.name;
        copy.type = "Identity";
        copy.version = 13;
        copy.inputs = {read(quantize.inputs[0])};
        copy.outputs = {m_builder.value(name)};
        m_builder.node(std::move(copy));
        addCodes(quantize.outputs[0], name, params);
    }

    bool placeDequantize(const Node& node)
    {
        const Tensor* codes = constant(node, 0);
        const auto params = paramsOfDequantize(m_graph, node);
        if (!params) {
            return false;
        }
        const std::string name = value(node.outputs[0]).name;
        if (codes) {
            std::vector<Tensor> inputs{*codes, *constant(node, 1),
                                       node.hasInput(2) ? *constant(node, 2) : Tensor()};
            addConstant(name, evaluateNode(node, inputs)[0], *codes, *params);
            return true;
        }
        const auto source = m_codes.find(indexOf(node.inputs[0]));
        if (source == m_codes.end()) {
            return false;
        }
        m_names[indexOf(node.outputs[0])] = source->second.real;
        return true;
    }

    void addConstant(const std::string& name, Tensor real, const Tensor& codes,
                     const QuantizationParams& params)
    {
        if (m_constants.insert(name).second) {
            (void)m_builder.constant(name, std::move(real));
            m_written->constants[name] = {codes, params};
        }
    }

    void addDequantized(const Node& node, std::size_t i, const Tensor& codes,
                        const QuantizationParams& params)
    {
        addConstant(value(node.inputs[i]).name, realsOf(codes, params), codes, params);
    }

    /// A float MatMul whose source each sample's own range quantizes.
    void placeDynamic(const DynamicProduct& product)
    {
        const Node& integer = m_graph.node(product.integer);
        const std::string source = realName(product.source);
        addDequantized(integer, 1, *constant(integer, 1), product.params);
        Node real;
        real.name = integer.name;
        real.type = "MatMul";
        real.version = 13;
        real.inputs = {read(product.source), m_builder.value(value(product.weights).name)};
        real.outputs = {m_builder.value(ownName(product.result))};
        m_builder.node(std::move(real));
        m_written->values.emplace(source, dynamicCodes());
    }

    void placeQOperator(const Node& node, const QOperator& form)
    {
        Node real = node;
        real.type = form.real;
        real.domain.clear();
        // What only the form on codes has.
        real.attributes.erase("channels_last");
        real.attributes.erase("opset");
        // QLinearSoftmax says itself which Softmax it is.
        real.version = node.domain.empty() ? node.version
                                           : static_cast<int>(node.integer("opset", newestOpset(m_graph)));
        real.inputs.clear();
        std::vector<QuantizationParams> operands;
        for (const std::size_t i : form.operands) {
            const std::size_t rank = constant(node, i) ? constant(node, i)->rank() : 2;
            const auto axis = static_cast<std::int64_t>(weightAxes(real, rank).result);
            const Tensor* codes = constant(node, i);
            operands.push_back(*paramsAt(node, i + 1, axis, typeOfCodes(node, i)));
            if (codes) {
                addDequantized(node, i, *codes, operands.back());
                real.inputs.push_back(m_builder.value(value(node.inputs[i]).name));
            } else if (m_codes.contains(indexOf(node.inputs[i]))) {
                real.inputs.push_back(read(node.inputs[i]));
            } else {
                real.inputs.push_back(placeRealsOf(node, i, operands.back()));
            }
        }
        if (form.bias && node.hasInput(*form.bias)) {
            // QGemm adds C before alpha.
            const auto params = paramsOfBias(operands[0], operands[1], node.real("alpha", 1.0f));
            addDequantized(node, *form.bias, *constant(node, *form.bias), params);
            real.inputs.push_back(m_builder.value(value(node.inputs[*form.bias]).name));
        }
        const std::string output = ownName(node.outputs[0]);
        real.outputs = {m_builder.value(output)};
        m_builder.node(std::move(real));
        addCodes(node.outputs[0], output, *paramsAt(node, form.output, 0, operands.front().type));
    }

    /// Of an operand, for params without a zero point.
    DataType typeOfCodes(const Node& node, std::size_t i) const
    {
        const DataType type = codeTypeOf(m_graph, node.inputs[i]);
        return isCodeType(type) ? type : DataType::UInt8;
    }

    /// Codes that others read as the integers they are stay; this operator reads what they stand for.
    ValueId placeRealsOf(const Node& node, std::size_t i, const QuantizationParams& params)
    {
        const std::string name = fmt::format("{}/real{}", node.name, i);
        Node dequantize = dequantizeNode(name);
        dequantize.inputs = {read(node.inputs[i]), read(node.inputs[i + 1])};
        if (node.hasInput(i + 2)) {
            dequantize.inputs.push_back(read(node.inputs[i + 2]));
        }
        dequantize.outputs = {m_builder.value(name)};
        const ValueId result = dequantize.outputs[0];
        m_builder.node(std::move(dequantize));
        m_written->values.emplace(name, params);
        return result;
    }

    const Graph& m_graph;
    CodeFlow m_flow;
    GraphBuilder m_builder;
    std::shared_ptr<WrittenQuantization> m_written;
    std::map<std::size_t, Codes> m_codes; // by ValueId of the model
    std::map<std::size_t, std::string> m_names; // by ValueId of the model, where the shadow has another name
    std::set<std::string> m_constants; // already in the shadow
    DynamicProducts m_dynamic;
    std::map<std::pair<int, std::int64_t>, int> m_blocked; // constants by bits and block size
};

} // namespace

bool isQuantized(const Graph& graph)
{
    return std::ranges::any_of(graph.nodes(), [&](const Node& node) {
        if (isDequantizeLinear(node) || isQuantizeLinear(node)) {
            return constantInput(graph, node, 1) != nullptr;
        }
        return node.type == "DynamicQuantizeLinear" || qOperatorOf(node).has_value();
    });
}

QuantizedModel splitQuantized(const Graph& graph) { return Splitter(graph).run(); }

} // namespace core
