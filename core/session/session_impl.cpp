#include "core/session/session_impl.h"

#include "core/calibration/run_time_range.h"
#include "core/measure/calibration_pass.h"
#include "core/network/equalization.h"
#include "core/plan/plan_methods.h"
#include "core/quantization/written_plan.h"

#include <algorithm>
#include <chrono>

namespace core {

std::shared_ptr<FusedNetwork> Session::Impl::networkFor(const QuantizationPlan& plan)
{
    constexpr std::size_t kMostNetworks = 8; // each holds FP32 weights of its own
    FusionOptions wanted = fusionOf(plan, graph);
    wanted.written = model.written;
    // A model that puts no codes between a convolution and its sum fuses them itself: nothing is rounded
    // there.
    if (model.written && plan.defaults.activation.method
        && plan.defaults.activation.method->name == kWrittenMethod) {
        wanted.fuseResidual = plan.defaults.fuseResidual.value_or(true);
    }
    const std::lock_guard lock(mutex);
    const auto known = std::ranges::find(
        networks, wanted, [](const auto& network) -> const FusionOptions& { return network->options; });
    if (known != networks.end()) {
        networks.splice(networks.begin(), networks, known);
        return networks.front();
    }
    networks.push_front(makeNetwork(wanted));
    if (networks.size() > kMostNetworks) {
        floatExecutionsOfDropped += networks.back()->pipeline->floatExecutions();
        networks.pop_back();
    }
    return networks.front();
}

std::shared_ptr<FusedNetwork> Session::Impl::makeNetwork(const FusionOptions& wanted)
{
    auto network = std::make_shared<FusedNetwork>(budget);
    network->options = wanted;
    auto fused = fuseOperators(graph, wanted);
    Rebind refused;
    if (rebind) {
        refused = [this, fused](const std::vector<Shape>& shapes) {
            FusionOptions plain = fused->options;
            plain.equalize = {};
            return std::make_shared<const OperatorGraph>(
                withEqualizationOf(*fuseOperators(rebind(shapes), plain), *fused));
        };
    }
    network->pipeline = std::make_unique<Pipeline>(std::move(fused), std::move(refused), budget);
    network->states = stateLinks(network->pipeline->graph(), data.states);
    network->traceKey = FingerprintBuilder()
                            .add(std::string_view("fp32"))
                            .add(networksMade++)
                            .add(std::string_view(data.evaluation->fingerprint()))
                            .finish();
    return network;
}

bool Session::Impl::calibrate(FusedNetwork& network, const QuantizationPlan& plan,
                              const std::stop_token& stop, const ProgressCallback& progress)
{
    if (network.calibration.empty() && restoredCalibration && network.options.equalize == restoredFor) {
        network.calibration = byValue(network.pipeline->graph(), *restoredCalibration);
        if (!network.calibration.empty()) {
            network.calibrationByName = restoredCalibration;
        }
    }
    CalibrationRequest request{network.calibration.empty(), missingMethods(network, plan),
                               options.customMethods};
    if (!request.statistics && request.methods.empty()) {
        publish(network);
        return true;
    }
    const auto start = std::chrono::steady_clock::now();
    auto statistics = collectStatistics(*network.pipeline, *data.calibration, calibrationSamples(),
                                        options.threads, stop, progress, request, network.states);
    if (!statistics) {
        return false;
    }
    if (request.statistics) {
        network.calibration = std::move(*statistics);
    } else {
        for (std::size_t i = 0; i < network.calibration.size(); ++i) {
            network.calibration[i].collected.merge((*statistics)[i].collected);
        }
    }
    for (const CalibrationMethod& method : request.methods) {
        network.collected.insert(toString(method));
    }
    network.calibrationMs +=
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    if (data.calibratesOnEvaluation) {
        network.evaluation = network.calibration;
    }
    network.calibrationByName = byName(network.pipeline->graph(), network.calibration);
    publish(network);
    return true;
}

void Session::Impl::publish(const FusedNetwork& network)
{
    const std::lock_guard lock(mutex);
    calibrationByName = network.calibrationByName;
}

std::vector<CalibrationMethod> Session::Impl::missingMethods(const FusedNetwork& network,
                                                             const QuantizationPlan& plan) const
{
    std::vector<CalibrationMethod> missing;
    const auto add = [&](const CalibrationMethod& method) {
        requireRegistered(method, options.customMethods);
        const bool isNew = std::ranges::find(missing, method) == missing.end();
        if (isNew && isCollected(method) && !network.collected.contains(toString(method))) {
            missing.push_back(method);
        }
    };
    std::ranges::for_each(requestedMethods, add);
    for (const CalibrationMethod& method : activationMethods(plan)) {
        if (!isRunTime(method)) { // quantized at run time: nothing to collect
            add(method);
        }
    }
    return missing;
}

std::optional<ReadyNetwork> Session::Impl::ready(const QuantizationPlan& plan, Purpose purpose,
                                                 const std::stop_token& stop,
                                                 const ProgressCallback& progress)
{
    std::shared_ptr<FusedNetwork> network = networkFor(plan);
    if (!calibrate(*network, plan, stop, progress)) {
        return std::nullopt;
    }
    if (purpose == Purpose::Run) {
        budget->beginGeneration();
    }
    return makeReady(std::move(network), plan, data, options.threads);
}

EvaluationTask Session::Impl::missing(const ReadyNetwork& ready, RunScope scope) const
{
    const FusedNetwork& known = *ready.known;
    const PreparedNetwork& p = ready.network;
    const std::size_t count = p.keys.size();
    EvaluationTask task;
    task.accumulated.resize(count);
    task.isolated.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto accumulated = known.accumulated.find(p.keys[i]);
        task.accumulated[i] = !accumulated
            || (options.pipelineShadow && !accumulated->shadow
                && (p.plan.operators[i].kind != QuantizedKind::None
                    || p.plan.operators[i].effective.isLowFloat()));
        task.isolated[i] = options.isolatedErrors && scope == RunScope::Everything && p.differsFromFloat(i)
            && !known.isolated.find(p.plan.operators[i].isolatedKey);
    }
    task.shadow = options.pipelineShadow;
    task.outputs = !known.outputs.find(p.outputKey());
    task.statistics = known.evaluation.empty();
    return task;
}

bool Session::Impl::measure(const ReadyNetwork& ready, const EvaluationTask& task,
                            const std::stop_token& stop, const ProgressCallback& progress,
                            const EarlyOutput& early)
{
    auto output = evaluate(ready.network, {*data.evaluation, samples, cache}, task, stop, progress, early);
    if (output) {
        keepResults(ready, task, std::move(*output));
    }
    return output.has_value();
}

} // namespace core
