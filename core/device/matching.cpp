#include "core/device/matching.h"

#include <algorithm>
#include <cctype>
#include <optional>

namespace core {

namespace {

std::string sanitized(std::string_view name)
{
    std::string plain(name);
    std::ranges::replace_if(
        plain, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    plain.erase(0, std::min(plain.find_first_not_of('_'), plain.size()));
    return plain;
}

/// Names of operators, the surest first.
std::vector<std::map<std::string, std::size_t>> namesOf(const OperatorGraph& graph)
{
    std::vector<std::map<std::string, std::size_t>> levels(4);
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        const Operator& op = graph.operators[i];
        if (op.result() == kNoValue) {
            continue;
        }
        const std::string& value = graph.value(op.result()).name;
        levels[0].emplace(value, i);
        levels[1].emplace(op.name, i);
        levels[2].emplace(sanitized(value), i);
        levels[3].emplace(sanitized(op.name), i);
        if (!op.nodeNames.empty()) {
            levels[1].emplace(op.nodeNames.back(), i);
            levels[3].emplace(sanitized(op.nodeNames.back()), i);
        }
    }
    return levels;
}

void matchByOrder(const OperatorGraph& graph, std::span<const DeviceTensor> tensors, DeviceMatches& matches)
{
    std::vector<std::size_t> left;
    std::map<std::size_t, std::size_t> next; // operator that a sample goes on from
    for (const std::size_t t : matches.unmatched) {
        std::size_t& from = next[tensors[t].sample];
        std::size_t i = from;
        while (i < graph.operators.size()
               && (graph.operators[i].type == "Input" || graph.operators[i].result() == kNoValue
                   || elementCount(graph.value(graph.operators[i].result()).shape)
                       != tensors[t].tensor.count())) {
            ++i;
        }
        if (i == graph.operators.size()) {
            left.push_back(t);
            continue;
        }
        matches.tensorOf.emplace(std::pair(tensors[t].sample, i), t);
        from = i + 1;
    }
    matches.byOrder = !matches.tensorOf.empty();
    matches.unmatched = left;
}

} // namespace

DeviceMatches matchTensors(const OperatorGraph& graph, std::span<const DeviceTensor> tensors)
{
    const auto levels = namesOf(graph);
    DeviceMatches matches;
    std::vector<bool> used(tensors.size(), false);
    for (std::size_t level = 0; level < levels.size(); ++level) {
        for (std::size_t t = 0; t < tensors.size(); ++t) {
            const std::string name = level < 2 ? tensors[t].name : sanitized(tensors[t].name);
            const auto found = levels[level].find(name);
            if (!used[t] && found != levels[level].end()) {
                used[t] = matches.tensorOf.emplace(std::pair(tensors[t].sample, found->second), t).second;
            }
        }
    }
    for (std::size_t t = 0; t < tensors.size(); ++t) {
        if (!used[t]) {
            matches.unmatched.push_back(t);
        }
    }
    if (matches.tensorOf.empty()) {
        matchByOrder(graph, tensors, matches);
    }
    return matches;
}

} // namespace core
