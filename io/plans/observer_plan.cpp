#include "io/plans/observer_plan.h"

#include "core/base/error.h"
#include "core/calibration/dynamic_histogram.h"
#include "core/calibration/observed_range.h"
#include "core/quantization/quantized_kind.h"

#include <fmt/format.h>

#include <algorithm>

namespace io {

namespace {

core::StaticHistogram staticHistogram(const ObservedOutput& output)
{
    return {static_cast<float>(output.min), static_cast<float>(output.max), output.counts};
}

void mergeInto(ObservedOutput& total, const ObservedOutput& more)
{
    const double min = std::min(total.min, more.min);
    const double max = std::max(total.max, more.max);
    if (!total.counts.empty() && !more.counts.empty()) {
        core::StaticHistogram bins{
            static_cast<float>(min), static_cast<float>(max),
            std::vector<std::uint64_t>(std::max(total.counts.size(), more.counts.size()))};
        core::remap(staticHistogram(total), bins);
        core::remap(staticHistogram(more), bins);
        total.counts = std::move(bins.counts);
    }
    total.min = min;
    total.max = max;
}

/// Of column files: one line for all columns of a tensor, the largest |x| to both sides.
std::vector<ObservedOutput> withoutColumns(std::span<const ObservedOutput> observed)
{
    std::vector<ObservedOutput> result;
    for (const ObservedOutput& output : observed) {
        if (!output.column) {
            result.push_back(output);
            continue;
        }
        const auto known = std::ranges::find(result, output.tensor, &ObservedOutput::tensor);
        ObservedOutput both = output;
        both.column.reset();
        both.counts.clear();
        both.min = -output.max;
        if (known == result.end()) {
            result.push_back(std::move(both));
        } else {
            mergeInto(*known, both);
        }
    }
    return result;
}

} // namespace

std::string asObserverWord(std::string name)
{
    std::ranges::replace_if(
        name, [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }, '_');
    return name;
}

std::vector<ObservedOutput> mergedObservations(std::vector<ObservedOutput> observed)
{
    std::vector<ObservedOutput> result;
    std::map<std::pair<std::string, int>, std::size_t> known;
    for (ObservedOutput& output : observed) {
        const auto [it, isNew] =
            known.try_emplace({output.tensor, output.column.value_or(-1)}, result.size());
        if (isNew) {
            result.push_back(std::move(output));
        } else {
            mergeInto(result[it->second], output);
        }
    }
    return result;
}

std::vector<ObservedOutput> observedOutputs(const core::OperatorGraph& graph,
                                            const std::map<std::string, core::TensorStatistics>& statistics,
                                            ObserverForm form, int bins)
{
    std::vector<ObservedOutput> result;
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        const core::Operator& op = graph.operators[i];
        for (std::size_t k = 0; k < op.outputs.size(); ++k) {
            if (op.outputs[k] == core::kNoValue) {
                continue;
            }
            const std::string& name = graph.value(op.outputs[k]).name;
            const auto it = statistics.find(name);
            if (it == statistics.end() || it->second.total.count == 0) {
                continue;
            }
            const core::Moments& m = it->second.total;
            ObservedOutput output{static_cast<int>(i),
                                  op.type,
                                  static_cast<int>(k),
                                  asObserverWord(name),
                                  std::nullopt,
                                  m.min,
                                  m.max,
                                  {}};
            if (form == ObserverForm::Histogram) {
                output.counts = core::observedCounts(it->second, bins);
            }
            result.push_back(std::move(output));
        }
    }
    return result;
}

ObserverPlan planFromObservers(const core::QuantizationPlan& base, const core::OperatorGraph& graph,
                               std::span<const ObservedOutput> observed,
                               const core::CalibrationMethod& method, const std::string& file)
{
    ObserverPlan result{base, {}};
    std::size_t found = 0;
    for (const ObservedOutput& output : withoutColumns(observed)) {
        const auto op = std::ranges::find_if(graph.operators, [&](const core::Operator& candidate) {
            return std::ranges::any_of(candidate.outputs, [&](core::ValueId id) {
                return id != core::kNoValue && asObserverWord(graph.value(id).name) == output.tensor;
            });
        });
        if (op == graph.operators.end()) {
            result.warnings.push_back(fmt::format("{}: the model has no tensor '{}'", file, output.tensor));
            continue;
        }
        ++found;
        if (core::quantizedFormOf(graph, *op).kind == core::QuantizedKind::Inherits) {
            result.warnings.push_back(
                fmt::format("{}: '{}' is not set: {} ({}) takes the params of its input", file, output.tensor,
                            op->name, op->type));
            continue;
        }
        const bool isInput = op->type == "Input";
        const auto settings =
            isInput ? base.settingsForInput(op->name) : base.settingsFor(op->name, op->type);
        core::Range range{std::min(output.min, 0.0), std::max(output.max, 0.0)};
        if (!output.counts.empty() && method.name != "minmax") {
            range = core::observedRange(histogramOf(output), method,
                                        {*settings.activation.scheme, *settings.activation.bits});
        }
        core::OperatorSettings& target = (isInput ? result.plan.inputs : result.plan.operators)[op->name];
        target.activation.method = core::CalibrationMethod{"manual", std::nullopt};
        target.activation.range = range;
    }
    if (found == 0) {
        throw core::Error(
            core::ErrorKind::FileFormat,
            fmt::format("{}: none of its {} tensors is in the model; was it written for another one?", file,
                        observed.size()));
    }
    return result;
}

} // namespace io
