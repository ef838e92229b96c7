#include "tests/fuzz/drawn_graph.h"

#include "io/onnx/onnx_writer.h"
#include "tests/fuzz/wire_message.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace fuzz {

namespace {

// Field numbers of onnx.proto.
Message tensorMessage(const std::string& name, const core::Tensor& tensor)
{
    Message proto;
    for (const std::int64_t dimension : tensor.shape()) {
        proto.integer(1, dimension);
    }
    proto.integer(2, io::onnxTypeNumber(tensor.type()));
    if (!name.empty()) {
        proto.text(8, name);
    }
    return proto.text(9, {reinterpret_cast<const char*>(tensor.data()), tensor.byteCount()});
}

Message valueInfo(const std::string& name, core::DataType type, const core::Shape& shape, bool dynamicBatch)
{
    Message dims;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const bool isOpen = shape[i] == core::kDynamic || (i == 0 && dynamicBatch);
        dims.message(1, isOpen ? Message().text(2, "batch") : Message().integer(1, shape[i]));
    }
    const Message tensor = Message().integer(1, io::onnxTypeNumber(type)).message(2, dims);
    return Message().text(1, name).message(2, Message().message(1, tensor));
}

struct AttributeWriter
{
    Message& proto;

    void operator()(std::int64_t value) const { proto.integer(3, value).integer(20, 2); }
    void operator()(float value) const { proto.real(2, value).integer(20, 1); }
    void operator()(const std::string& value) const { proto.text(4, value).integer(20, 3); }
    void operator()(const std::vector<std::int64_t>& values) const
    {
        for (const std::int64_t value : values) {
            proto.integer(8, value);
        }
        proto.integer(20, 7);
    }
    void operator()(const std::vector<float>& values) const
    {
        for (const float value : values) {
            proto.real(7, value);
        }
        proto.integer(20, 6);
    }
    void operator()(const std::vector<std::string>& values) const
    {
        for (const std::string& value : values) {
            proto.text(9, value);
        }
        proto.integer(20, 8);
    }
    void operator()(const core::Tensor& tensor) const
    {
        proto.message(5, tensorMessage("", tensor)).integer(20, 4);
    }
    void operator()(const std::shared_ptr<const core::Graph>&) const { } // bodies are drawn graphs
};

Message graphMessage(const DrawnGraph& graph, const std::map<std::string, core::ValueInfo>& outputs);

Message nodeMessage(const DrawnNode& node)
{
    Message proto;
    for (const std::string& input : node.inputs) {
        proto.text(1, input);
    }
    for (const std::string& output : node.outputs) {
        proto.text(2, output);
    }
    proto.text(3, node.name).text(4, node.type).text(7, node.domain);
    for (const auto& [key, value] : node.attributes) {
        Message attribute;
        attribute.text(1, key);
        std::visit(AttributeWriter{attribute}, value);
        proto.message(5, attribute);
    }
    for (const auto& [key, body] : node.bodies) {
        proto.message(5, Message().text(1, key).message(6, graphMessage(*body, {})).integer(20, 5));
    }
    return proto;
}

Message graphMessage(const DrawnGraph& graph, const std::map<std::string, core::ValueInfo>& outputs)
{
    Message proto;
    for (const DrawnNode& node : graph.nodes) {
        proto.message(1, nodeMessage(node));
    }
    proto.text(2, "graph");
    for (const DrawnConstant& constant : graph.constants) {
        proto.message(5, tensorMessage(constant.name, constant.tensor));
    }
    for (const DrawnInput& input : graph.inputs) {
        const core::Tensor& first = input.samples.at(0);
        proto.message(11, valueInfo(input.name, first.type(), first.shape(), input.hasDynamicBatch));
    }
    for (const DrawnConstant& constant : graph.constants) {
        if (constant.isAlsoInput) {
            proto.message(11,
                          valueInfo(constant.name, constant.tensor.type(), constant.tensor.shape(), false));
        }
    }
    for (const std::string& name : graph.outputs) {
        const auto known = outputs.find(name);
        proto.message(12,
                      known == outputs.end()
                          ? Message().text(1, name)
                          : valueInfo(name, known->second.type, known->second.shape, false));
    }
    return proto;
}

int irVersionOf(int opset)
{
    return opset >= 21 ? 10 : opset >= 19 ? 9 : opset >= 15 ? 8 : opset >= 9 ? 4 : 3;
}

std::string describe(const core::Tensor& tensor)
{
    return fmt::format("{}[{}]", core::nameOf(tensor.type()), fmt::join(tensor.shape(), ","));
}

struct AttributeText
{
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(float value) const { return fmt::format("{:g}", value); }
    std::string operator()(const std::string& value) const { return value; }
    std::string operator()(const std::vector<std::int64_t>& values) const
    {
        return fmt::format("[{}]", fmt::join(values, ","));
    }
    std::string operator()(const std::vector<float>& values) const
    {
        return fmt::format("[{}]", fmt::join(values, ","));
    }
    std::string operator()(const std::vector<std::string>& values) const
    {
        return fmt::format("[{}]", fmt::join(values, ","));
    }
    std::string operator()(const core::Tensor& tensor) const { return describe(tensor); }
    std::string operator()(const std::shared_ptr<const core::Graph>&) const { return "graph"; }
};

std::string describe(const DrawnNode& node)
{
    std::string attributes;
    for (const auto& [key, value] : node.attributes) {
        attributes += fmt::format(" {}={}", key, std::visit(AttributeText{}, value));
    }
    return fmt::format("{}{}({}{})->{}", node.domain.empty() ? "" : node.domain + ".", node.type,
                       fmt::join(node.inputs, ","), attributes, fmt::join(node.outputs, ","));
}

} // namespace

std::string modelBytes(const DrawnGraph& graph, const std::map<std::string, core::ValueInfo>& outputs)
{
    Message model;
    model.integer(1, irVersionOf(graph.opset)).text(2, "noisefloor-fuzz");
    model.message(7, graphMessage(graph, outputs));
    model.message(8, Message().text(1, "").integer(2, graph.opset));
    std::set<std::string> domains;
    for (const DrawnNode& node : graph.nodes) {
        if (!node.domain.empty() && domains.insert(node.domain).second) {
            model.message(8, Message().text(1, node.domain).integer(2, 1));
        }
    }
    return model.bytes();
}

std::string toString(const DrawnGraph& graph)
{
    std::string text = fmt::format("opset {}:", graph.opset);
    for (const DrawnInput& input : graph.inputs) {
        text += fmt::format(" {}={}{}", input.name, describe(input.samples.at(0)),
                            input.hasDynamicBatch ? "?" : "");
    }
    for (const DrawnConstant& constant : graph.constants) {
        text += fmt::format(" const {}={}", constant.name, describe(constant.tensor));
    }
    for (const DrawnNode& node : graph.nodes) {
        text += " " + describe(node);
    }
    return fmt::format("{} => {}", text, fmt::join(graph.outputs, ","));
}

} // namespace fuzz
