#include "io/onnx/expose_outputs.h"

#include "core/base/error.h"
#include "io/onnx/onnx_tensor.h"
#include "io/onnx/onnx_writer.h"

#include <algorithm>
#include <onnx/onnx_pb.h>
#include <set>

namespace io {

namespace {

/// Names of QuantizeLinear's results whose zero point has 4 bits.
std::set<std::string> fourBitCodes(const onnx::GraphProto& graph)
{
    std::set<std::string> constants;
    for (const auto& initializer : graph.initializer()) {
        if (initializer.data_type() == kProtoUInt4 || initializer.data_type() == kProtoInt4) {
            constants.insert(initializer.name());
        }
    }
    std::set<std::string> codes;
    for (const auto& node : graph.node()) {
        if (node.op_type() == "QuantizeLinear" && node.input_size() > 2
            && constants.contains(node.input(2))) {
            codes.insert(node.output(0));
        }
    }
    return codes;
}

/// Gives codes of 4 bits another name and their own to what a Cast makes of them.
void widen(onnx::GraphProto& graph, const ExposedTensor& tensor)
{
    const std::string packed = tensor.name + "_packed";
    for (auto& node : *graph.mutable_node()) {
        for (auto* const names : {node.mutable_input(), node.mutable_output()}) {
            std::replace(names->begin(), names->end(), tensor.name, packed);
        }
    }
    auto& cast = *graph.add_node();
    cast.set_op_type("Cast");
    cast.set_name(tensor.name + "_Cast");
    cast.add_input(packed);
    cast.add_output(tensor.name);
    auto& to = *cast.add_attribute();
    to.set_name("to");
    to.set_type(onnx::AttributeProto::INT);
    to.set_i(onnxTypeNumber(tensor.type));
}

} // namespace

std::string withExposedOutputs(std::string_view model, const std::vector<ExposedTensor>& tensors,
                               std::vector<std::string>& missing)
{
    onnx::ModelProto proto;
    if (!proto.ParseFromArray(model.data(), static_cast<int>(model.size()))) {
        throw core::Error(core::ErrorKind::FileFormat, "not an ONNX model, or cut short");
    }
    auto& graph = *proto.mutable_graph();
    std::set<std::string> written;
    for (const auto& node : graph.node()) {
        written.insert(node.output().begin(), node.output().end());
    }
    std::set<std::string> outputs;
    for (const auto& output : graph.output()) {
        outputs.insert(output.name());
    }
    const std::set<std::string> narrow = fourBitCodes(graph);
    for (const ExposedTensor& tensor : tensors) {
        if (narrow.contains(tensor.name) && !outputs.contains(tensor.name)) {
            widen(graph, tensor);
        }
        if (!written.contains(tensor.name)) {
            missing.push_back(tensor.name);
        } else if (outputs.insert(tensor.name).second) {
            auto& info = *graph.add_output();
            info.set_name(tensor.name);
            auto& type = *info.mutable_type()->mutable_tensor_type();
            type.set_elem_type(onnxTypeNumber(tensor.type));
            for (const std::int64_t size : tensor.shape) {
                type.mutable_shape()->add_dim()->set_dim_value(size);
            }
        }
    }
    return proto.SerializeAsString();
}

} // namespace io
