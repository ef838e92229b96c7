#include "core/graph/widen_floats.h"

#include <algorithm>
#include <array>
#include <utility>

namespace core {

namespace {

constexpr std::int64_t kFloatCode = 1; // ONNX's numbers of element types, as attributes hold them
constexpr std::int64_t kHalfCode = 10;
constexpr std::int64_t kDoubleCode = 11;
constexpr std::int64_t kBrainCode = 16;

bool isHalf(DataType type) { return type == DataType::Float16 || type == DataType::BFloat16; }
bool isOther(DataType type) { return isHalf(type) || type == DataType::Float64; }
bool isOtherCode(std::int64_t code) { return code == kHalfCode || code == kBrainCode || code == kDoubleCode; }

/// Attributes that hold an element type.
bool namesType(std::string_view key)
{
    constexpr std::array<std::string_view, 6> kKeys{"to",           "dtype",           "stash_type",
                                                    "output_dtype", "output_datatype", "softmax_precision"};
    return std::ranges::find(kKeys, key) != kKeys.end();
}

class Widener
{
public:
    WidenedGraph run(const Graph& graph)
    {
        Graph widened = widenedOf(graph);
        return {std::move(widened), m_halves, m_doubles};
    }

private:
    void count(bool half) { ++(half ? m_halves : m_doubles); }

    DataType widened(DataType type)
    {
        if (!isOther(type)) {
            return type;
        }
        count(isHalf(type));
        return DataType::Float32;
    }

    Tensor widened(const Tensor& tensor)
    {
        if (!isOther(tensor.type())) {
            return tensor;
        }
        count(isHalf(tensor.type()));
        return castTo(tensor, DataType::Float32);
    }

    void widenAttribute(const std::string& key, Attribute& attribute)
    {
        if (auto* code = std::get_if<std::int64_t>(&attribute);
            code && namesType(key) && isOtherCode(*code)) {
            count(*code != kDoubleCode);
            *code = kFloatCode;
        } else if (auto* tensor = std::get_if<Tensor>(&attribute)) {
            *tensor = widened(*tensor);
        } else if (auto* body = std::get_if<std::shared_ptr<const Graph>>(&attribute)) {
            *body = std::make_shared<const Graph>(widenedOf(**body));
        }
    }

    /// Values keep their order, and with it their ids.
    Graph widenedOf(const Graph& graph)
    {
        GraphBuilder builder(graph.name());
        std::vector<bool> isInput(graph.values().size(), false);
        for (const ValueId id : graph.inputs()) {
            isInput[indexOf(id)] = true;
        }
        for (const Value& value : graph.values()) {
            const ValueId id = builder.value(value.name);
            if (value.constant) {
                builder.constant(value.name, widened(*value.constant));
            } else if (!isInput[indexOf(id)] && value.hasShape) {
                builder.declare(id, isOther(value.type) ? DataType::Float32 : value.type, value.shape);
            }
        }
        for (const ValueId id : graph.inputs()) {
            const Value& value = graph.value(id);
            builder.input(value, widened(value.type));
        }
        for (Node node : graph.nodes()) {
            for (auto& [key, attribute] : node.attributes) {
                widenAttribute(key, attribute);
            }
            builder.node(std::move(node));
        }
        for (const ValueId id : graph.outputs()) {
            builder.output(id);
        }
        return std::move(builder).finish();
    }

    std::size_t m_halves = 0;
    std::size_t m_doubles = 0;
};

bool isHalf(const std::string& key, const Attribute& attribute)
{
    if (const auto* code = std::get_if<std::int64_t>(&attribute)) {
        return namesType(key) && (*code == kHalfCode || *code == kBrainCode);
    }
    if (const auto* tensor = std::get_if<Tensor>(&attribute)) {
        return isHalf(tensor->type());
    }
    const auto* body = std::get_if<std::shared_ptr<const Graph>>(&attribute);
    return body && hasOtherFloats(**body);
}

} // namespace

WidenedGraph widenFloats(const Graph& graph) { return Widener().run(graph); }

bool hasOtherFloats(const Graph& graph)
{
    const auto isOtherInput = [&](ValueId id) { return isOther(graph.value(id).type); };
    const auto isOtherValue = [](const Value& value) {
        const bool isMatrix = value.constant && value.constant->rank() >= 2;
        return isHalf(value.type) || (isMatrix && value.type == DataType::Float64);
    };
    return std::ranges::any_of(graph.inputs(), isOtherInput)
        || std::ranges::any_of(graph.values(), isOtherValue)
        || std::ranges::any_of(graph.nodes(), [](const Node& node) {
               return std::ranges::any_of(node.attributes,
                                          [](const auto& item) { return isHalf(item.first, item.second); });
           });
}

} // namespace core
