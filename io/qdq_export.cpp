#include "io/qdq_export.h"

#include "core/error.h"
#include "io/onnx_writer.h"
#include "io/opset13.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace io {

namespace {

using core::Operator;
using core::OperatorId;
using core::QuantizationParams;
using core::QuantizedKind;
using core::Tensor;
using core::ValueId;

template <typename T>
Tensor vectorOf(const std::vector<T>& values, bool scalar)
{
    return core::makeTensor<T>(scalar ? core::Shape {} : core::Shape {static_cast<std::int64_t>(values.size())}, std::span<const T>(values));
}

Tensor zeroPoints(const QuantizationParams& params, bool scalar)
{
    return core::castTo(vectorOf(params.zeroPoint, scalar), params.type);
}

class Exporter
{
public:
    Exporter(const core::OperatorGraph& graph, const core::ResolvedPlan& plan, bool expose)
        : m_graph(graph)
        , m_plan(plan)
        , m_expose(expose)
    {
    }

    QdqModel run()
    {
        for (const ValueId id : m_graph.graph->inputs()) {
            m_writer.input(m_graph.value(id).name, m_graph.value(id).type, m_graph.value(id).shape);
        }
        int opset = 13;
        for (std::size_t i = 0; i < m_graph.operators.size(); ++i) {
            const Operator& op = m_graph.operators[i];
            opset = op.node.domain.empty() ? std::max(opset, op.node.version) : opset;
            if (op.type != "Input") {
                writeOperator(OperatorId(i));
            }
            for (const ValueId output : op.outputs) {
                if (output != core::kNoValue) {
                    writeQuantization(output);
                }
            }
        }
        writeOutputs();
        m_result.bytes = m_writer.finish(m_graph.graph->name(), opset);
        return std::move(m_result);
    }

private:
    const std::string& name(ValueId id) const { return m_graph.value(id).name; }
    bool isCodes(ValueId id) const { return m_plan.isCodes(m_graph, id); }

    /// Whether an integer operator reads the value, or its own operator writes it as codes.
    bool isQuantized(ValueId id) const
    {
        if (isCodes(id)) {
            return true;
        }
        return std::ranges::any_of(m_graph.consumersOf[core::indexOf(id)], [&](OperatorId reader) {
            return m_plan.operators[core::indexOf(reader)].kind != QuantizedKind::None;
        });
    }

    /// The float tensor an operator writes, before any quantization.
    std::string rawName(ValueId id) const
    {
        const bool renamed = isCodes(id) && m_graph.graph->isOutput(id);
        return renamed ? name(id) + "_QuantizeLinear_Input" : name(id);
    }

    std::string dequantizedName(ValueId id) const
    {
        const bool isOutput = isCodes(id) && m_graph.graph->isOutput(id);
        return isOutput ? name(id) : name(id) + "_DequantizeLinear_Output";
    }

    std::string readName(ValueId id, bool integerReader) const
    {
        return isCodes(id) || (integerReader && isQuantized(id)) ? dequantizedName(id) : name(id);
    }

    void writeQuantization(ValueId id)
    {
        if (!isQuantized(id)) {
            return;
        }
        const QuantizationParams& params = m_plan.values[core::indexOf(id)]->params;
        const std::string& n = name(id);
        m_writer.initializer(n + "_scale", vectorOf(params.scale, true));
        m_writer.initializer(n + "_zero_point", zeroPoints(params, true));
        m_writer.node("QuantizeLinear", n + "_QuantizeLinear", {rawName(id), n + "_scale", n + "_zero_point"}, {n + "_QuantizeLinear_Output"});
        m_writer.node("DequantizeLinear", n + "_DequantizeLinear", {n + "_QuantizeLinear_Output", n + "_scale", n + "_zero_point"},
                      {dequantizedName(id)});
    }

    /// Codes of weights behind a DequantizeLinear; returns the name of the float tensor.
    std::string writeWeights(const Operator& op, const std::string& base, const core::QuantizedWeights& weights, const core::Shape& shape)
    {
        const QuantizationParams& params = weights.params;
        const bool scalar = !params.isPerChannel();
        if (params.isPerChannel() && static_cast<std::int64_t>(params.scale.size()) != shape[static_cast<std::size_t>(*params.axis)]) {
            throw core::Error(core::ErrorKind::UnsupportedOperator,
                              fmt::format("{}: per-channel weights of a grouped ConvTranspose have no axis in QDQ; "
                                          "set weight.granularity=per-tensor", op.name));
        }
        m_writer.initializer(base + "_quantized", core::makeTensor<std::int8_t>(shape, std::span<const std::int8_t>(weights.codes)));
        m_writer.initializer(base + "_scale", vectorOf(params.scale, scalar));
        m_writer.initializer(base + "_zero_point", zeroPoints(params, scalar));
        std::map<std::string, core::Attribute, std::less<>> attributes;
        if (!scalar) {
            attributes["axis"] = static_cast<std::int64_t>(*params.axis);
        }
        m_writer.node("DequantizeLinear", base + "_DequantizeLinear", {base + "_quantized", base + "_scale", base + "_zero_point"},
                      {base + "_DequantizeLinear_Output"}, attributes);
        return base + "_DequantizeLinear_Output";
    }

    std::string writeBias(const std::string& base, const core::QuantizedWeights& weights, const QuantizationParams& src)
    {
        const bool scalar = !weights.params.isPerChannel();
        std::vector<float> scale;
        for (const float s : weights.params.scale) {
            scale.push_back(src.scale[0] * s);
        }
        const std::vector<std::int32_t> zero(scale.size(), 0);
        m_writer.initializer(base + "_quantized", vectorOf(weights.bias, false));
        m_writer.initializer(base + "_scale", vectorOf(scale, scalar));
        m_writer.initializer(base + "_zero_point", vectorOf(zero, scalar));
        std::map<std::string, core::Attribute, std::less<>> attributes;
        if (!scalar) {
            attributes["axis"] = std::int64_t {0};
        }
        m_writer.node("DequantizeLinear", base + "_DequantizeLinear", {base + "_quantized", base + "_scale", base + "_zero_point"},
                      {base + "_DequantizeLinear_Output"}, attributes);
        return base + "_DequantizeLinear_Output";
    }

    /// Name under which an input of the anchor is read; constants are written on the way.
    std::string inputName(OperatorId id, std::size_t i)
    {
        const Operator& op = m_graph.at(id);
        const core::ResolvedOperator& resolved = m_plan.operators[core::indexOf(id)];
        if (!op.constants[i]) {
            return op.inputs[i] == core::kNoValue ? std::string() : readName(op.inputs[i], resolved.kind != QuantizedKind::None);
        }
        const std::string base = fmt::format("{}_{}", op.name, i == 1 ? "weight" : i == 2 ? "bias" : "constant" + std::to_string(i));
        if (resolved.kind == QuantizedKind::Linear && i == 1) {
            return writeWeights(op, base, *resolved.weights, op.constants[1]->shape());
        }
        if (resolved.kind == QuantizedKind::Linear && i == 2) {
            return writeBias(base, *resolved.weights, m_plan.values[core::indexOf(op.inputs[0])]->params);
        }
        if (resolved.kind == QuantizedKind::Binary && i < 2) {
            return writeWeights(op, base, *resolved.weights, op.constants[i]->shape());
        }
        const bool isGraphs = op.inputs[i] != core::kNoValue && m_graph.value(op.inputs[i]).constant
            && m_graph.value(op.inputs[i]).constant->data() == op.constants[i]->data();
        const std::string constantName = isGraphs ? name(op.inputs[i]) : base;
        m_writer.initializer(constantName, *op.constants[i]);
        return constantName;
    }

    /// Name of the inner node of that type, else the operator's with a suffix.
    std::string innerName(const Operator& op, const std::string& type) const
    {
        for (const core::NodeId node : op.nodes) {
            if (m_graph.graph->node(node).type == type && m_graph.graph->node(node).name != op.name) {
                return m_graph.graph->node(node).name;
            }
        }
        return op.name + "_" + type;
    }

    void writeOperator(OperatorId id)
    {
        const Operator& op = m_graph.at(id);
        std::vector<std::string> inputs;
        const std::size_t count = op.residual.value_or(op.inputs.size());
        for (std::size_t i = 0; i < count; ++i) {
            inputs.push_back(inputName(id, i));
        }
        const bool biasApart = op.type == "MatMul" && inputs.size() > 2 && !inputs[2].empty();
        const std::string bias = biasApart ? inputs[2] : std::string();
        if (op.type == "MatMul") {
            inputs.resize(2);
        }
        while (!inputs.empty() && inputs.back().empty()) {
            inputs.pop_back();
        }
        std::vector<std::string> outputs;
        for (const ValueId output : op.outputs) {
            outputs.push_back(output == core::kNoValue ? std::string() : rawName(output));
        }
        while (outputs.size() > 1 && (outputs.back().empty() || op.type == "Dropout")) { // no reader, or Dropout's mask
            outputs.pop_back();
        }
        const std::string last = outputs[0];
        std::vector<std::string> steps; // what follows the anchor
        if (biasApart) {
            steps.emplace_back("Bias");
        }
        if (op.residual) {
            steps.emplace_back("Add");
        }
        if (op.activation.kind != kernels::Activation::Kind::None) {
            steps.emplace_back("Activation");
        }
        const auto stage = [&](std::size_t step) { return step == steps.size() ? last : fmt::format("{}/{}", last, step); };
        outputs[0] = stage(0);
        const core::Shape& shape = op.inputs.empty() || op.inputs[0] == core::kNoValue ? m_noShape : m_graph.value(op.inputs[0]).shape;
        const NodeForm form = opset13Form(op.node, inputs, shape);
        for (const auto& [constantName, tensor] : form.constants) {
            m_writer.initializer(constantName, tensor);
        }
        m_writer.node(form.type, op.name, form.inputs, outputs, form.attributes, op.node.domain);
        for (std::size_t step = 0; step < steps.size(); ++step) {
            if (steps[step] == "Bias") {
                m_writer.node("Add", op.name + "_bias_Add", {stage(step), bias}, {stage(step + 1)});
            } else if (steps[step] == "Add") {
                m_writer.node("Add", innerName(op, "Add"), {stage(step), inputName(id, *op.residual)}, {stage(step + 1)});
            } else {
                writeActivation(op, stage(step), stage(step + 1));
            }
        }
    }

    void writeActivation(const Operator& op, const std::string& from, const std::string& to)
    {
        using Kind = kernels::Activation::Kind;
        const auto scalar = [&](const std::string& suffix, float value) {
            const std::string constantName = op.name + suffix;
            m_writer.initializer(constantName, vectorOf(std::vector<float> {value}, true));
            return constantName;
        };
        switch (op.activation.kind) {
        case Kind::None: break;
        case Kind::Relu: m_writer.node("Relu", innerName(op, "Relu"), {from}, {to}); break;
        case Kind::Sigmoid: m_writer.node("Sigmoid", innerName(op, "Sigmoid"), {from}, {to}); break;
        case Kind::LeakyRelu:
            m_writer.node("LeakyRelu", innerName(op, "LeakyRelu"), {from}, {to}, {{"alpha", op.activation.alpha}});
            break;
        case Kind::Clip:
            m_writer.node("Clip", innerName(op, "Clip"), {from, scalar("_clip_min", op.activation.alpha), scalar("_clip_max", op.activation.beta)}, {to});
            break;
        case Kind::HardSwish: // an operator of its own only from opset 14 on
            m_writer.node("HardSigmoid", innerName(op, "HardSwish") + "_HardSigmoid", {from}, {to + "/gate"},
                          {{"alpha", 1.0f / 6.0f}, {"beta", 0.5f}});
            m_writer.node("Mul", innerName(op, "HardSwish"), {from, to + "/gate"}, {to});
            break;
        }
    }

    void writeOutputs()
    {
        std::set<std::string> written;
        for (const ValueId id : m_graph.graph->outputs()) {
            m_writer.output(name(id), m_graph.value(id).type, m_graph.value(id).shape);
            written.insert(name(id));
            if (m_graph.value(id).constant) {
                m_writer.initializer(name(id), *m_graph.value(id).constant);
            }
        }
        for (const Operator& op : m_graph.operators) {
            if (!m_expose || op.outputs[0] == core::kNoValue || (op.type == "Input" && !isCodes(op.outputs[0]))) {
                continue;
            }
            const std::string exposed = exportedTensorName(m_graph, m_plan, op.outputs[0]);
            if (written.insert(exposed).second) {
                m_writer.output(exposed, m_graph.value(op.outputs[0]).type, m_graph.value(op.outputs[0]).shape);
            }
        }
    }

    const core::OperatorGraph& m_graph;
    const core::ResolvedPlan& m_plan;
    const bool m_expose;
    const core::Shape m_noShape;
    OnnxWriter m_writer;
    QdqModel m_result;
};

} // namespace

QdqModel exportQdq(const core::OperatorGraph& graph, const core::ResolvedPlan& plan, bool exposeOperators)
{
    return Exporter(graph, plan, exposeOperators).run();
}

std::string exportedTensorName(const core::OperatorGraph& graph, const core::ResolvedPlan& plan, core::ValueId value)
{
    const std::string& name = graph.value(value).name;
    const bool codes = plan.isCodes(graph, value);
    return codes && !graph.graph->isOutput(value) ? name + "_DequantizeLinear_Output" : name;
}

} // namespace io
