#include "io/qdq_export.h"

#include "core/error.h"
#include "io/onnx_writer.h"
#include "io/opset13.h"
#include "io/qlinear_form.h"

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

/// Codes in the type of their zero points.
Tensor weightCodes(const core::QuantizedWeights& weights, const core::Shape& shape)
{
    std::vector<std::int32_t> codes(weights.codeCount());
    for (std::size_t i = 0; i < codes.size(); ++i) {
        codes[i] = weights.codeAt(i);
    }
    return core::castTo(core::makeTensor<std::int32_t>(shape, codes), weights.params.type);
}

Tensor zeroPoints(const QuantizationParams& params, bool scalar)
{
    return core::castTo(vectorOf(params.zeroPoint, scalar), params.type);
}

class Exporter
{
public:
    Exporter(const core::OperatorGraph& graph, const core::ResolvedPlan& plan, const QdqOptions& options)
        : m_graph(graph)
        , m_plan(plan)
        , m_options(options)
        , m_opset(options.opset)
    {
        for (const Operator& op : graph.operators) {
            m_opset = op.node.domain.empty() ? std::max(m_opset, op.node.version) : m_opset;
        }
        for (std::size_t i = 0; i < graph.operators.size(); ++i) {
            m_forms.push_back(options.form == QdqOptions::Form::QOperator ? qLinearFormOf(graph, plan, OperatorId(i)) : QLinearForm {});
            if (!m_forms.back().reason.empty()) {
                m_result.losses.push_back({graph.operators[i].name,
                                           m_forms.back().reason + ": kept between QuantizeLinear and DequantizeLinear"});
            }
        }
    }

    QdqModel run()
    {
        for (const ValueId id : m_graph.graph->inputs()) {
            m_writer.input(m_graph.value(id).name, m_graph.value(id).type, m_graph.value(id).shape);
        }
        for (std::size_t i = 0; i < m_graph.operators.size(); ++i) {
            const Operator& op = m_graph.operators[i];
            if (isNative(OperatorId(i))) {
                writeNative(OperatorId(i));
            } else if (op.type != "Input") {
                writeOperator(OperatorId(i));
            }
            for (const ValueId output : op.outputs) {
                if (output != core::kNoValue) {
                    writeQuantization(output);
                }
            }
        }
        writeOutputs();
        m_result.bytes = m_writer.finish(m_graph.graph->name(), m_opset);
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

    bool isNative(OperatorId id) const { return m_forms[core::indexOf(id)].kind != QLinearForm::Kind::None; }

    /// Whether someone reads the dequantized tensor of a value that exists as codes.
    bool isReadAsReal(ValueId id) const
    {
        return m_options.form == QdqOptions::Form::Qdq || m_graph.graph->isOutput(id)
            || std::ranges::any_of(m_graph.consumersOf[core::indexOf(id)], [&](OperatorId reader) { return !isNative(reader); });
    }

    std::string codesName(ValueId id) const { return name(id) + "_QuantizeLinear_Output"; }
    std::string scaleName(ValueId id) const { return name(id) + "_scale"; }
    std::string zeroPointName(ValueId id) const { return name(id) + "_zero_point"; }

    /// 16-bit codes came into ONNX's own domain with opset 21; ONNX Runtime had them before in its own.
    std::string domainOf(const QuantizationParams& params) const { return params.bits > 8 && m_opset < 21 ? "com.microsoft" : ""; }

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
        const bool isWhole = params.bits == 8 || params.bits == 16;
        if (!isWhole) {
            m_result.losses.push_back({n, fmt::format("{} bits lie in a wider type, whose codes saturate later", params.bits)});
        }
        m_writer.initializer(scaleName(id), vectorOf(params.scale, true));
        m_writer.initializer(zeroPointName(id), zeroPoints(params, true));
        const auto producer = m_graph.producerOf[core::indexOf(id)];
        if (!producer || !isNative(*producer)) {
            m_writer.node("QuantizeLinear", n + "_QuantizeLinear", {rawName(id), scaleName(id), zeroPointName(id)}, {codesName(id)}, {}, domainOf(params));
        }
        if (isReadAsReal(id)) {
            m_writer.node("DequantizeLinear", n + "_DequantizeLinear", {codesName(id), scaleName(id), zeroPointName(id)}, {dequantizedName(id)}, {},
                          domainOf(params));
        }
    }

    /// One node on codes.
    void writeNative(OperatorId id)
    {
        const Operator& op = m_graph.at(id);
        const core::ResolvedOperator& resolved = m_plan.operators[core::indexOf(id)];
        const QLinearForm& form = m_forms[core::indexOf(id)];
        const ValueId y = op.outputs[0];
        const auto scaled = [&](std::size_t i) -> std::vector<std::string> {
            if (op.constants[i]) {
                const std::string base = fmt::format("{}_{}", op.name, i == 1 ? "weight" : "constant" + std::to_string(i));
                writeCodes(op, base, *resolved.weights, op.constants[i]->shape());
                return {base + "_quantized", base + "_scale", base + "_zero_point"};
            }
            return {codesName(op.inputs[i]), scaleName(op.inputs[i]), zeroPointName(op.inputs[i])};
        };
        std::vector<std::string> inputs;
        const auto add = [&](const std::vector<std::string>& more) { inputs.insert(inputs.end(), more.begin(), more.end()); };
        auto attributes = op.node.attributes;
        switch (form.kind) {
        case QLinearForm::Kind::Weights:
        case QLinearForm::Kind::Gemm:
            add(scaled(0));
            add(scaled(1));
            if (form.kind == QLinearForm::Kind::Gemm) {
                inputs.push_back(writeBiasCodes(op, resolved));
                attributes.erase("beta");
            }
            add({scaleName(y), zeroPointName(y)});
            if (form.type == "QLinearConv" && !resolved.weights->bias.empty()) {
                inputs.push_back(writeBiasCodes(op, resolved));
            }
            break;
        case QLinearForm::Kind::Binary:
            add(scaled(0));
            add(scaled(1));
            add({scaleName(y), zeroPointName(y)});
            break;
        case QLinearForm::Kind::Unary:
            add(scaled(0));
            add({scaleName(y), zeroPointName(y)});
            if (op.type == "GlobalAveragePool") {
                attributes["channels_last"] = std::int64_t {0};
            }
            break;
        case QLinearForm::Kind::Concat:
            add({scaleName(y), zeroPointName(y)});
            for (std::size_t i = 0; i < op.inputs.size(); ++i) {
                add(scaled(i));
            }
            break;
        case QLinearForm::Kind::Movement: {
            inputs.push_back(codesName(op.inputs[0]));
            for (std::size_t i = 1; i < op.inputs.size(); ++i) {
                inputs.push_back(inputName(id, i));
            }
            writeForm(op, inputs, {codesName(y)});
            return;
        }
        case QLinearForm::Kind::None:
            return;
        }
        const bool isBounded = !op.upperBounds.empty();
        m_writer.node(form.type, op.name, inputs, {isBounded ? name(y) + "_unbounded_quantized" : codesName(y)}, attributes, form.domain);
        if (isBounded) {
            writeBoundsOfCodes(op, name(y) + "_unbounded_quantized", name(y) + "_QuantizeLinear_Input");
            m_writer.node("QuantizeLinear", name(y) + "_QuantizeLinear", {name(y) + "_QuantizeLinear_Input", scaleName(y), zeroPointName(y)}, {codesName(y)}, {},
                          domainOf(m_plan.values[core::indexOf(y)]->params));
        }
    }

    /// Min by channel between codes and codes of the same params: the operator in front stays next to a QuantizeLinear of
    /// its own, so that runtimes still take it for an integer one, and the codes are the same.
    void writeBoundsOfCodes(const Operator& op, const std::string& codes, const std::string& to)
    {
        const ValueId y = op.outputs[0];
        const std::string real = name(y) + "_unbounded_dequantized";
        m_writer.node("DequantizeLinear", name(y) + "_unbounded_DequantizeLinear", {codes, scaleName(y), zeroPointName(y)}, {real}, {},
                      domainOf(m_plan.values[core::indexOf(y)]->params));
        m_writer.node("Min", op.name + "_bounds_Min", {real, writeUpperBounds(op)}, {to});
    }

    std::string writeBiasCodes(const Operator& op, const core::ResolvedOperator& resolved)
    {
        if (resolved.weights->bias.empty()) {
            return {};
        }
        const std::string biasName = op.name + "_bias_quantized";
        m_writer.initializer(biasName, vectorOf(resolved.weights->bias, false));
        return biasName;
    }

    /// A node in the form of the opset that is written.
    void writeForm(const Operator& op, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs)
    {
        const core::Shape& shape = op.inputs.empty() || op.inputs[0] == core::kNoValue ? m_noShape : m_graph.value(op.inputs[0]).shape;
        NodeForm form = opset13Form(op.node, inputs, shape);
        if (m_opset >= 21) {
            form = opset21Form(std::move(form), op.node, outputs.size());
        }
        for (const auto& [constantName, tensor] : form.constants) {
            m_writer.initializer(constantName, tensor);
        }
        m_writer.node(form.type, op.name, form.inputs, outputs, form.attributes, op.node.domain);
    }

    /// Initializers of weights: codes, scale and zero point.
    void writeCodes(const Operator& op, const std::string& base, const core::QuantizedWeights& weights, const core::Shape& shape)
    {
        const QuantizationParams& params = weights.params;
        const bool scalar = !params.isPerChannel();
        if (params.group > 0) {
            throw core::Error(core::ErrorKind::UnsupportedOperator,
                              fmt::format("{}: weights in groups of {} channels have no form in this format; set "
                                          "weight.granularity=per-channel", op.name, params.group));
        }
        if (params.isPerChannel() && static_cast<std::int64_t>(params.scale.size()) != shape[static_cast<std::size_t>(*params.axis)]) {
            throw core::Error(core::ErrorKind::UnsupportedOperator,
                              fmt::format("{}: per-channel weights of a grouped ConvTranspose have no axis in QDQ; "
                                          "set weight.granularity=per-tensor", op.name));
        }
        m_writer.initializer(base + "_quantized", weightCodes(weights, shape));
        m_writer.initializer(base + "_scale", vectorOf(params.scale, scalar));
        m_writer.initializer(base + "_zero_point", zeroPoints(params, scalar));
    }

    /// Codes of weights behind a DequantizeLinear; returns the name of the float tensor.
    std::string writeWeights(const Operator& op, const std::string& base, const core::QuantizedWeights& weights, const core::Shape& shape)
    {
        writeCodes(op, base, weights, shape);
        const QuantizationParams& params = weights.params;
        std::map<std::string, core::Attribute, std::less<>> attributes;
        if (params.isPerChannel()) {
            attributes["axis"] = static_cast<std::int64_t>(*params.axis);
        }
        m_writer.node("DequantizeLinear", base + "_DequantizeLinear", {base + "_quantized", base + "_scale", base + "_zero_point"},
                      {base + "_DequantizeLinear_Output"}, attributes, domainOf(params));
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
        addCorrectedBias(id, inputs);
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
        if (!op.upperBounds.empty()) {
            steps.emplace_back("Bounds");
        }
        const auto stage = [&](std::size_t step) { return step == steps.size() ? last : fmt::format("{}/{}", last, step); };
        if (mustBeKeptFloat(id)) {
            steps.emplace_back("Keep");
        }
        outputs[0] = stage(0);
        writeForm(op, inputs, outputs);
        for (std::size_t step = 0; step < steps.size(); ++step) {
            if (steps[step] == "Bias") {
                m_writer.node("Add", op.name + "_bias_Add", {stage(step), bias}, {stage(step + 1)});
            } else if (steps[step] == "Add") {
                m_writer.node("Add", innerName(op, "Add"), {stage(step), inputName(id, *op.residual)}, {stage(step + 1)});
            } else if (steps[step] == "Bounds" && isCodes(op.outputs[0])) {
                const ValueId y = op.outputs[0];
                m_writer.node("QuantizeLinear", name(y) + "_unbounded_QuantizeLinear", {stage(step), scaleName(y), zeroPointName(y)},
                              {name(y) + "_unbounded_quantized"}, {}, domainOf(m_plan.values[core::indexOf(y)]->params));
                writeBoundsOfCodes(op, name(y) + "_unbounded_quantized", stage(step + 1));
            } else if (steps[step] == "Bounds") {
                m_writer.node("Min", op.name + "_bounds_Min", {stage(step), writeUpperBounds(op)}, {stage(step + 1)});
            } else if (steps[step] == "Keep") {
                m_writer.node("Max", op.name + "_KeepFloat", {stage(step)}, {stage(step + 1)});
            } else {
                writeActivation(op, stage(step), stage(step + 1));
            }
        }
    }

    /// The bias of an operator that has one only because it is corrected.
    void addCorrectedBias(OperatorId id, std::vector<std::string>& inputs)
    {
        const Operator& op = m_graph.at(id);
        const core::ResolvedOperator& resolved = m_plan.operators[core::indexOf(id)];
        const bool isMissing = inputs.size() < 3 || inputs[2].empty();
        if (resolved.kind == QuantizedKind::Linear && resolved.weights && !resolved.weights->bias.empty() && isMissing) {
            inputs.resize(3);
            inputs[2] = writeBias(op.name + "_bias", *resolved.weights, m_plan.values[core::indexOf(op.inputs[0])]->params);
        }
    }

    /// One bound per channel, shaped to broadcast along it.
    std::string writeUpperBounds(const Operator& op)
    {
        const auto count = static_cast<std::int64_t>(op.upperBounds.size());
        core::Shape shape {count};
        if (op.type != "MatMul") {
            shape.insert(shape.end(), m_graph.value(op.result()).shape.size() - 2, 1);
        }
        m_writer.initializer(op.name + "_bounds", core::makeTensor<float>(shape, std::span<const float>(op.upperBounds)));
        return op.name + "_bounds";
    }

    /// ONNX Runtime 1.21 and later quantizes the float weights of an operator between DequantizeLinear and QuantizeLinear
    /// by itself. Max of one tensor, which nothing removes, stands between them.
    bool mustBeKeptFloat(OperatorId id) const
    {
        const Operator& op = m_graph.at(id);
        const bool isAffected = op.type == "Conv" || op.type == "ConvTranspose" || op.type == "Gemm";
        return isAffected && m_plan.operators[core::indexOf(id)].kind == QuantizedKind::None && isCodes(op.inputs[0])
            && isQuantized(op.outputs[0]) && !op.residual;
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
            if (!m_options.exposeOperators || op.outputs[0] == core::kNoValue || (op.type == "Input" && !isCodes(op.outputs[0]))) {
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
    const QdqOptions m_options;
    int m_opset;
    std::vector<QLinearForm> m_forms; ///< by OperatorId
    const core::Shape m_noShape;
    OnnxWriter m_writer;
    QdqModel m_result;
};

} // namespace

QdqModel exportQdq(const core::OperatorGraph& graph, const core::ResolvedPlan& plan, const QdqOptions& options)
{
    return Exporter(graph, plan, options).run();
}

std::string exportedCodesName(const core::OperatorGraph& graph, core::ValueId value)
{
    return graph.value(value).name + "_QuantizeLinear_Output";
}

std::string exportedTensorName(const core::OperatorGraph& graph, const core::ResolvedPlan& plan, core::ValueId value)
{
    const std::string& name = graph.value(value).name;
    const bool codes = plan.isCodes(graph, value);
    return codes && !graph.graph->isOutput(value) ? name + "_DequantizeLinear_Output" : name;
}

} // namespace io
