#include "io/onnx/printable_names.h"

#include "core/base/printable.h"

#include <onnx/onnx_pb.h>

namespace io {

namespace {

void clean(std::string& name)
{
    std::string text = core::printable(name);
    if (text != name) {
        name = std::move(text);
    }
}

template <typename Names>
void cleanAll(Names& names)
{
    for (std::string& name : names) {
        clean(name);
    }
}

void cleanGraph(onnx::GraphProto& graph);

void cleanNode(onnx::NodeProto& node)
{
    clean(*node.mutable_name());
    clean(*node.mutable_op_type());
    clean(*node.mutable_domain());
    cleanAll(*node.mutable_input());
    cleanAll(*node.mutable_output());
    for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
        clean(*attribute.mutable_name());
        if (!attribute.ref_attr_name().empty()) {
            clean(*attribute.mutable_ref_attr_name());
        }
        if (attribute.has_g()) {
            cleanGraph(*attribute.mutable_g());
        }
        for (onnx::GraphProto& graph : *attribute.mutable_graphs()) {
            cleanGraph(graph);
        }
    }
}

void cleanGraph(onnx::GraphProto& graph)
{
    clean(*graph.mutable_name());
    for (onnx::TensorProto& tensor : *graph.mutable_initializer()) {
        clean(*tensor.mutable_name());
    }
    for (auto* infos : {graph.mutable_input(), graph.mutable_output(), graph.mutable_value_info()}) {
        for (onnx::ValueInfoProto& info : *infos) {
            clean(*info.mutable_name());
        }
    }
    for (onnx::NodeProto& node : *graph.mutable_node()) {
        cleanNode(node);
    }
}

} // namespace

void makeNamesPrintable(onnx::ModelProto& model)
{
    clean(*model.mutable_producer_name());
    for (onnx::OperatorSetIdProto& opset : *model.mutable_opset_import()) {
        clean(*opset.mutable_domain());
    }
    cleanGraph(*model.mutable_graph());
    for (onnx::FunctionProto& function : *model.mutable_functions()) {
        clean(*function.mutable_name());
        clean(*function.mutable_domain());
        cleanAll(*function.mutable_input());
        cleanAll(*function.mutable_output());
        cleanAll(*function.mutable_attribute());
        for (onnx::NodeProto& node : *function.mutable_node()) {
            cleanNode(node);
        }
    }
}

} // namespace io
