#include "core/measure/metric_suggestion.h"

#include <algorithm>
#include <fmt/format.h>

namespace core {

namespace {

struct ShapedOutput
{
    std::string name;
    Shape shape;
};

std::vector<ShapedOutput> shapedOutputs(const OperatorGraph& graph)
{
    std::vector<ShapedOutput> result;
    for (const ValueId id : graph.graph->outputs()) {
        const Value& value = graph.value(id);
        if (value.hasShape && isStatic(value.shape)) {
            result.push_back({value.name, value.shape});
        }
    }
    return result;
}

std::string forBoxesApart(const std::vector<ShapedOutput>& outputs)
{
    for (const ShapedOutput& boxes : outputs) {
        if (boxes.shape.size() != 3 || boxes.shape[2] != 4 || boxes.shape[1] < 2) {
            continue;
        }
        for (const ShapedOutput& scores : outputs) {
            if (scores.name != boxes.name && scores.shape.size() >= 2 && scores.shape[1] == boxes.shape[1]) {
                return fmt::format(R"({{"kind": "map", "boxes": "{}", "scores": "{}", "nms": 0.5}})",
                                   boxes.name, scores.name);
            }
        }
    }
    return {};
}

/// Whether the steps of an output are those of token ids that the network reads.
bool followsTokens(const OperatorGraph& graph, const Shape& output)
{
    return output.size() == 3 && std::ranges::any_of(graph.graph->inputs(), [&](ValueId id) {
               const Value& input = graph.value(id);
               const bool isIds = input.type == DataType::Int64 || input.type == DataType::Int32;
               return isIds && input.shape == Shape{output[0], output[1]};
           });
}

/// Scores of a vocabulary are called logits by every exporter; other outputs of a text network are
/// embeddings.
std::string forTokens(const ShapedOutput& output)
{
    const bool isVocabulary = output.name.find("logits") != std::string::npos;
    return fmt::format(R"({{"kind": "{}", "output": "{}"}})", isVocabulary ? "same_top" : "cosine",
                       output.name);
}

std::string forOne(const ShapedOutput& output)
{
    const Shape& s = output.shape;
    constexpr std::int64_t kManyBoxes = 300;
    constexpr std::int64_t kBoxesOfStrides = 16 + 4 + 1; // at strides 8, 16 and 32, of 32×32 pixels
    constexpr std::int64_t kManyClasses = 30;
    constexpr std::int64_t kPicture = 32;
    if (s.size() == 4 && s[1] >= 2 && s[2] >= kPicture && s[3] >= kPicture) {
        return fmt::format(R"({{"kind": "miou", "output": "{}"}})", output.name);
    }
    if (s.size() == 3 && s[2] > 5 && s[1] >= kManyBoxes && s[1] % kBoxesOfStrides == 0) {
        return fmt::format(R"({{"kind": "map", "output": "{}", "layout": "rows", "form": "cxcywh", )"
                           R"("objectness": true, "nms": 0.5}})",
                           output.name);
    }
    if (s.size() == 3 && s[1] > 4 && s[2] >= kManyBoxes && s[2] % kBoxesOfStrides == 0) {
        return fmt::format(R"({{"kind": "map", "output": "{}", "layout": "columns", "form": "cxcywh", )"
                           R"("nms": 0.5}})",
                           output.name);
    }
    if (s.size() == 3 && s[1] >= 2 && s[2] >= kManyClasses) {
        return fmt::format(R"({{"kind": "cer", "output": "{}"}})", output.name);
    }
    if (s.size() == 2 && s[0] == 1 && s[1] == 1) {
        return fmt::format(R"({{"kind": "auc", "output": "{}"}})", output.name);
    }
    return {};
}

} // namespace

std::string suggestedMetric(const OperatorGraph& graph)
{
    const auto outputs = shapedOutputs(graph);
    std::string found = forBoxesApart(outputs);
    for (std::size_t i = 0; i < outputs.size() && found.empty(); ++i) {
        found = followsTokens(graph, outputs[i].shape) ? forTokens(outputs[i]) : forOne(outputs[i]);
    }
    return found;
}

} // namespace core
