#include "core/graph/written_quantization.h"

#include "core/base/error.h"
#include "core/graph/q_operator.h"
#include "core/graph/reference_evaluator.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>
#include <set>

namespace core {

namespace {

bool isOneOf(std::string_view type, std::initializer_list<std::string_view> types)
{
    return std::ranges::find(types, type) != types.end();
}

bool isQuantize(const Node& node) { return node.type == "QuantizeLinear"; }
bool isDequantize(const Node& node) { return node.type == "DequantizeLinear"; }

/// Operators that only move or compare elements, so that they do to codes what they do to reals.
bool movesCodes(const Node& node)
{
    return node.domain.empty()
        && isOneOf(node.type,
                   {"MaxPool", "Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze", "Slice", "Identity",
                    "Split", "Gather", "Expand", "Tile", "DepthToSpace", "SpaceToDepth"});
}

CodeRange codesOf(DataType type)
{
    switch (type) {
    case DataType::Int8:
        return {-128, 127};
    case DataType::UInt16:
        return {0, 65535};
    case DataType::Int16:
        return {-32768, 32767};
    case DataType::Int32:
        return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    default:
        return {0, 255};
    }
}

bool isCodeType(DataType type)
{
    return type == DataType::UInt8 || type == DataType::Int8 || type == DataType::UInt16
        || type == DataType::Int16;
}

class Splitter
{
public:
    explicit Splitter(const Graph& graph)
        : m_graph(graph)
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
        for (const Node& node : m_graph.nodes()) {
            place(node);
        }
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
    const Tensor* constant(const Node& node, std::size_t i) const
    {
        if (!node.hasInput(i)) {
            return nullptr;
        }
        const Value& v = value(node.inputs[i]);
        if (v.constant) {
            return &*v.constant;
        }
        const Node* source = producer(node.inputs[i]);
        const Attribute* held = source && source->type == "Constant" ? source->find("value") : nullptr;
        return held ? std::get_if<Tensor>(held) : nullptr;
    }
    const Node* producer(ValueId id) const
    {
        return value(id).producer ? &m_graph.node(*value(id).producer) : nullptr;
    }

    /// Constant scale at input i and zero point at i + 1; none when computed at run time or in blocks.
    std::optional<QuantizationParams> paramsAt(const Node& node, std::size_t i, std::int64_t axis,
                                               DataType fallback) const
    {
        const Tensor* scale = constant(node, i);
        const Tensor* zeroPoint = constant(node, i + 1);
        if (!scale || (node.hasInput(i + 1) && !zeroPoint) || scale->rank() > 1
            || node.integer("block_size", 0) != 0) {
            return std::nullopt;
        }
        QuantizationParams params;
        params.type = zeroPoint ? zeroPoint->type() : fallback;
        params.bits = static_cast<int>(8 * sizeOf(params.type));
        params.codes = codesOf(params.type);
        if (const std::int64_t bits = node.integer("code_bits", 0); bits > 0 && bits < params.bits) {
            params.bits = static_cast<int>(bits);
            params.codes = params.codes.lowest < 0 ? CodeRange{-(1 << (bits - 1)), (1 << (bits - 1)) - 1}
                                                   : CodeRange{0, (1 << bits) - 1};
        }
        for (const double s : doublesOf(*scale)) {
            params.scale.push_back(static_cast<float>(s));
        }
        params.zeroPoint.assign(params.scale.size(), 0);
        if (zeroPoint) {
            const auto zeros = integersOf(*zeroPoint);
            for (std::size_t k = 0; k < params.scale.size() && !zeros.empty(); ++k) {
                params.zeroPoint[k] = static_cast<std::int32_t>(zeros[zeros.size() == 1 ? 0 : k]);
            }
        }
        if (params.scale.size() > 1) {
            params.axis = static_cast<int>(axis);
        }
        const bool usable =
            std::ranges::all_of(params.scale, [](float s) { return std::isfinite(s) && s > 0.0f; });
        return usable && (isCodeType(params.type) || params.type == DataType::Int32) ? std::optional(params)
                                                                                     : std::nullopt;
    }

    static DataType outputType(const Node& node)
    {
        // output_dtype (opset 21) as TensorProto numbers it.
        switch (node.integer("output_dtype", 0)) {
        case 3:
            return DataType::Int8;
        case 4:
            return DataType::UInt16;
        case 5:
            return DataType::Int16;
        case 22:
            return DataType::Int8; // INT4, held as bytes; UINT4 is 21
        default:
            return DataType::UInt8;
        }
    }

    /// Whether everything that reads the value reads it as codes of reals, so that it may be left out.
    bool isOnlyCodes(ValueId id)
    {
        if (const auto known = m_onlyCodes.find(indexOf(id)); known != m_onlyCodes.end()) {
            return known->second;
        }
        bool result = true;
        for (const NodeId reader : value(id).consumers) {
            const Node& node = m_graph.node(reader);
            const auto form = qOperatorOf(node);
            const auto isOperand = [&](std::size_t i) { return node.hasInput(i) && node.inputs[i] == id; };
            if (isDequantize(node)) {
                result = result && isOperand(0) && paramsAt(node, 1, 0, value(id).type).has_value();
            } else if (form) {
                result =
                    result && std::ranges::any_of(form->operands, isOperand) && isConvertible(node, *form);
            } else if (movesCodes(node)) {
                result = result && isOperand(0);
                for (const ValueId output : node.outputs) {
                    result = result && (output == kNoValue || isOnlyCodes(output));
                }
            } else {
                result = false;
            }
        }
        return m_onlyCodes[indexOf(id)] = result;
    }

    bool isConvertible(const Node& node, const QOperator& form) const
    {
        if (node.integer("channels_last", 0) != 0) {
            return false;
        }
        const auto usable = [&](std::size_t i) { return paramsAt(node, i, 0, DataType::UInt8).has_value(); };
        return usable(form.output)
            && std::ranges::all_of(form.operands, [&](std::size_t i) { return usable(i + 1); })
            && (!form.bias || !node.hasInput(*form.bias) || constant(node, *form.bias));
    }

    /// A graph output behind a DequantizeLinear, or of codes, gives its name to the real value that it stands
    /// for.
    void nameOutputs()
    {
        std::set<std::size_t> taken;
        for (const ValueId id : m_graph.outputs()) {
            ValueId source = id;
            for (const Node* node = producer(source); node && (isDequantize(*node) || isQuantize(*node));
                 node = producer(source)) {
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
        if (isCodeType(type) && !v.consumers.empty() && isOnlyCodes(id)) {
            const Node& reader = m_graph.node(v.consumers.front());
            const auto position =
                static_cast<std::size_t>(std::ranges::find(reader.inputs, id) - reader.inputs.begin());
            if (const auto params =
                    movesCodes(reader) ? std::nullopt : paramsAt(reader, position + 1, 0, type)) {
                addCodes(id, v.name, *params);
                type = DataType::Float32;
            }
        }
        m_builder.input(v.name, type, v.shape, v.hasShape);
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

    void place(const Node& node)
    {
        const bool ours = (node.domain.empty() || node.domain == "com.microsoft") && node.hasOutput(0);
        if (ours && isQuantize(node) && placeQuantize(node)) {
            return;
        }
        if (ours && isDequantize(node) && placeDequantize(node)) {
            return;
        }
        if (const auto form = ours ? qOperatorOf(node) : std::nullopt;
            form && isConvertible(node, *form) && isOnlyCodes(node.outputs[0])) {
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
        const auto params = paramsAt(node, 1, node.integer("axis", 1), outputType(node));
        if (!params || !isCodeType(params->type) || !isOnlyCodes(node.outputs[0])) {
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
        addCodes(node.outputs[0], realName(node.inputs[0]), *params);
        return true;
    }

    bool placeDequantize(const Node& node)
    {
        const Tensor* codes = constant(node, 0);
        const auto params =
            paramsAt(node, 1, node.integer("axis", 1), codes ? codes->type() : DataType::UInt8);
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

    /// codes · scale of a constant in QOperator form, along `axis` where the scales are several.
    void addDequantized(const Node& node, std::size_t i, const Tensor& codes,
                        const QuantizationParams& params)
    {
        const auto integers = integersOf(codes);
        TensorBuilder real(DataType::Float32, codes.shape());
        const auto dst = real.as<float>();
        std::int64_t stride = 1;
        for (std::size_t k = params.axis ? static_cast<std::size_t>(*params.axis) + 1 : codes.rank();
             k < codes.rank(); ++k) {
            stride *= codes.shape()[k];
        }
        for (std::size_t k = 0; k < dst.size(); ++k) {
            const std::size_t c =
                params.axis ? k / static_cast<std::size_t>(stride) % params.scale.size() : 0;
            dst[k] = params.scale[c] * static_cast<float>(integers[k] - params.zeroPoint[c]);
        }
        addConstant(value(node.inputs[i]).name, std::move(real).finish(), codes, params);
    }

    void placeQOperator(const Node& node, const QOperator& form)
    {
        Node real = node;
        real.type = form.real;
        real.domain.clear();
        // QLinearSoftmax says itself which Softmax it is.
        real.version = node.domain.empty() ? node.version : static_cast<int>(node.integer("opset", opset()));
        real.inputs.clear();
        std::vector<QuantizationParams> operands;
        for (const std::size_t i : form.operands) {
            const bool isTransposed = node.integer("transB", 0) != 0;
            const std::int64_t axis = form.real == "MatMul" || (form.real == "Gemm" && !isTransposed)
                ? static_cast<std::int64_t>(constant(node, i) ? constant(node, i)->rank() : 2) - 1
                : 0;
            const Tensor* codes = constant(node, i);
            operands.push_back(*paramsAt(node, i + 1, axis, codes ? codes->type() : DataType::UInt8));
            if (codes) {
                addDequantized(node, i, *codes, operands.back());
                real.inputs.push_back(m_builder.value(value(node.inputs[i]).name));
            } else {
                real.inputs.push_back(read(node.inputs[i]));
            }
        }
        if (form.bias && node.hasInput(*form.bias)) {
            QuantizationParams params = operands[1];
            params.type = DataType::Int32;
            params.codes = codesOf(params.type);
            for (std::size_t c = 0; c < params.scale.size(); ++c) {
                params.scale[c] *= operands[0].scale[0];
                params.zeroPoint[c] = 0;
            }
            params.axis = params.axis ? std::optional(0) : std::nullopt;
            for (float& scale : params.scale) { // QGemm adds C before alpha
                scale *= node.real("alpha", 1.0f);
            }
            addDequantized(node, *form.bias, *constant(node, *form.bias), params);
            real.inputs.push_back(m_builder.value(value(node.inputs[*form.bias]).name));
        }
        const std::string output = ownName(node.outputs[0]);
        real.outputs = {m_builder.value(output)};
        m_builder.node(std::move(real));
        const Tensor* zeroPoint = constant(node, form.output + 1);
        addCodes(node.outputs[0], output,
                 *paramsAt(node, form.output, 0, zeroPoint ? zeroPoint->type() : DataType::UInt8));
    }

    int opset() const
    {
        int version = 0;
        for (const Node& node : m_graph.nodes()) {
            version = node.domain.empty() ? std::max(version, node.version) : version;
        }
        return version > 0 ? version : 13;
    }

    const Graph& m_graph;
    GraphBuilder m_builder;
    std::shared_ptr<WrittenQuantization> m_written;
    std::map<std::size_t, Codes> m_codes; // by ValueId of the model
    std::map<std::size_t, std::string> m_names; // by ValueId of the model, where the shadow has another name
    std::map<std::size_t, bool> m_onlyCodes;
    std::set<std::string> m_constants; // already in the shadow
};

} // namespace

bool isQuantized(const Graph& graph)
{
    return std::ranges::any_of(graph.nodes(), [&](const Node& node) {
        if (isDequantize(node) || isQuantize(node)) {
            return node.hasInput(1) && graph.value(node.inputs[1]).constant.has_value();
        }
        return qOperatorOf(node).has_value();
    });
}

QuantizedModel splitQuantized(const Graph& graph) { return Splitter(graph).run(); }

} // namespace core
