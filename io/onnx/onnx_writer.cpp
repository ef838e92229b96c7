#include "io/onnx/onnx_writer.h"

#include "core/base/error.h"
#include "core/graph/ops/loops.h"
#include "io/onnx/onnx_tensor.h"
#include "io/onnx/opset13.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <onnx/onnx_pb.h>
#include <set>

namespace io {

namespace {

using onnx::TensorProto;

TensorProto::DataType protoType(core::DataType type)
{
    switch (type) {
    case core::DataType::Float32:
        return TensorProto::FLOAT;
    case core::DataType::Float64:
        return TensorProto::DOUBLE;
    case core::DataType::Float16:
        return TensorProto::FLOAT16;
    case core::DataType::BFloat16:
        return TensorProto::BFLOAT16;
    case core::DataType::Int8:
        return TensorProto::INT8;
    case core::DataType::UInt8:
        return TensorProto::UINT8;
    case core::DataType::Int16:
        return TensorProto::INT16;
    case core::DataType::UInt16:
        return TensorProto::UINT16;
    case core::DataType::Int32:
        return TensorProto::INT32;
    case core::DataType::UInt32:
        return TensorProto::UINT32;
    case core::DataType::Int64:
        return TensorProto::INT64;
    case core::DataType::UInt64:
        return TensorProto::UINT64;
    case core::DataType::Bool:
        return TensorProto::BOOL;
    case core::DataType::Undefined:
        break;
    }
    return TensorProto::UNDEFINED;
}

void fill(TensorProto& proto, const core::Tensor& tensor)
{
    proto.set_data_type(protoType(tensor.type()));
    for (const std::int64_t dimension : tensor.shape()) {
        proto.add_dims(dimension);
    }
    proto.set_raw_data(tensor.data(), tensor.byteCount());
}

void fill(onnx::ValueInfoProto& info, const std::string& name, core::DataType type, const core::Shape& shape)
{
    info.set_name(name);
    auto* tensor = info.mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(protoType(type));
    auto* dims = tensor->mutable_shape();
    for (const std::int64_t dimension : shape) {
        auto* const added = dims->add_dim(); // one without a value is dynamic
        if (dimension != core::kDynamic) {
            added->set_dim_value(dimension);
        }
    }
}

void fillInfo(onnx::ValueInfoProto& info, const std::string& name, const core::Value& value)
{
    info.set_name(name);
    if (value.type != core::DataType::Undefined) {
        auto* tensor = info.mutable_type()->mutable_tensor_type();
        tensor->set_elem_type(protoType(value.type));
        for (std::size_t i = 0; value.hasShape && i < value.shape.size(); ++i) {
            auto* const added = tensor->mutable_shape()->add_dim();
            if (value.shape[i] != core::kDynamic) {
                added->set_dim_value(value.shape[i]);
            }
        }
        if (value.hasShape) {
            (void)tensor->mutable_shape(); // a scalar has one, too
        }
    }
}

/// How the body of an If, Loop or Scan names its values.
struct BodyNames
{
    std::string prefix;
    std::vector<std::string> captured; ///< the values around it that are its last inputs
};

void fillGraph(onnx::GraphProto& proto, const core::Graph& graph, const BodyNames& outer);

struct AttributeFiller
{
    onnx::AttributeProto& proto;
    const BodyNames& names; ///< of graphs

    void operator()(std::int64_t value) const
    {
        proto.set_type(onnx::AttributeProto::INT);
        proto.set_i(value);
    }
    void operator()(float value) const
    {
        proto.set_type(onnx::AttributeProto::FLOAT);
        proto.set_f(value);
    }
    void operator()(const std::string& value) const
    {
        proto.set_type(onnx::AttributeProto::STRING);
        proto.set_s(value);
    }
    void operator()(const std::vector<std::int64_t>& values) const
    {
        proto.set_type(onnx::AttributeProto::INTS);
        proto.mutable_ints()->Add(values.begin(), values.end());
    }
    void operator()(const std::vector<float>& values) const
    {
        proto.set_type(onnx::AttributeProto::FLOATS);
        proto.mutable_floats()->Add(values.begin(), values.end());
    }
    void operator()(const std::vector<std::string>& values) const
    {
        proto.set_type(onnx::AttributeProto::STRINGS);
        for (const std::string& value : values) {
            proto.add_strings(value);
        }
    }
    void operator()(const core::Tensor& tensor) const
    {
        proto.set_type(onnx::AttributeProto::TENSOR);
        fill(*proto.mutable_t(), tensor);
    }
    void operator()(const std::shared_ptr<const core::Graph>& body) const
    {
        proto.set_type(onnx::AttributeProto::GRAPH);
        fillGraph(*proto.mutable_g(), *body, names);
    }
};

void fillNode(onnx::NodeProto& proto, const std::string& type, const std::string& name,
              const std::vector<std::string>& inputs, const std::vector<std::string>& outputs,
              const std::map<std::string, core::Attribute, std::less<>>& attributes,
              const std::string& domain)
{
    proto.set_op_type(type);
    proto.set_name(name);
    proto.set_domain(domain);
    std::size_t captured = inputs.size(); // the first input that only a body reads
    if (const auto own = attributes.find(core::ops::kExplicitInputs); own != attributes.end()) {
        captured = static_cast<std::size_t>(std::get<std::int64_t>(own->second));
    } else if (type == "If" && domain.empty()) {
        captured = 1;
    }
    for (std::size_t i = 0; i < captured; ++i) {
        proto.add_input(inputs[i]);
    }
    for (const std::string& output : outputs) {
        proto.add_output(output);
    }
    // then_branch captures before else_branch.
    for (auto item = attributes.rbegin(); item != attributes.rend(); ++item) {
        const auto& [key, value] = *item;
        if (key == core::ops::kExplicitInputs) {
            continue;
        }
        BodyNames names{name + "/" + key + "/", {}};
        if (const auto* body = std::get_if<std::shared_ptr<const core::Graph>>(&value)) {
            const std::size_t most = type == "If" ? (*body)->inputs().size() : inputs.size();
            for (std::size_t k = 0; k < most && captured < inputs.size(); ++k) {
                names.captured.push_back(inputs[captured++]);
            }
        }
        onnx::AttributeProto& attribute = *proto.add_attribute();
        attribute.set_name(key);
        std::visit(AttributeFiller{attribute, names}, value);
    }
}

/// Every name that the body makes itself gets the prefix: it may hide none around it.
void fillGraph(onnx::GraphProto& proto, const core::Graph& graph, const BodyNames& outer)
{
    proto.set_name(graph.name().empty() ? "body" : graph.name());
    std::vector<std::string> names;
    for (const core::Value& value : graph.values()) {
        names.push_back(outer.prefix + value.name);
        if (value.constant) {
            TensorProto& tensor = *proto.add_initializer();
            tensor.set_name(names.back());
            fill(tensor, *value.constant);
        }
    }
    const std::size_t own = graph.inputs().size() - outer.captured.size();
    for (std::size_t i = 0; i < graph.inputs().size(); ++i) {
        std::string& name = names[core::indexOf(graph.inputs()[i])];
        if (i >= own) {
            name = outer.captured[i - own];
            continue;
        }
        const core::Value& value = graph.value(graph.inputs()[i]);
        fillInfo(*proto.add_input(), name, value);
    }
    const auto nameOf = [&](core::ValueId id) {
        return id == core::kNoValue ? std::string() : names[core::indexOf(id)];
    };
    for (const core::Node& node : graph.nodes()) {
        std::vector<std::string> inputs;
        std::vector<std::string> outputs;
        std::ranges::transform(node.inputs, std::back_inserter(inputs), nameOf);
        std::ranges::transform(node.outputs, std::back_inserter(outputs), nameOf);
        const bool isShaped = node.hasInput(0) && graph.value(node.inputs[0]).hasShape;
        core::Node named = node;
        named.name = outer.prefix + node.name;
        const bool isKnown = isShaped && node.hasOutput(0) && graph.value(node.outputs[0]).hasShape;
        const NodeForm form =
            opset13Form(named, inputs, isShaped ? graph.value(node.inputs[0]).shape : core::Shape{},
                        isKnown ? graph.value(node.outputs[0]).shape : core::Shape{},
                        isShaped ? graph.value(node.inputs[0]).type : core::DataType::Float32);
        for (const auto& [name, tensor] : form.constants) {
            TensorProto& constant = *proto.add_initializer();
            constant.set_name(name);
            fill(constant, tensor);
        }
        fillNode(*proto.add_node(), form.type, named.name, form.inputs, outputs, form.attributes,
                 node.domain);
    }
    for (const core::ValueId id : graph.outputs()) {
        const bool isMade = graph.value(id).producer.has_value();
        const std::string name =
            isMade ? nameOf(id) : fmt::format("{}output_{}", outer.prefix, proto.output_size());
        if (!isMade) { // handed through, or a constant: a body gives what it computes
            fillNode(*proto.add_node(), "Identity", name + "_Identity", {nameOf(id)}, {name}, {}, {});
        }
        fillInfo(*proto.add_output(), name, graph.value(id));
    }
}

} // namespace

int onnxTypeNumber(core::DataType type) { return protoType(type); }

struct OnnxWriter::Impl
{
    onnx::ModelProto model;
    std::map<std::string, int> initializers; ///< where each stands in the graph
    std::set<std::string> written; ///< inputs and outputs of nodes
    std::set<std::string> nodes;
    std::set<std::string> domains;
    bool hasCollision = false;

    /// A tensor is written once; another one under its name is a collision.
    void add(TensorProto proto)
    {
        auto& all = *model.mutable_graph()->mutable_initializer();
        const auto [known, isNew] = initializers.try_emplace(proto.name(), all.size());
        if (isNew) {
            *all.Add() = std::move(proto);
            return;
        }
        const TensorProto& first = all[known->second];
        hasCollision = hasCollision || first.data_type() != proto.data_type()
            || !std::ranges::equal(first.dims(), proto.dims()) || first.raw_data() != proto.raw_data();
    }
    void write(const std::string& name)
    {
        hasCollision = hasCollision || (!name.empty() && !written.insert(name).second);
    }
};

OnnxWriter::OnnxWriter()
    : m_impl(std::make_unique<Impl>())
{
}

OnnxWriter::~OnnxWriter() = default;

void OnnxWriter::input(const std::string& name, core::DataType type, const core::Shape& shape,
                       const std::vector<std::string>& dimensionNames)
{
    m_impl->write(name);
    auto& info = *m_impl->model.mutable_graph()->add_input();
    fill(info, name, type, shape);
    auto& dims = *info.mutable_type()->mutable_tensor_type()->mutable_shape();
    for (std::size_t axis = 0; axis < shape.size() && axis < dimensionNames.size(); ++axis) {
        if (shape[axis] == core::kDynamic && !dimensionNames[axis].empty()) {
            dims.mutable_dim(static_cast<int>(axis))->set_dim_param(dimensionNames[axis]);
        }
    }
}

void OnnxWriter::output(const std::string& name, core::DataType type, const core::Shape& shape)
{
    fill(*m_impl->model.mutable_graph()->add_output(), name, type, shape);
}

void OnnxWriter::initializer(const std::string& name, const core::Tensor& tensor)
{
    TensorProto proto;
    proto.set_name(name);
    fill(proto, tensor);
    m_impl->add(std::move(proto));
}

void OnnxWriter::fourBitInitializer(const std::string& name, const core::Tensor& codes)
{
    TensorProto proto;
    proto.set_name(name);
    proto.set_data_type(codes.type() == core::DataType::UInt8 ? kProtoUInt4 : kProtoInt4);
    for (const std::int64_t dimension : codes.shape()) {
        proto.add_dims(dimension);
    }
    const auto integers = core::integersOf(codes);
    std::string packed((integers.size() + 1) / 2, '\0');
    for (std::size_t i = 0; i < integers.size(); ++i) {
        const auto half = static_cast<unsigned>(integers[i]) & 0xfU;
        const auto byte = static_cast<unsigned char>(packed[i / 2]);
        packed[i / 2] = static_cast<char>(byte | (i % 2 == 0 ? half : half << 4));
    }
    proto.set_raw_data(std::move(packed));
    m_impl->add(std::move(proto));
}

void OnnxWriter::node(const std::string& type, const std::string& name,
                      const std::vector<std::string>& inputs, const std::vector<std::string>& outputs,
                      const std::map<std::string, core::Attribute, std::less<>>& attributes,
                      const std::string& domain)
{
    m_impl->hasCollision = m_impl->hasCollision || !m_impl->nodes.insert(name).second;
    std::ranges::for_each(outputs, [this](const std::string& output) { m_impl->write(output); });
    onnx::NodeProto& node = *m_impl->model.mutable_graph()->add_node();
    fillNode(node, type, name, inputs, outputs, attributes, domain);
    if (!domain.empty()) {
        m_impl->domains.insert(domain);
    }
}

bool OnnxWriter::hasCollision() const
{
    const auto isWritten = [this](const auto& item) { return m_impl->written.contains(item.first); };
    return m_impl->hasCollision || std::ranges::any_of(m_impl->initializers, isWritten);
}

std::string OnnxWriter::finish(const std::string& graphName, int opset) const
{
    onnx::ModelProto& model = m_impl->model;
    model.set_ir_version(opset >= 21 ? 10 : opset >= 19 ? 9 : opset >= 15 ? 8 : 7);
    model.set_producer_name("noisefloor");
    model.mutable_graph()->set_name(graphName.empty() ? "graph" : graphName);
    model.clear_opset_import();
    onnx::OperatorSetIdProto& own = *model.add_opset_import();
    own.set_domain("");
    own.set_version(opset);
    for (const std::string& domain : m_impl->domains) {
        onnx::OperatorSetIdProto& other = *model.add_opset_import();
        other.set_domain(domain);
        other.set_version(1);
    }
    std::string bytes;
    if (!model.SerializeToString(&bytes)) {
        throw core::Error(core::ErrorKind::OutOfBudget,
                          "the model is too large for one protobuf file (2 GiB)");
    }
    return bytes;
}

} // namespace io
