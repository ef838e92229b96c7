#pragma once

#include "core/measure/activation_cache.h"
#include "core/session/ready_network.h"
#include "core/session/session.h"

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace core {

/// What a session keeps between runs: one network for each way of fusing, with all that was measured on it.
struct Session::Impl
{
    Impl(std::shared_ptr<const Graph> g, ModelInfo m, DataSource d, SessionOptions o, RebindGraph r)
        : graph(std::move(g))
        , rebind(std::move(r))
        , model(std::move(m))
        , data(std::move(d))
        , options(o)
        , budget(std::make_shared<MemoryBudget>(o.cacheBytes))
        , cache(budget, o.keepsActivations)
        , samples(o.sampleLimit ? std::min(o.sampleLimit, data.evaluation->size()) : data.evaluation->size())
    {
    }

    /// Keeps the networks of the ways of fusing that were asked for last; whoever holds one keeps it, too.
    std::shared_ptr<FusedNetwork> networkFor(const QuantizationPlan& plan);
    std::shared_ptr<FusedNetwork> makeNetwork(const FusionOptions& wanted);
    /// Statistics that are not there yet. False when stopped.
    bool calibrate(FusedNetwork& network, const QuantizationPlan& plan, const std::stop_token& stop,
                   const ProgressCallback& progress);
    /// The statistics that calibrationStatistics() shows are those of the network used last.
    void publish(const FusedNetwork& network);
    /// Methods of the plan, and those asked for, that take samples and have not had them.
    [[nodiscard]] std::vector<CalibrationMethod> missingMethods(const FusedNetwork& network,
                                                                const QuantizationPlan& plan) const;
    [[nodiscard]] std::size_t calibrationSamples() const
    {
        return data.calibratesOnEvaluation ? samples : data.calibration->size();
    }
    /// What no earlier run has measured.
    /// The network of that plan, calibrated and ready to run. A run begins a generation of what is kept; a
    /// look at what was run does not. None when stopped.
    enum class Purpose : std::uint8_t
    {
        Run,
        Look
    };
    [[nodiscard]] std::optional<ReadyNetwork> ready(const QuantizationPlan& plan, Purpose purpose,
                                                    const std::stop_token& stop,
                                                    const ProgressCallback& progress);
    [[nodiscard]] EvaluationTask missing(const ReadyNetwork& ready, RunScope scope) const;
    /// Evaluates what the task asks for and keeps it. False when stopped.
    [[nodiscard]] bool measure(const ReadyNetwork& ready, const EvaluationTask& task,
                               const std::stop_token& stop, const ProgressCallback& progress,
                               const EarlyOutput& early = {});

    const std::shared_ptr<const Graph> graph;
    const RebindGraph rebind;
    const ModelInfo model;
    const DataSource data;
    const SessionOptions options;
    const std::shared_ptr<MemoryBudget> budget; ///< of all that is kept below
    ActivationCache cache;
    const std::size_t samples;
    std::vector<CalibrationMethod> requestedMethods; ///< besides the plan's
    mutable std::mutex mutex; ///< guards the list of networks and the named statistics
    std::list<std::shared_ptr<FusedNetwork>> networks; ///< last used first
    std::uint64_t networksMade = 0;
    std::uint64_t floatExecutionsOfDropped = 0; ///< of networks that are kept no more
    std::shared_ptr<const StatisticsByValue> calibrationByName;
    std::shared_ptr<const StatisticsByValue> evaluationByName;
    std::shared_ptr<const StatisticsByValue> restoredCalibration; ///< of an earlier session, or null
    EqualizationWishes restoredFor; ///< what that session had equalized
};

} // namespace core
