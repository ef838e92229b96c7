#include "core/session/side_by_side.h"

#include "core/base/error.h"
#include "core/execution/inference.h"
#include "core/measure/prepared_network.h"
#include "core/session/network_comparison.h"
#include "kernels/shape/thread_setup.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <exception>
#include <memory>
#include <thread>

namespace core {

namespace {

/// The p-quantile of sorted numbers.
double quantileOf(const std::vector<double>& sorted, double p)
{
    const double at = p * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return std::lerp(sorted[below], sorted[above], at - static_cast<double>(below));
}

std::vector<Sample> samplesToTime(const Session& session, const Graph& graph, std::size_t most)
{
    const Dataset& data = *session.data().evaluation;
    std::vector<Sample> samples;
    for (std::size_t i = 0; i < data.size() && samples.size() < most; ++i) {
        Sample sample = data.load(i);
        bool fits = sample.inputs.size() == graph.inputs().size();
        for (std::size_t k = 0; fits && k < sample.inputs.size(); ++k) {
            fits = sample.inputs[k].shape() == graph.value(graph.inputs()[k]).shape;
        }
        if (fits) {
            samples.push_back(std::move(sample));
        }
    }
    if (samples.empty()) {
        throw Error(ErrorKind::ShapeMismatch,
                    "no sample has the shapes that the network was opened with: name them with --shape");
    }
    return samples;
}

double millisecondsPerSample(const Inference& inference, const std::vector<Sample>& samples)
{
    const auto start = std::chrono::steady_clock::now();
    for (const Sample& sample : samples) {
        (void)inference.run(sample);
    }
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count()
        / static_cast<double>(samples.size());
}

std::size_t operatorsOf(const OperatorGraph& graph)
{
    return static_cast<std::size_t>(
        std::ranges::count_if(graph.operators, [](const Operator& op) { return op.type != "Input"; }));
}

using Times = std::array<std::vector<double>, 3>;

/// False when stopped.
bool measure(const std::array<const Inference*, 3>& runs, const std::vector<Sample>& samples,
             const SideBySideRequest& request, const std::stop_token& stop, const ProgressCallback& progress,
             Times& times)
{
    const std::size_t rounds = request.warmUp + request.repetitions;
    for (std::size_t round = 0; round < rounds; ++round) {
        for (std::size_t k = 0; k < runs.size(); ++k) {
            if (stop.stop_requested()) {
                return false;
            }
            const std::size_t which = (round + k) % runs.size();
            const double time = millisecondsPerSample(*runs[which], samples);
            if (round >= request.warmUp) {
                times[which].push_back(time);
            }
        }
        if (progress) {
            progress({"Timing", round + 1, rounds});
        }
    }
    return true;
}

} // namespace

TimeSpread spreadOf(std::vector<double> times)
{
    std::ranges::sort(times);
    return {quantileOf(times, 0.5), quantileOf(times, 0.25), quantileOf(times, 0.75), times.front()};
}

std::optional<SideBySide> runSideBySide(Session& session, const QuantizationPlan& plan,
                                        const SideBySideRequest& request, const std::stop_token& stop,
                                        const ProgressCallback& progress)
{
    const auto report = session.run(std::make_shared<const QuantizationPlan>(plan), stop, progress,
                                    RunScope::WithoutIsolated);
    const auto prepared = report ? session.prepare(plan, stop, progress) : nullptr;
    if (!prepared) {
        return std::nullopt;
    }
    SideBySide result;
    result.modelFile = report->modelFile;
    result.samples = report->samples;
    result.accuracy = report->accuracy;
    result.outputDb = decisiveOutputDb(*report);

    QuantizationPlan apart = plan;
    apart.fuse = false;
    const Pipeline unfusedPipeline(session.operators(apart));
    const Inference unfused(unfusedPipeline);
    const Inference fused(prepared->pipeline);
    const Inference quantized(prepared->pipeline, prepared->plan);
    result.operatorsUnfused = operatorsOf(unfusedPipeline.graph());
    result.operatorsFused = operatorsOf(prepared->graph());
    const auto samples = samplesToTime(session, *prepared->graph().graph, request.samples);
    result.timedSamples = samples.size();
    Times times;
    bool finished = false;
    std::exception_ptr failed;
    std::thread([&] { // a thread of its own: prepareThread() changes how it rounds denormals
        kernels::prepareThread();
        try {
            finished = measure({&unfused, &fused, &quantized}, samples, request, stop, progress, times);
        } catch (...) {
            failed = std::current_exception();
        }
    })
        .join();
    if (failed) {
        std::rethrow_exception(failed);
    }
    if (!finished) {
        return std::nullopt;
    }
    result.unfused = spreadOf(std::move(times[0]));
    result.fused = spreadOf(std::move(times[1]));
    result.quantized = spreadOf(std::move(times[2]));
    return result;
}

} // namespace core
