#include "core/repair/learned_ranges.h"

#include "core/base/sample_loop.h"
#include "core/calibration/learn_range.h"
#include "core/execution/pipeline.h"
#include "core/network/plan_entry.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

namespace core {

bool learnRangesOf(Session& session, QuantizationPlan& plan,
                   const std::function<bool(const Operator&)>& isWanted, std::size_t samples,
                   std::vector<std::string>& notes, const std::stop_token& stop,
                   const ProgressCallback& progress)
{
    const auto resolved = session.resolve(plan, stop, progress);
    if (!resolved) {
        return false;
    }
    const Pipeline pipeline(session.operators(plan));
    const OperatorGraph& graph = pipeline.graph();
    const Dataset& data = *session.data().calibration;
    std::vector<SampleValues> values(std::min(samples, data.size()));
    const auto load = [&](std::size_t s) {
        const Sample sample = data.load(s);
        values[s] = pipeline.forSample(sample)->runFloat(sample);
    };
    if (!forEachSample(values.size(), 0, stop, load, [](std::size_t) {})) {
        return false;
    }
    std::vector<std::optional<LearnedRange>> learned(graph.operators.size());
    const auto learn = [&](std::size_t i) {
        const Operator& op = graph.operators[i];
        const ValueId id = op.result();
        const bool ownsParams = id != kNoValue && resolved->values[indexOf(id)]
            && !resolved->values[indexOf(id)]->isDynamic && !resolved->operators[i].inherits
            && resolved->values[indexOf(id)]->method.name != "written";
        if (!ownsParams || !isWanted(op) || values.empty()) {
            return;
        }
        std::vector<Tensor> tensors;
        for (const SampleValues& sample : values) {
            tensors.push_back(sample[indexOf(id)]);
        }
        learned[i] = learnRange(tensors, resolved->values[indexOf(id)]->params);
    };
    const auto report = [&](std::size_t done) {
        if (progress) {
            progress({"Learning ranges", done, graph.operators.size()});
        }
    };
    if (!forEachSample(graph.operators.size(), 0, stop, learn, report)) {
        return false;
    }
    std::size_t moved = 0;
    for (std::size_t i = 0; i < learned.size(); ++i) {
        if (learned[i] && learned[i]->step > 0) {
            ActivationSettings& activation = entryOf(plan, graph.operators[i]).activation;
            activation.method = CalibrationMethod{"manual", std::nullopt};
            activation.range = learned[i]->range;
            ++moved;
        }
    }
    notes.push_back(fmt::format(
        "learned-range: {} of {} ranges are better than the calibrated ones, from {} samples", moved,
        std::ranges::count_if(learned, [](const auto& range) { return range.has_value(); }), values.size()));
    return true;
}

} // namespace core
