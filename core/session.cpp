#include "core/session.h"

#include "core/activation_cache.h"
#include "core/calibration/entropy_ort.h"
#include "core/calibration/plan_methods.h"
#include "core/calibration_pass.h"
#include "core/error.h"
#include "core/evaluation.h"
#include "core/layer_metrics.h"
#include "core/output_analysis.h"
#include "core/pipeline.h"
#include "core/prepared_network.h"
#include "core/report_builder.h"
#include "core/resolved_plan.h"
#include "core/run_results.h"
#include "core/sample_loop.h"
#include "core/sensitivity.h"
#include "kernels/isa.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <set>

namespace core {

namespace {

using NamedStatistics = std::map<std::string, TensorStatistics>;

/// Everything that depends on how the graph is fused, and on nothing else of a plan.
struct FusedNetwork
{
    FusionOptions options;
    std::unique_ptr<Pipeline> pipeline;
    std::vector<StateLink> states;
    Fingerprint traceKey;
    std::vector<TensorStatistics> calibration; ///< by ValueId
    std::shared_ptr<const NamedStatistics> calibrationByName; ///< the same
    std::vector<TensorStatistics> evaluation;
    std::set<std::string> collected;           ///< methods that took samples of the calibration data
    double calibrationMs = 0.0;
    std::vector<double> fp32Microseconds;      ///< per sample, by OperatorId
    ResultCache<AccumulatedResult> accumulated;
    ResultCache<IsolatedResult> isolated;
    ResultCache<OutputResult> outputs;
    ResultCache<std::vector<kernels::ErrorSums>> sensitivity;
    WeightCache weights;
};

/// A plan made ready to run.
struct Prepared
{
    FusedNetwork& network;
    ResolvedPlan plan;
    std::vector<Fingerprint> keys; ///< accumulated, by OperatorId
    std::vector<std::shared_ptr<const Executable>> forms;
    std::vector<MeasuredOutput> outputs;
    std::optional<ValueId> classifier;
    Fingerprint outputKey;
};

/// Empty where nothing is to be equalized, however a plan says so.
EqualizationWishes equalizationOf(const QuantizationPlan& plan)
{
    EqualizationWishes wishes;
    wishes.all = plan.defaults.weight.equalize.value_or(Equalization {});
    bool any = wishes.all.isOn();
    const auto put = [&](const auto& from, auto& into) {
        for (const auto& [name, settings] : from) {
            if (settings.weight.equalize) {
                into[name] = *settings.weight.equalize;
                any = any || settings.weight.equalize->isOn();
            }
        }
    };
    put(plan.types, wishes.types);
    put(plan.operators, wishes.operators);
    return any ? wishes : EqualizationWishes {};
}

FusionOptions fusionOf(const QuantizationPlan& plan)
{
    FusionOptions options;
    options.enabled = plan.fuse;
    options.fuseResidual = plan.defaults.fuseResidual.value_or(true);
    for (const auto& [name, settings] : plan.operators) {
        if (settings.fuseResidual) {
            options.residualByName[name] = *settings.fuseResidual;
        }
    }
    options.equalize = equalizationOf(plan);
    return options;
}

std::shared_ptr<const NamedStatistics> byName(const OperatorGraph& graph, const std::vector<TensorStatistics>& statistics)
{
    auto result = std::make_shared<NamedStatistics>();
    for (std::size_t i = 0; i < statistics.size(); ++i) {
        if (graph.producerOf[i] && statistics[i].samples > 0) {
            result->emplace(graph.value(ValueId(i)).name, statistics[i]);
        }
    }
    return result;
}

/// Inverse of byName; empty when a value that the graph computes is missing.
std::vector<TensorStatistics> byValue(const OperatorGraph& graph, const NamedStatistics& named)
{
    std::vector<TensorStatistics> result(graph.producerOf.size());
    for (std::size_t i = 0; i < result.size(); ++i) {
        if (!graph.producerOf[i]) {
            continue;
        }
        const auto found = named.find(graph.value(ValueId(i)).name);
        if (found == named.end()) {
            return {};
        }
        result[i] = found->second;
    }
    return result;
}

/// Of all operators that decide the states fed back.
Fingerprint feedbackKey(const OperatorGraph& graph, const ResolvedPlan& plan,
                        const std::vector<StateLink>& states)
{
    std::vector<bool> decides(graph.operators.size(), false);
    for (const StateLink& state : states) {
        decides[indexOf(*graph.producerOf[indexOf(state.output)])] = true;
    }
    FingerprintBuilder key;
    for (std::size_t i = decides.size(); i-- > 0;) {
        if (!decides[i]) {
            continue;
        }
        key.add(plan.operators[i].key);
        for (const ValueId input : graph.operators[i].inputs) {
            if (input != kNoValue && graph.producerOf[indexOf(input)]) {
                decides[indexOf(*graph.producerOf[indexOf(input)])] = true;
            }
        }
    }
    return key.finish();
}

/// accumulatedKey(op) = hash(op and its params, accumulatedKey of its producers); an input that is fed back
/// depends on the producers of its state.
std::vector<Fingerprint> accumulatedKeys(const OperatorGraph& graph, const ResolvedPlan& plan,
                                         const Fingerprint& data, const std::vector<StateLink>& states)
{
    const Fingerprint feedback = feedbackKey(graph, plan, states);
    std::vector<Fingerprint> keys(graph.operators.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const Operator& op = graph.operators[i];
        FingerprintBuilder key;
        if (std::ranges::find(states, OperatorId(i), &StateLink::inputOperator) != states.end()) {
            key.add(feedback);
        }
        key.add(std::string_view("accumulated")).add(data).add(plan.operators[i].key);
        for (std::size_t k = 0; k < op.inputs.size(); ++k) {
            if (op.inputs[k] != kNoValue && !op.constants[k]) {
                key.add(keys[indexOf(*graph.producerOf[indexOf(op.inputs[k])])]);
            }
        }
        keys[i] = key.finish();
    }
    return keys;
}

double millisecondsSince(std::chrono::steady_clock::time_point start)
{
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

} // namespace

struct Session::Impl
{
    Impl(std::shared_ptr<const Graph> g, ModelInfo m, DataSource d, SessionOptions o, RebindGraph r)
        : graph(std::move(g))
        , rebind(std::move(r))
        , model(std::move(m))
        , data(std::move(d))
        , options(o)
        , cache(o.cacheBytes)
        , samples(o.sampleLimit ? std::min(o.sampleLimit, data.evaluation->size()) : data.evaluation->size())
    {
    }

    FusedNetwork& networkFor(const QuantizationPlan& plan)
    {
        FusionOptions wanted = fusionOf(plan);
        wanted.written = model.written;
        const std::lock_guard lock(mutex);
        for (const auto& network : networks) {
            if (network->options == wanted) {
                return *network;
            }
        }
        auto network = std::make_unique<FusedNetwork>();
        network->options = wanted;
        Rebind refused;
        if (rebind) {
            refused = [this, wanted](const std::vector<Shape>& shapes) {
                return fuseOperators(rebind(shapes), wanted);
            };
        }
        network->pipeline = std::make_unique<Pipeline>(fuseOperators(graph, wanted), std::move(refused));
        network->states = stateLinks(network->pipeline->graph(), data.states);
        network->traceKey = FingerprintBuilder()
                                .add(std::string_view("fp32"))
                                .add(networks.size())
                                .add(std::string_view(data.evaluation->fingerprint()))
                                .finish();
        networks.push_back(std::move(network));
        return *networks.back();
    }

    bool calibrate(FusedNetwork& network, const QuantizationPlan& plan, const std::stop_token& stop,
                   const ProgressCallback& progress)
    {
        if (network.calibration.empty() && restoredCalibration && network.options.equalize == restoredFor) {
            network.calibration = byValue(network.pipeline->graph(), *restoredCalibration);
            if (!network.calibration.empty()) {
                network.calibrationByName = restoredCalibration;
            }
        }
        CalibrationRequest request{network.calibration.empty(), missingMethods(network, plan), options.customMethods};
        if (!request.statistics && request.methods.empty()) {
            publish(network);
            return true;
        }
        const auto start = std::chrono::steady_clock::now();
        auto statistics = collectStatistics(*network.pipeline, *data.calibration, calibrationSamples(), options.threads, stop,
                                            progress, request, network.states);
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
        network.calibrationMs += millisecondsSince(start);
        if (data.calibratesOnEvaluation) {
            network.evaluation = network.calibration;
        }
        network.calibrationByName = byName(network.pipeline->graph(), network.calibration);
        publish(network);
        return true;
    }

    /// The statistics that calibrationStatistics() shows are those of the network used last.
    void publish(const FusedNetwork& network)
    {
        const std::lock_guard lock(mutex);
        calibrationByName = network.calibrationByName;
    }

    /// Methods of the plan, and those asked for, that take samples and have not had them.
    std::vector<CalibrationMethod> missingMethods(const FusedNetwork& network, const QuantizationPlan& plan) const
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
            if (method.name != "dynamic") { // quantized at run time: nothing to collect
                add(method);
            }
        }
        return missing;
    }

    std::size_t calibrationSamples() const { return data.calibratesOnEvaluation ? samples : data.calibration->size(); }

    Prepared prepare(FusedNetwork& network, const QuantizationPlan& plan)
    {
        const OperatorGraph& g = network.pipeline->graph();
        Prepared p{network, resolvePlan(g, plan, network.calibration, network.weights), {}, {}, {}, {}, {}};
        p.keys = accumulatedKeys(g, p.plan, network.traceKey, network.states);
        for (std::size_t i = 0; i < g.operators.size(); ++i) {
            p.forms.push_back(network.pipeline->quantizedForm(OperatorId(i), p.plan));
        }
        p.outputs = measuredOutputs(g, data.labelsOutput, data.evaluation->hasLabels());
        p.classifier = classifierOutput(g, data.labelsOutput);
        FingerprintBuilder key;
        for (const MeasuredOutput& output : p.outputs) {
            key.add(p.keys[indexOf(*g.producerOf[indexOf(output.value)])]);
        }
        p.outputKey = key.finish();
        return p;
    }

    EvaluationTask missing(const Prepared& p, RunScope scope) const
    {
        const std::size_t count = p.keys.size();
        EvaluationTask task;
        task.accumulated.resize(count);
        task.isolated.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
            task.accumulated[i] = !p.network.accumulated.find(p.keys[i]);
            task.isolated[i] = options.isolatedErrors && scope == RunScope::Everything && hasIsolated(p, i) && !p.network.isolated.find(p.plan.operators[i].isolatedKey);
        }
        task.outputs = !p.network.outputs.find(p.outputKey);
        task.statistics = p.network.evaluation.empty();
        return task;
    }

    EvaluationInput inputOf(const Prepared& p)
    {
        return {*p.network.pipeline, p.plan,  p.keys,          p.forms, p.outputs,         p.classifier,
                *data.evaluation,    samples, options.threads, cache,   p.network.traceKey, p.network.states};
    }

    static bool hasIsolated(const Prepared& p, std::size_t i)
    {
        const ValueId id = p.network.pipeline->graph().operators[i].result();
        return p.plan.operators[i].kind != QuantizedKind::None || p.plan.operators[i].effective.isLowFloat() || p.plan.values[indexOf(id)].has_value();
    }

    void keep(Prepared& p, const EvaluationTask& task, EvaluationOutput&& output)
    {
        FusedNetwork& network = p.network;
        for (std::size_t i = 0; i < p.keys.size(); ++i) {
            if (task.accumulated[i]) {
                network.accumulated.insert(p.keys[i], output.accumulated[i]);
            }
            if (task.isolated[i]) {
                network.isolated.insert(p.plan.operators[i].isolatedKey, output.isolated[i]);
            }
        }
        if (task.outputs) {
            network.outputs.insert(p.outputKey, output.outputs);
        }
        if (task.statistics) {
            network.evaluation = std::move(output.statistics);
        }
        if (network.fp32Microseconds.empty() && output.fp32Samples > 0) {
            network.fp32Microseconds = std::move(output.fp32Microseconds);
            for (double& time : network.fp32Microseconds) {
                time /= static_cast<double>(output.fp32Samples);
            }
        }
    }

    std::optional<SequenceReport> sequenceReport(const Prepared& p, const OutputResult& result) const
    {
        if (p.network.states.empty()) {
            return std::nullopt;
        }
        SequenceReport report;
        report.states = data.states;
        for (std::size_t i = 0; i < samples; ++i) {
            if (i == 0 || data.evaluation->startsSequence(i)) {
                report.starts.push_back(i);
            }
        }
        for (std::size_t i = 0; i < p.outputs.size(); ++i) {
            report.outputs.push_back({p.outputs[i].name, result.stepRelativeL2[i], result.stepMaxAbs[i]});
        }
        return report;
    }

    /// The first sample whose states decide those of `sample`.
    std::size_t sequenceStart(const FusedNetwork& network, std::size_t sample) const
    {
        std::size_t start = sample;
        while (!network.states.empty() && start > 0 && !data.evaluation->startsSequence(start)) {
            --start;
        }
        return start;
    }

    struct BothValues
    {
        SampleValues fp32;
        SampleValues quantized;
    };

    /// Both pipelines on one sample, the quantized one up to `last`. Feeds the states back. None when
    /// stopped.
    std::optional<BothValues> runBoth(const Prepared& p, std::size_t index, std::optional<OperatorId> last,
                                      Feedback& states, const std::stop_token& stop) const
    {
        const std::vector<StateLink>& links = p.network.states;
        const Sample sample = data.evaluation->load(index);
        const Sample quantizedSample = withState(sample, links, states.quantized);
        const auto pipeline = p.network.pipeline->forSample(sample);
        const OperatorGraph& g = pipeline->graph();
        BothValues values{{}, SampleValues(g.graph->values().size())};
        const std::size_t end = last ? indexOf(*last) + 1 : g.operators.size();
        for (std::size_t i = 0; i < end; ++i) {
            if (stop.stop_requested()) {
                return std::nullopt;
            }
            pipeline->runQuantized(OperatorId(i), p.plan, *pipeline->quantizedForm(OperatorId(i), p.plan),
                                   quantizedSample, values.quantized);
        }
        values.fp32 = pipeline->runFloat(withState(sample, links, states.fp32));
        states = {};
        for (const StateLink& state : links) {
            const std::size_t id = indexOf(state.output);
            const Tensor& codes = values.quantized[id];
            states.fp32.push_back(toLayout(values.fp32[id], Layout::RowMajor));
            if (codes.isDefined()) {
                states.quantized.push_back(toLayout(
                    p.plan.isCodes(g, state.output) ? dequantized(codes, p.plan.values[id]->params) : codes,
                    Layout::RowMajor));
            }
        }
        return values;
    }

    std::shared_ptr<Report> assemble(const Prepared& p, std::shared_ptr<const QuantizationPlan> plan) const
    {
        const OperatorGraph& g = p.network.pipeline->graph();
        auto report = std::make_shared<Report>();
        report->plan = std::move(plan);
        report->modelFile = model.file;
        report->modelSha256 = model.sha256;
        report->modelNodes = model.nodes;
        report->samples = samples;
        report->synthetic = data.evaluation->isSynthetic();
        report->isa = kernels::isaName();
        report->threads = threadCount(options.threads);
        const auto outputs = p.network.outputs.find(p.outputKey);
        report->accuracy = outputs->accuracy;
        report->predictions = outputs->predictions;
        report->sequence = sequenceReport(p, *outputs);
        for (std::size_t i = 0; i < p.outputs.size(); ++i) {
            report->outputs.push_back({p.outputs[i].name, p.outputs[i].kind, metricsOf(outputs->sums[i], std::nullopt, outputs->samples)});
        }
        for (std::size_t i = 0; i < g.operators.size(); ++i) {
            LayerFacts facts;
            facts.accumulated = p.network.accumulated.find(p.keys[i]);
            facts.isolated = p.network.isolated.find(p.plan.operators[i].isolatedKey);
            facts.fp32Microseconds = p.network.fp32Microseconds.empty() ? 0.0 : p.network.fp32Microseconds[i];
            const Moments& m = p.network.evaluation[indexOf(g.operators[i].result())].total;
            facts.spanned = m.count ? Range{m.min, m.max} : Range{};
            report->layers.push_back(makeLayerReport(g, OperatorId(i), p.plan, *p.forms[i], facts));
            report->timing.fp32MsPerSample += facts.fp32Microseconds / 1000.0;
            report->timing.quantizedMsPerSample += report->layers.back()->quantizedMicroseconds / 1000.0;
        }
        report->timing.calibrationMs = p.network.calibrationMs;
        report->warnings = data.warnings;
        report->warnings.insert(report->warnings.end(), p.plan.warnings.begin(), p.plan.warnings.end());
        if (!kernels::hasExactInt8()) {
            report->warnings.push_back(fmt::format("{} saturates pairs of u8×s8 products: int8 runs on exact kernels of our own",
                                                   report->isa));
        }
        for (const CalibrationMethod& method : activationMethods(*report->plan)) {
            if (isDegenerateOrtEntropy(method)) {
                report->warnings.push_back(degenerateOrtWarning(method));
            }
        }
        const auto more = graphWarnings(g, p.plan, p.network.calibration);
        report->warnings.insert(report->warnings.end(), more.begin(), more.end());
        return report;
    }

    const std::shared_ptr<const Graph> graph;
    const RebindGraph rebind;
    const ModelInfo model;
    const DataSource data;
    const SessionOptions options;
    ActivationCache cache;
    const std::size_t samples;
    std::vector<CalibrationMethod> requestedMethods; ///< besides the plan's
    mutable std::mutex mutex; // guards the list of networks and the named statistics
    std::vector<std::unique_ptr<FusedNetwork>> networks;
    std::shared_ptr<const NamedStatistics> calibrationByName;
    std::shared_ptr<const NamedStatistics> evaluationByName;
    std::shared_ptr<const NamedStatistics> restoredCalibration; // of an earlier session, or null
    EqualizationWishes restoredFor;                             // what that session had equalized
};

Session::Session(std::shared_ptr<const Graph> graph, ModelInfo model, DataSource data, SessionOptions options,
                 RebindGraph rebind)
    : m_impl(std::make_unique<Impl>(std::move(graph), std::move(model), std::move(data), options,
                                    std::move(rebind)))
{
}

Session::~Session() = default;

void Session::restore(std::shared_ptr<const NamedStatistics> calibration, std::shared_ptr<const NamedStatistics> evaluation,
                      const QuantizationPlan& plan)
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

bool Session::calibrate(const QuantizationPlan& plan, const std::stop_token& stop, const ProgressCallback& progress)
{
    return m_impl->calibrate(m_impl->networkFor(plan), plan, stop, progress);
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
    std::uint64_t sum = 0;
    for (const auto& network : m_impl->networks) {
        sum += network->pipeline->floatExecutions();
    }
    return sum;
}

std::shared_ptr<const Report> Session::run(std::shared_ptr<const QuantizationPlan> plan, const std::stop_token& stop,
                                           const ProgressCallback& progress, RunScope scope)
{
    FusedNetwork& network = m_impl->networkFor(*plan);
    if (!m_impl->calibrate(network, *plan, stop, progress)) {
        return nullptr;
    }
    m_impl->cache.beginGeneration();
    Prepared p = m_impl->prepare(network, *plan);
    const EvaluationTask task = m_impl->missing(p, scope);
    double analysisMs = 0.0;
    if (!task.isEmpty()) {
        const auto start = std::chrono::steady_clock::now();
        auto output = evaluate(m_impl->inputOf(p), task, stop, progress);
        if (!output) {
            return nullptr;
        }
        m_impl->keep(p, task, std::move(*output));
        analysisMs = millisecondsSince(start);
    }
    {
        const std::lock_guard lock(m_impl->mutex);
        m_impl->evaluationByName = byName(network.pipeline->graph(), network.evaluation);
    }
    auto report = m_impl->assemble(p, std::move(plan));
    report->timing.analysisMsPerSample = analysisMs / static_cast<double>(std::max<std::size_t>(m_impl->samples, 1));
    return report;
}

std::shared_ptr<const OutputResult> Session::outputs(const QuantizationPlan& plan, const std::stop_token& stop,
                                                     const ProgressCallback& progress)
{
    FusedNetwork& network = m_impl->networkFor(plan);
    if (!m_impl->calibrate(network, plan, stop, progress)) {
        return nullptr;
    }
    m_impl->cache.beginGeneration();
    Prepared p = m_impl->prepare(network, plan);
    if (!network.outputs.find(p.outputKey)) {
        EvaluationTask task;
        task.accumulated.resize(p.keys.size());
        task.isolated.resize(p.keys.size());
        task.outputs = true;
        auto output = evaluate(m_impl->inputOf(p), task, stop, progress);
        if (!output) {
            return nullptr;
        }
        m_impl->keep(p, task, std::move(*output));
    }
    return network.outputs.find(p.outputKey);
}

std::shared_ptr<const Report> Session::addSensitivity(std::shared_ptr<const Report> report, std::size_t samples,
                                                      const std::stop_token& stop, const ProgressCallback& progress)
{
    FusedNetwork& network = m_impl->networkFor(*report->plan);
    if (!m_impl->calibrate(network, *report->plan, stop, progress)) {
        return nullptr;
    }
    const Prepared p = m_impl->prepare(network, *report->plan);
    const std::size_t count = std::min(samples, m_impl->data.calibration->size());
    std::vector<Fingerprint> keys(p.keys.size());
    std::vector<bool> wanted(p.keys.size(), false);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        keys[i] = FingerprintBuilder().add(p.plan.operators[i].key).add(count).finish();
        wanted[i] = (p.plan.operators[i].kind != QuantizedKind::None || p.plan.operators[i].effective.isLowFloat()) && !p.plan.operators[i].inherits
            && !network.sensitivity.find(keys[i]);
    }
    if (std::ranges::find(wanted, true) != wanted.end() && !p.outputs.empty()) {
        auto sums = measureSensitivity(*network.pipeline, p.plan, p.forms, wanted, p.outputs,
                                       *m_impl->data.calibration, count, m_impl->options.threads, stop,
                                       progress, network.states);
        if (!sums) {
            return nullptr;
        }
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (wanted[i]) {
                network.sensitivity.insert(keys[i], std::make_shared<std::vector<kernels::ErrorSums>>(std::move((*sums)[i])));
            }
        }
    }
    auto result = std::make_shared<Report>(*report);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto sums = network.sensitivity.find(keys[i]);
        if (sums && !sums->empty()) {
            auto layer = std::make_shared<LayerReport>(*result->layers[i]);
            layer->atOutput = metricsOf(decisiveError(*sums, p.outputs), std::nullopt, count);
            result->layers[i] = std::move(layer);
        }
    }
    return result;
}

std::optional<SampleTensors> Session::tensors(std::shared_ptr<const QuantizationPlan> plan, OperatorId op, std::size_t sample,
                                              const std::stop_token& stop)
{
    FusedNetwork& network = m_impl->networkFor(*plan);
    if (!m_impl->calibrate(network, *plan, stop, {})) {
        return std::nullopt;
    }
    const Prepared p = m_impl->prepare(network, *plan);
    Feedback states;
    for (std::size_t i = m_impl->sequenceStart(network, sample); i < sample; ++i) {
        if (!m_impl->runBoth(p, i, std::nullopt, states, stop)) {
            return std::nullopt;
        }
    }
    const auto both = m_impl->runBoth(p, sample, op, states, stop);
    if (!both) {
        return std::nullopt;
    }
    const ValueId id = network.pipeline->graph().at(op).result();
    SampleTensors result;
    result.fp32 = both->fp32[indexOf(id)];
    const Tensor& value = both->quantized[indexOf(id)];
    result.quantized = p.plan.operators[indexOf(op)].writesCodes
        ? dequantized(value, p.plan.values[indexOf(id)]->params)
        : value;
    result.quantized = toLayout(result.quantized, result.fp32.layout());
    return result;
}

std::optional<std::vector<TensorStatistics>> Session::channelStatistics(const QuantizationPlan& plan, OperatorId op,
                                                                        const std::stop_token& stop,
                                                                        const ProgressCallback& progress)
{
    const Pipeline& pipeline = *m_impl->networkFor(plan).pipeline;
    return collectChannelStatistics(pipeline, *m_impl->data.calibration, pipeline.graph().at(op).result(),
                                    m_impl->calibrationSamples(), m_impl->options.threads, stop, progress);
}

std::optional<ResolvedPlan> Session::resolve(const QuantizationPlan& plan, const std::stop_token& stop,
                                             const ProgressCallback& progress)
{
    FusedNetwork& network = m_impl->networkFor(plan);
    if (!m_impl->calibrate(network, plan, stop, progress)) {
        return std::nullopt;
    }
    return resolvePlan(network.pipeline->graph(), plan, network.calibration, network.weights);
}

std::shared_ptr<const PreparedNetwork> Session::prepare(const QuantizationPlan& plan, const std::stop_token& stop,
                                                        const ProgressCallback& progress)
{
    FusedNetwork& network = m_impl->networkFor(plan);
    if (!m_impl->calibrate(network, plan, stop, progress)) {
        return nullptr;
    }
    Prepared p = m_impl->prepare(network, plan);
    return std::make_shared<const PreparedNetwork>(
        PreparedNetwork{*network.pipeline, plan, std::move(p.plan), std::move(p.keys), std::move(p.forms),
                        std::move(p.outputs), p.classifier, network.states, network.calibration,
                        m_impl->options.threads});
}

std::shared_ptr<const OperatorGraph> Session::operators(const QuantizationPlan& plan) const
{
    return m_impl->networkFor(plan).pipeline->sharedGraph();
}

std::shared_ptr<const NamedStatistics> Session::calibrationStatistics() const
{
    const std::lock_guard lock(m_impl->mutex);
    return m_impl->calibrationByName;
}

std::shared_ptr<const NamedStatistics> Session::evaluationStatistics() const
{
    const std::lock_guard lock(m_impl->mutex);
    return m_impl->evaluationByName;
}

const DataSource& Session::data() const
{
    return m_impl->data;
}

const ModelInfo& Session::model() const
{
    return m_impl->model;
}

} // namespace core
