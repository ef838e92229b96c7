#include "io/onnx/onnx_graph_reader.h"

#include "core/base/error.h"
#include "core/graph/ops/loops.h"
#include "io/onnx/external_budget.h"
#include "io/onnx/onnx_tensor.h"

#include <algorithm>
#include <fmt/format.h>
#include <onnx/onnx_pb.h>
#include <set>

namespace io {

using core::Error;
using core::ErrorKind;

namespace {

struct ValueType
{
    core::DataType type = core::DataType::Undefined;
    core::Shape shape;
    bool hasShape = false;
    std::vector<std::string> dimensionNames; ///< by axis; empty where it has a value or no name
};

ValueType valueType(const onnx::ValueInfoProto& info)
{
    const std::string what = fmt::format("value '{}'", info.name());
    if (info.has_type() && !info.type().has_tensor_type()) {
        throw Error(ErrorKind::UnsupportedOperator,
                    what + " is a sequence, map or optional; only tensors are supported");
    }
    const auto& tensor = info.type().tensor_type();
    if (tensor.elem_type() == onnx::TensorProto::UNDEFINED) {
        return {};
    }
    ValueType result{dataTypeOfProto(tensor.elem_type(), what), {}, tensor.has_shape(), {}};
    for (const auto& dimension : tensor.shape().dim()) {
        const bool isKnown = dimension.has_dim_value() && dimension.dim_value() >= 0;
        result.shape.push_back(isKnown ? dimension.dim_value() : core::kDynamic);
        result.dimensionNames.push_back(dimension.dim_param());
    }
    return result;
}

/// One graph of the file, or the body of an If, Loop or Scan.
class GraphReader
{
public:
    GraphReader(const std::map<std::string, int>& opsets, std::filesystem::path folder)
        : m_opsets(opsets)
        , m_folder(std::move(folder))
    {
    }

    core::Graph readTop(const onnx::GraphProto& proto) const
    {
        requireMemoryForExternalData(proto);
        std::vector<std::string> captured;
        return read(proto, captured, Scope::Top);
    }

private:
    enum class Scope
    {
        Top,
        Inner
    };

    /// Values of an inner graph that belong to the graph around it become further inputs of it, named in
    /// `captured`.
    core::Graph read(const onnx::GraphProto& proto, std::vector<std::string>& captured, Scope scope) const
    {
        core::GraphBuilder builder(proto.name());
        std::set<std::string> known;
        if (proto.sparse_initializer_size() > 0) {
            throw Error(ErrorKind::UnsupportedOperator, "sparse initializers are not supported");
        }
        for (const auto& initializer : proto.initializer()) {
            requireName(initializer.name(), "an initializer");
            if (!known.insert(initializer.name()).second) {
                throw Error(ErrorKind::InvalidModel,
                            fmt::format("two initializers are named '{}'", initializer.name()));
            }
            builder.constant(initializer.name(), tensorOfProto(initializer, m_folder));
            if (isFourBit(initializer.data_type())) {
                m_fourBit.insert(initializer.name());
            }
        }
        std::set<std::string> inputs;
        for (const auto& input : proto.input()) {
            requireName(input.name(), "a graph input");
            if (!inputs.insert(input.name()).second) {
                throw Error(ErrorKind::InvalidModel, fmt::format("two inputs are named '{}'", input.name()));
            }
            // Up to IR version 3 every initializer is listed as an input, too.
            if (known.insert(input.name()).second) {
                const ValueType type = valueType(input);
                const core::ValueId id = builder.input(input.name(), type.type, type.shape, type.hasShape);
                builder.nameDimensions(id, type.dimensionNames);
            }
        }
        for (const auto& node : proto.node()) {
            for (const auto& output : node.output()) {
                if (!output.empty() && known.contains(output)
                    && (inputs.contains(output) || isInitializer(proto, output))) {
                    throw Error(
                        ErrorKind::InvalidModel,
                        fmt::format("value '{}' is written by node '{}' and is also an input or initializer",
                                    output, node.name()));
                }
                known.insert(output);
            }
        }
        known.erase(std::string()); // an output left out is no value
        const auto capture = [&](const std::string& name) {
            if (scope == Scope::Inner && !name.empty() && known.insert(name).second) {
                captured.push_back(name);
                builder.input(name, core::DataType::Undefined, {}, false);
            }
        };
        for (int i = 0; i < proto.node_size(); ++i) {
            const onnx::NodeProto& node = proto.node(i);
            for (const auto& name : node.input()) {
                capture(name);
            }
            addNode(builder, node, i, capture);
        }
        for (const auto& info : proto.value_info()) {
            if (known.contains(info.name()) && !inputs.contains(info.name())) {
                declare(builder, info);
            }
        }
        for (const auto& output : proto.output()) {
            requireName(output.name(), "a graph output");
            capture(output.name());
            if (scope == Scope::Top && !inputs.contains(output.name())) {
                declare(builder, output);
            }
            builder.output(builder.value(output.name()));
        }
        return std::move(builder).finish();
    }

    /// "" means "left out" and can be no value's name; of what is left out nothing may be said either.
    static void requireName(const std::string& name, std::string_view what)
    {
        if (name.empty()) {
            throw Error(ErrorKind::InvalidModel, fmt::format("{} has no name", what));
        }
    }

    static bool isInitializer(const onnx::GraphProto& proto, const std::string& name)
    {
        for (const auto& initializer : proto.initializer()) {
            if (initializer.name() == name) {
                return true;
            }
        }
        return false;
    }

    void declare(core::GraphBuilder& builder, const onnx::ValueInfoProto& info) const
    {
        const ValueType type = valueType(info);
        if (type.type != core::DataType::Undefined && type.hasShape && !m_constants.contains(info.name())) {
            const core::ValueId id = builder.value(info.name());
            builder.declare(id, type.type, type.shape);
            builder.nameDimensions(id, type.dimensionNames);
        }
    }

    template <typename Capture>
    void addNode(core::GraphBuilder& builder, const onnx::NodeProto& proto, int position,
                 const Capture& capture) const
    {
        core::Node node;
        node.name = proto.name().empty() ? fmt::format("{}_{}", proto.op_type(), position) : proto.name();
        node.type = proto.op_type();
        node.domain = normalizedDomain(proto.domain());
        const auto opset = m_opsets.find(node.domain);
        node.version = opset == m_opsets.end() ? 1 : opset->second;
        for (const auto& name : proto.input()) {
            node.inputs.push_back(builder.value(name));
        }
        for (const auto& name : proto.output()) {
            node.outputs.push_back(builder.value(name));
        }
        if (std::ranges::all_of(node.outputs, [](core::ValueId id) { return id == core::kNoValue; })) {
            throw Error(ErrorKind::InvalidModel,
                        fmt::format("node '{}' ({}) has no output", node.name, node.type));
        }
        std::vector<std::string> captured;
        try {
            readAttributes(proto, node, captured);
        } catch (const Error& error) {
            throw Error(error.kind(), fmt::format("node '{}': {}", node.name, error.what()));
        }
        if (node.type == "Loop"
            || node.type == "Scan") { // behind them stand the values that the body captures
            node.attributes[std::string(core::ops::kExplicitInputs)] = std::ssize(node.inputs);
        }
        for (const auto& name : captured) {
            capture(name);
            node.inputs.push_back(builder.value(name));
        }
        if (readsFourBits(proto)) {
            node.attributes["code_bits"] = std::int64_t{4};
        }
        if (!addAsConstant(builder, proto, node)) {
            builder.node(std::move(node));
        }
    }

    static bool isFourBit(int type) { return type == kProtoUInt4 || type == kProtoInt4; }

    /// Whether codes of QuantizeLinear or DequantizeLinear have 4 bits: as its constants or output_dtype say.
    bool readsFourBits(const onnx::NodeProto& proto) const
    {
        if (proto.op_type() == "Constant") {
            for (const auto& attribute : proto.attribute()) {
                if (attribute.has_t() && isFourBit(attribute.t().data_type()) && proto.output_size() == 1) {
                    m_fourBit.insert(proto.output(0));
                }
            }
            return false;
        }
        if (proto.op_type() != "QuantizeLinear" && proto.op_type() != "DequantizeLinear") {
            return false;
        }
        for (const auto& attribute : proto.attribute()) {
            if (attribute.name() == "output_dtype" && isFourBit(static_cast<int>(attribute.i()))) {
                return true;
            }
        }
        return std::ranges::any_of(proto.input(),
                                   [this](const std::string& name) { return m_fourBit.contains(name); });
    }

    /// A Constant node is only a way to write an initializer.
    bool addAsConstant(core::GraphBuilder& builder, const onnx::NodeProto& proto,
                       const core::Node& node) const
    {
        if (node.type != "Constant" || !node.domain.empty() || proto.output_size() != 1
            || proto.attribute_size() != 1) {
            return false;
        }
        const core::Attribute* value = nullptr;
        for (const char* key : {"value", "value_float", "value_floats", "value_int", "value_ints"}) {
            value = value ? value : node.find(key);
        }
        const auto tensor = value ? asTensor(*value) : std::nullopt;
        if (!tensor) {
            return false;
        }
        if (!m_constants.insert(proto.output(0)).second) {
            throw Error(ErrorKind::InvalidModel,
                        fmt::format("value '{}' is written by two nodes", proto.output(0)));
        }
        builder.constant(proto.output(0), *tensor);
        return true;
    }

    static std::optional<core::Tensor> asTensor(const core::Attribute& value)
    {
        if (const auto* tensor = std::get_if<core::Tensor>(&value)) {
            return *tensor;
        }
        if (const auto* number = std::get_if<float>(&value)) {
            return core::makeTensor<float>({}, std::span(number, 1));
        }
        if (const auto* number = std::get_if<std::int64_t>(&value)) {
            return core::makeTensor<std::int64_t>({}, std::span(number, 1));
        }
        if (const auto* numbers = std::get_if<std::vector<float>>(&value)) {
            return core::makeTensor<float>({std::ssize(*numbers)}, *numbers);
        }
        if (const auto* numbers = std::get_if<std::vector<std::int64_t>>(&value)) {
            return core::makeTensor<std::int64_t>({std::ssize(*numbers)}, *numbers);
        }
        return std::nullopt;
    }

    void readAttributes(const onnx::NodeProto& proto, core::Node& node,
                        std::vector<std::string>& captured) const
    {
        std::map<std::string, std::vector<std::string>> capturedBy;
        for (const auto& attribute : proto.attribute()) {
            core::Attribute value;
            switch (typeOf(attribute)) {
            case onnx::AttributeProto::FLOAT:
                value = attribute.f();
                break;
            case onnx::AttributeProto::INT:
                value = static_cast<std::int64_t>(attribute.i());
                break;
            case onnx::AttributeProto::STRING:
                value = attribute.s();
                break;
            case onnx::AttributeProto::TENSOR:
                value = tensorOfProto(attribute.t(), m_folder);
                break;
            case onnx::AttributeProto::FLOATS:
                value = std::vector<float>(attribute.floats().begin(), attribute.floats().end());
                break;
            case onnx::AttributeProto::INTS:
                value = std::vector<std::int64_t>(attribute.ints().begin(), attribute.ints().end());
                break;
            case onnx::AttributeProto::STRINGS:
                value = std::vector<std::string>(attribute.strings().begin(), attribute.strings().end());
                break;
            case onnx::AttributeProto::GRAPH: {
                const GraphReader inner(m_opsets, m_folder);
                value = std::make_shared<const core::Graph>(
                    inner.read(attribute.g(), capturedBy[attribute.name()], Scope::Inner));
                break;
            }
            default:
                continue; // sparse tensors, types and lists of graphs belong to operators we do not know
            }
            if (!node.attributes.emplace(attribute.name(), std::move(value)).second) {
                throw Error(ErrorKind::InvalidModel,
                            fmt::format("attribute '{}' is given twice", attribute.name()));
            }
        }
        // An If reads what its branches capture: then_branch's values first, then else_branch's.
        for (const auto& key : {std::string("then_branch"), std::string("else_branch")}) {
            captured.insert(captured.end(), capturedBy[key].begin(), capturedBy[key].end());
            capturedBy.erase(key);
        }
        for (const auto& [key, names] : capturedBy) {
            captured.insert(captured.end(), names.begin(), names.end());
        }
    }

    /// Early files leave the type out.
    static onnx::AttributeProto::AttributeType typeOf(const onnx::AttributeProto& attribute)
    {
        using Proto = onnx::AttributeProto;
        if (attribute.type() != Proto::UNDEFINED) {
            return attribute.type();
        }
        return attribute.has_f()           ? Proto::FLOAT
            : attribute.has_i()            ? Proto::INT
            : attribute.has_s()            ? Proto::STRING
            : attribute.has_t()            ? Proto::TENSOR
            : attribute.has_g()            ? Proto::GRAPH
            : attribute.floats_size() > 0  ? Proto::FLOATS
            : attribute.strings_size() > 0 ? Proto::STRINGS
                                           : Proto::INTS;
    }

    const std::map<std::string, int>& m_opsets;
    std::filesystem::path m_folder;
    mutable std::set<std::string> m_fourBit; ///< constants of 4-bit codes of the graph being read
    mutable std::set<std::string> m_constants; ///< outputs of Constant nodes of the graph being read
};

} // namespace

core::Graph graphOfProto(const onnx::GraphProto& proto, const std::map<std::string, int>& opsets,
                         const std::filesystem::path& folder)
{
    return GraphReader(opsets, folder).readTop(proto);
}

std::string normalizedDomain(const std::string& domain)
{
    return domain == "ai.onnx" ? std::string{} : domain;
}

} // namespace io
