#include "core/session/session.h"

#include "core/measure/calibration_pass.h"
#include "core/measure/layer_metrics.h"
#include "core/measure/leave_one_in.h"
#include "core/measure/prepared_network.h"
#include "core/session/both_pipelines.h"
#include "core/session/report_assembly.h"
#include "core/session/session_impl.h"
#include "core/tensor/buffer_pool.h"

#include <algorithm>
#include <chrono>

namespace core {

Session::Session(std::shared_ptr<const Graph> graph, ModelInfo model, DataSource data, SessionOptions options,
                 RebindGraph rebind)
    : m_impl(std::make_unique<Impl>(std::move(graph), std::move(model), std::move(data), options,
                                    std::move(rebind)))
{
}

Session::~Session()
{
    m_impl.reset();
    giveMemoryBack();
}

void Session::restore(std::shared_ptr<const StatisticsByValue> calibration,
                      std::shared_ptr<const StatisticsByValue> evaluation, const QuantizationPlan& plan)
{
    const std::lock_guard lock(m_impl->mutex);
    m_impl->restoredFor = equalizationOf(plan);
    m_impl->restoredCalibration = calibration;
    m_impl->calibrationByName = std::move(calibration);
    m_impl->evaluationByName = std::move(evaluation);
}

bool Session::calibrate(const std::stop_token& stop, const ProgressCallback& progress)
{
    return calibrate(QuantizationPlan::makeDefault(), stop, progress);
}

bool Session::calibrate(const QuantizationPlan& plan, const std::stop_token& stop,
                        const ProgressCallback& progress)
{
    return m_impl->calibrate(*m_impl->networkFor(plan), plan, stop, progress);
}

void Session::collect(const std::vector<CalibrationMethod>& methods)
{
    for (const CalibrationMethod& method : methods) {
        requireRegistered(method, m_impl->options.customMethods);
    }
    m_impl->requestedMethods.insert(m_impl->requestedMethods.end(), methods.begin(), methods.end());
}

std::uint64_t Session::floatExecutions() const
{
    const std::lock_guard lock(m_impl->mutex);
    std::uint64_t sum = m_impl->floatExecutionsOfDropped;
    for (const auto& network : m_impl->networks) {
        sum += network->pipeline->floatExecutions();
    }
    return sum;
}

std::shared_ptr<const Report> Session::run(std::shared_ptr<const QuantizationPlan> plan,
                                           const std::stop_token& stop, const ProgressCallback& progress,
                                           RunScope scope, const EarlyReport& early)
{
    const auto ready = m_impl->ready(*plan, Impl::Purpose::Run, stop, progress);
    if (!ready) {
        return nullptr;
    }
    const EvaluationTask task = m_impl->missing(*ready, scope);
    double analysisMs = 0.0;
    if (!task.isEmpty()) {
        const auto start = std::chrono::steady_clock::now();
        EarlyOutput show;
        if (early) {
            show = [&, known = knownResults(*ready)](EvaluationOutput&& output, std::size_t samples) {
                const MeasuredResults measured = withOutput(known, task, std::move(output));
                early(assembleReport(*ready, measured, plan,
                                     {m_impl->model, m_impl->data, samples, m_impl->options.threads}),
                      byName(ready->network.graph(), measured.evaluation));
            };
        }
        if (!m_impl->measure(*ready, task, stop, progress, show)) {
            return nullptr;
        }
        analysisMs =
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    }
    {
        const std::lock_guard lock(m_impl->mutex);
        m_impl->evaluationByName = byName(ready->network.graph(), ready->known->evaluation);
    }
    auto report = assembleReport(*ready, knownResults(*ready), std::move(plan),
                                 {m_impl->model, m_impl->data, m_impl->samples, m_impl->options.threads});
    report->timing.analysisMsPerSample =
        analysisMs / static_cast<double>(std::max<std::size_t>(m_impl->samples, 1));
    return report;
}

std::shared_ptr<const OutputResult>
Session::outputs(const QuantizationPlan& plan, const std::stop_token& stop, const ProgressCallback& progress)
{
    const auto ready = m_impl->ready(plan, Impl::Purpose::Run, stop, progress);
    if (!ready) {
        return nullptr;
    }
    const Fingerprint key = ready->network.outputKey();
    if (!ready->known->outputs.find(key)) {
        EvaluationTask task;
        task.accumulated.resize(ready->network.keys.size());
        task.isolated.resize(ready->network.keys.size());
        task.outputs = true;
        if (!m_impl->measure(*ready, task, stop, progress)) {
            return nullptr;
        }
    }
    return ready->known->outputs.find(key);
}

std::shared_ptr<const Report> Session::addSensitivity(std::shared_ptr<const Report> report,
                                                      std::size_t samples, const std::stop_token& stop,
                                                      const ProgressCallback& progress)
{
    const auto ready = m_impl->ready(*report->plan, Impl::Purpose::Look, stop, progress);
    if (!ready) {
        return nullptr;
    }
    FusedNetwork& known = *ready->known;
    const PreparedNetwork& p = ready->network;
    const std::size_t count = std::min(samples, m_impl->data.evaluation->size());
    std::vector<Fingerprint> keys(p.keys.size());
    std::vector<bool> wanted(p.keys.size(), false);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        keys[i] = FingerprintBuilder().add(p.plan.operators[i].key).add(count).finish();
        wanted[i] = p.isQuantized(i) && !known.sensitivity.find(keys[i]);
    }
    if (std::ranges::find(wanted, true) != wanted.end() && !p.outputs.empty()) {
        auto sums =
            measureSensitivity(p.pipeline, p.plan, p.forms, wanted, p.outputs, *m_impl->data.evaluation,
                               count, m_impl->options.threads, stop, progress, p.states);
        if (!sums) {
            return nullptr;
        }
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (wanted[i]) {
                known.sensitivity.insert(
                    keys[i], std::make_shared<std::vector<kernels::ErrorSums>>(std::move((*sums)[i])));
            }
        }
    }
    auto result = std::make_shared<Report>(*report);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto sums = known.sensitivity.find(keys[i]);
        if (sums && !sums->empty()) {
            auto layer = std::make_shared<LayerReport>(*result->layers[i]);
            layer->atOutput = metricsOf(decisiveError(*sums, p.outputs), std::nullopt, count);
            result->layers[i] = std::move(layer);
        }
    }
    return result;
}

std::optional<SampleTensors> Session::tensors(std::shared_ptr<const QuantizationPlan> plan, OperatorId op,
                                              std::size_t sample, const std::stop_token& stop)
{
    const auto ready = m_impl->ready(*plan, Impl::Purpose::Look, stop, {});
    if (!ready) {
        return std::nullopt;
    }
    const PreparedNetwork& p = ready->network;
    Feedback states;
    for (std::size_t i = sequenceStart(p, *m_impl->data.evaluation, sample); i < sample; ++i) {
        if (!runBoth(p, *m_impl->data.evaluation, i, std::nullopt, states, stop)) {
            return std::nullopt;
        }
    }
    const auto both = runBoth(p, *m_impl->data.evaluation, sample, op, states, stop);
    if (!both) {
        return std::nullopt;
    }
    const ValueId id = p.graph().at(op).result();
    SampleTensors result;
    result.fp32 = both->fp32[indexOf(id)];
    const Tensor& value = both->quantized[indexOf(id)];
    result.quantized = p.plan.operators[indexOf(op)].writesCodes
        ? dequantized(value, p.plan.values[indexOf(id)]->params)
        : value;
    result.quantized = toLayout(result.quantized, result.fp32.layout());
    return result;
}

std::optional<std::vector<TensorStatistics>> Session::channelStatistics(const QuantizationPlan& plan,
                                                                        OperatorId op,
                                                                        const std::stop_token& stop,
                                                                        const ProgressCallback& progress)
{
    const std::shared_ptr<FusedNetwork> held = m_impl->networkFor(plan);
    const Pipeline& pipeline = *held->pipeline;
    return collectChannelStatistics(pipeline, *m_impl->data.calibration, pipeline.graph().at(op).result(),
                                    m_impl->calibrationSamples(), m_impl->options.threads, stop, progress);
}

bool Session::observe(const QuantizationPlan& plan,
                      const std::function<void(const Sample&, const std::vector<Tensor>&)>& look,
                      const std::stop_token& stop, const ProgressCallback& progress)
{
    const std::shared_ptr<FusedNetwork> held = m_impl->networkFor(plan);
    return observeSamples(*held->pipeline, *m_impl->data.calibration, m_impl->calibrationSamples(),
                          held->states, look, stop, progress);
}

std::optional<ResolvedPlan> Session::resolve(const QuantizationPlan& plan, const std::stop_token& stop,
                                             const ProgressCallback& progress)
{
    const std::shared_ptr<FusedNetwork> held = m_impl->networkFor(plan);
    FusedNetwork& network = *held;
    if (!m_impl->calibrate(network, plan, stop, progress)) {
        return std::nullopt;
    }
    return resolvePlan(network.pipeline->graph(), plan, network.calibration, network.weights);
}

std::shared_ptr<const PreparedNetwork>
Session::prepare(const QuantizationPlan& plan, const std::stop_token& stop, const ProgressCallback& progress)
{
    auto ready = m_impl->ready(plan, Impl::Purpose::Run, stop, progress);
    return ready ? std::make_shared<const PreparedNetwork>(std::move(ready->network)) : nullptr;
}

std::shared_ptr<const OperatorGraph> Session::operators(const QuantizationPlan& plan) const
{
    return m_impl->networkFor(plan)->pipeline->sharedGraph();
}

std::shared_ptr<const StatisticsByValue> Session::calibrationStatistics() const
{
    const std::lock_guard lock(m_impl->mutex);
    return m_impl->calibrationByName;
}

std::shared_ptr<const StatisticsByValue> Session::evaluationStatistics() const
{
    const std::lock_guard lock(m_impl->mutex);
    return m_impl->evaluationByName;
}

std::size_t Session::keptBytes() const { return m_impl->budget->bytes(); }

const std::shared_ptr<MemoryBudget>& Session::budget() const { return m_impl->budget; }

const DataSource& Session::data() const { return m_impl->data; }

std::size_t Session::evaluatedSamples() const { return m_impl->samples; }

const ModelInfo& Session::model() const { return m_impl->model; }

} // namespace core
