#include "core/measure/evaluation.h"

#include "core/base/sample_loop.h"
#include "core/measure/sample_run.h"
#include "core/measure/totals.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace core {

namespace {

std::function<void(std::size_t)> progressOf(const ProgressCallback& progress, const char* stage,
                                            std::size_t total)
{
    return [=](std::size_t done) {
        if (progress) {
            progress({stage, done, total});
        }
    };
}

} // namespace

bool EvaluationTask::isEmpty() const
{
    const auto none = [](const std::vector<bool>& flags) {
        return std::find(flags.begin(), flags.end(), true) == flags.end();
    };
    return none(accumulated) && none(isolated) && !outputs && !statistics;
}

std::optional<EvaluationOutput> evaluate(const PreparedNetwork& network, const EvaluationData& over,
                                         const EvaluationTask& task, const std::stop_token& stop,
                                         const ProgressCallback& progress)
{
    EvaluationTotals totals(network, task);
    OrderedMerge<SamplePartial> merge(
        [&](std::size_t, SamplePartial&& partial) { totals.add(std::move(partial)); });
    const bool finished = forEachStep(
        over.data, over.samples, network.states, network.threads, stop,
        [&](std::size_t index, Feedback& states) {
            merge.add(index, runSample(network, over, task, index, states));
        },
        progressOf(progress, "Running", over.samples));
    return finished ? std::optional(totals.finish()) : std::nullopt;
}

} // namespace core
