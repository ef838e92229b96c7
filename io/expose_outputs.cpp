#include "io/expose_outputs.h"

#include "core/error.h"
#include "io/onnx_writer.h"

#include <onnx/onnx_pb.h>

#include <set>

namespace io {

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
    for (const ExposedTensor& tensor : tensors) {
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
