#include "io/onnx/onnx_writer.h"

#include "core/base/error.h"
#include "io/onnx/onnx_tensor.h"

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

struct AttributeFiller
{
    onnx::AttributeProto& proto;

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
    void operator()(const std::shared_ptr<const core::Graph>&) const
    {
        throw core::Error(core::ErrorKind::UnsupportedOperator, "a node with a subgraph cannot be exported");
    }
};

} // namespace

int onnxTypeNumber(core::DataType type) { return protoType(type); }

struct OnnxWriter::Impl
{
    onnx::ModelProto model;
    std::set<std::string> initializers;
    std::set<std::string> domains;
};

OnnxWriter::OnnxWriter()
    : m_impl(std::make_unique<Impl>())
{
}

OnnxWriter::~OnnxWriter() = default;

void OnnxWriter::input(const std::string& name, core::DataType type, const core::Shape& shape)
{
    fill(*m_impl->model.mutable_graph()->add_input(), name, type, shape);
}

void OnnxWriter::output(const std::string& name, core::DataType type, const core::Shape& shape)
{
    fill(*m_impl->model.mutable_graph()->add_output(), name, type, shape);
}

void OnnxWriter::initializer(const std::string& name, const core::Tensor& tensor)
{
    if (m_impl->initializers.insert(name).second) {
        TensorProto& proto = *m_impl->model.mutable_graph()->add_initializer();
        proto.set_name(name);
        fill(proto, tensor);
    }
}

void OnnxWriter::fourBitInitializer(const std::string& name, const core::Tensor& codes)
{
    if (!m_impl->initializers.insert(name).second) {
        return;
    }
    TensorProto& proto = *m_impl->model.mutable_graph()->add_initializer();
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
}

void OnnxWriter::node(const std::string& type, const std::string& name,
                      const std::vector<std::string>& inputs, const std::vector<std::string>& outputs,
                      const std::map<std::string, core::Attribute, std::less<>>& attributes,
                      const std::string& domain)
{
    onnx::NodeProto& node = *m_impl->model.mutable_graph()->add_node();
    node.set_op_type(type);
    node.set_name(name);
    node.set_domain(domain);
    if (!domain.empty()) {
        m_impl->domains.insert(domain);
    }
    for (const std::string& input : inputs) {
        node.add_input(input);
    }
    for (const std::string& output : outputs) {
        node.add_output(output);
    }
    for (const auto& [key, value] : attributes) {
        onnx::AttributeProto& attribute = *node.add_attribute();
        attribute.set_name(key);
        std::visit(AttributeFiller{attribute}, value);
    }
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
