#include "core/report/precision_word.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <set>

namespace core {

namespace {

bool isQuantized(const LayerReport& layer) { return layer.type != "Input" && layer.effective != kFp32; }

std::string namesOf(const std::vector<std::string>& names)
{
    constexpr std::size_t kMost = 5;
    const auto shown = std::span(names).first(std::min(names.size(), kMost));
    const std::string text = fmt::format("{}", fmt::join(shown, ", "));
    return names.size() > kMost ? fmt::format("{} and {} more", text, names.size() - kMost) : text;
}

} // namespace

std::string precisionWord(const Report& report)
{
    std::set<std::string> words;
    for (const auto& layer : report.layers) {
        if (isQuantized(*layer)) {
            words.insert(toString(layer->effective));
        }
    }
    return words.empty() ? "unquantized" : words.size() == 1 ? *words.begin() : "quantized";
}

std::vector<std::string> keptFloatWarnings(const Report& report)
{
    std::map<std::string, std::vector<std::string>> kept; // by reason
    std::size_t operators = 0;
    for (const auto& layer : report.layers) {
        operators += layer->type != "Input" ? 1 : 0;
        if (layer->type != "Input" && layer->effective == kFp32 && layer->requested != kFp32
            && !layer->reason.empty()) {
            kept[layer->reason].push_back(layer->name);
        }
    }
    std::vector<std::string> warnings;
    for (const auto& [reason, names] : kept) {
        warnings.push_back(fmt::format("{} of {} operators kept float: {}: {}", names.size(), operators,
                                       reason, namesOf(names)));
    }
    if (operators == 0) {
        warnings.push_back(
            "nothing to measure: every output is known without data, for its inputs are constant "
            "or hold no element");
    } else if (std::ranges::none_of(report.layers, [](const auto& layer) { return isQuantized(*layer); })) {
        warnings.push_back("nothing of this network is quantized: both sides are FP32");
    }
    return warnings;
}

} // namespace core
