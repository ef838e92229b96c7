#include "core/quantization/placement.h"

#include "core/graph/operator_traits.h"
#include "core/quantization/obstacles.h"
#include "core/quantization/quantized_kind.h"

#include <algorithm>
#include <iterator>
#include <optional>

namespace core {

namespace {

std::vector<std::size_t> sourcesOf(const OperatorGraph& graph, const Operator& op)
{
    std::vector<std::size_t> sources;
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
        const bool isComputed = op.inputs[i] != kNoValue && !op.constants[i];
        if (const auto producer = isComputed ? graph.producerOf[indexOf(op.inputs[i])] : std::nullopt) {
            sources.push_back(indexOf(*producer));
        }
    }
    return sources;
}

std::vector<std::size_t> readersOf(const OperatorGraph& graph, const Operator& op)
{
    std::vector<std::size_t> readers;
    for (const ValueId output : op.outputs) {
        if (output != kNoValue) {
            std::ranges::transform(graph.consumersOf[indexOf(output)], std::back_inserter(readers),
                                   [](OperatorId id) { return indexOf(id); });
        }
    }
    return readers;
}

bool isProduct(std::string_view type) { return isLinear(type) || isRecurrent(type); }

} // namespace

std::vector<std::string> smartObstacles(const OperatorGraph& graph,
                                        const std::vector<OperatorSettings>& settings)
{
    const std::size_t count = graph.operators.size();
    std::vector<bool> must(count);
    std::vector<bool> may(count); // with an integer form, but only between two that must
    for (std::size_t i = 0; i < count; ++i) {
        const Operator& op = graph.operators[i];
        const bool hasForm = op.type != "Input" && settings[i].precision->isInteger()
            && quantizedFormOf(graph, op).kind != QuantizedKind::None;
        must[i] = hasForm && isProduct(op.type);
        may[i] = hasForm && !must[i];
    }
    std::vector<bool> behind(count);
    std::vector<bool> before(count);
    for (std::size_t i = 0; i < count; ++i) { // in execution order
        behind[i] = std::ranges::any_of(sourcesOf(graph, graph.operators[i]),
                                        [&](std::size_t s) { return must[s] || (may[s] && behind[s]); });
    }
    for (std::size_t i = count; i-- > 0;) {
        before[i] = std::ranges::any_of(readersOf(graph, graph.operators[i]),
                                        [&](std::size_t r) { return must[r] || (may[r] && before[r]); });
    }
    std::vector<std::string> reasons(count);
    for (std::size_t i = 0; i < count; ++i) {
        if (may[i] && !(behind[i] && before[i])) {
            reasons[i] = !behind[i] && !before[i] ? "quantize_mode smart: no int8 product before or behind it"
                : behind[i]                       ? "quantize_mode smart: no int8 product behind it"
                                                  : "quantize_mode smart: no int8 product before it";
        }
    }
    return reasons;
}

std::vector<std::string> orphanObstacles(const OperatorGraph& graph,
                                         const std::vector<OperatorSettings>& settings)
{
    const std::size_t count = graph.operators.size();
    std::vector<bool> marked(count);
    for (std::size_t i = 0; i < count; ++i) {
        const Operator& op = graph.operators[i];
        marked[i] = op.type != "Input" && settings[i].precision->kind == Precision::Kind::Bf16
            && lowFloatObstacle(graph, op, *settings[i].precision).empty();
    }
    std::vector<std::string> reasons(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto isMarked = [&](std::size_t other) { return marked[other]; };
        const Operator& op = graph.operators[i];
        if (marked[i] && std::ranges::none_of(sourcesOf(graph, op), isMarked)
            && std::ranges::none_of(readersOf(graph, op), isMarked)) {
            reasons[i] = "bf16_orphans unmark: nothing beside it runs in bf16";
        }
    }
    return reasons;
}

} // namespace core
