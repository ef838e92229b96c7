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

bool endsBlock(std::size_t samples)
{
    std::size_t block = 8;
    while (block < samples) {
        block *= 4;
    }
    return block == samples;
}

} // namespace

bool EvaluationTask::isEmpty() const
{
    const auto none = [](const std::vector<bool>& flags) {
        return std::find(flags.begin(), flags.end(), true) == flags.end();
    };
    return none(accumulated) && none(isolated) && !outputs && !statistics;
}

std::vector<double> EvaluationOutput::fp32PerSample() const
{
    std::vector<double> times;
    for (std::size_t i = 0; i < fp32Microseconds.size() && fp32Samples > 0; ++i) {
        times.push_back(fp32Microseconds[i] / static_cast<double>(fp32Samples));
    }
    return times;
}

std::optional<EvaluationOutput> evaluate(const PreparedNetwork& network, const EvaluationData& over,
                                         const EvaluationTask& task, const std::stop_token& stop,
                                         const ProgressCallback& progress, const EarlyOutput& early)
{
    const auto start = std::chrono::steady_clock::now();
    EvaluationTotals totals(network, task);
    OrderedMerge<SamplePartial> merge([&](std::size_t index, SamplePartial&& partial) {
        totals.add(std::move(partial));
        const std::size_t done = index + 1;
        if (early && endsBlock(done) && !stop.stop_requested()
            && (std::chrono::steady_clock::now() - start) * (over.samples - done) / done > kShortRest) {
            early(totals.soFar(), done);
        }
    });
    const bool finished = forEachStep(
        over.data, over.samples, network.states, network.threads, stop,
        [&](std::size_t index, Feedback& states) {
            merge.add(index, runSample(network, over, task, index, states));
        },
        progressOf(progress, "Running", over.samples));
    return finished ? std::optional(totals.finish()) : std::nullopt;
}

} // namespace core
