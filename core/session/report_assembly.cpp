#include "core/session/report_assembly.h"

#include "core/base/sample_loop.h"
#include "core/calibration/entropy_ort.h"
#include "core/measure/layer_metrics.h"
#include "core/plan/plan_methods.h"
#include "core/report/precision_word.h"
#include "core/session/report_builder.h"
#include "kernels/shape/isa.h"

#include <algorithm>
#include <fmt/format.h>

namespace core {

namespace {

std::optional<SequenceReport> sequenceReport(const PreparedNetwork& p, const OutputResult& result,
                                             const DataSource& data, std::size_t samples)
{
    if (p.states.empty()) {
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

} // namespace

MeasuredResults knownResults(const ReadyNetwork& ready)
{
    const FusedNetwork& known = *ready.known;
    const PreparedNetwork& p = ready.network;
    MeasuredResults results;
    for (std::size_t i = 0; i < p.keys.size(); ++i) {
        results.accumulated.push_back(known.accumulated.find(p.keys[i]));
        results.isolated.push_back(known.isolated.find(p.plan.operators[i].isolatedKey));
    }
    results.outputs = known.outputs.find(p.outputKey());
    results.evaluation = known.evaluation;
    results.fp32Microseconds = known.fp32Microseconds;
    return results;
}

MeasuredResults withOutput(MeasuredResults known, const EvaluationTask& task, EvaluationOutput&& output)
{
    for (std::size_t i = 0; i < known.accumulated.size(); ++i) {
        if (task.accumulated[i]) {
            known.accumulated[i] = std::move(output.accumulated[i]);
        }
        if (task.isolated[i]) {
            known.isolated[i] = std::move(output.isolated[i]);
        }
    }
    if (task.outputs) {
        known.outputs = std::move(output.outputs);
    }
    if (task.statistics) {
        known.evaluation = std::move(output.statistics);
    }
    if (known.fp32Microseconds.empty()) {
        known.fp32Microseconds = output.fp32PerSample();
    }
    return known;
}

std::shared_ptr<Report> assembleReport(const ReadyNetwork& ready, const MeasuredResults& measured,
                                       std::shared_ptr<const QuantizationPlan> plan,
                                       const ReportSource& source)
{
    const FusedNetwork& known = *ready.known;
    const PreparedNetwork& p = ready.network;
    const OperatorGraph& g = p.graph();
    auto report = std::make_shared<Report>();
    report->plan = std::move(plan);
    report->modelFile = source.model.file;
    report->modelSha256 = source.model.sha256;
    report->modelNodes = source.model.nodes;
    report->samples = source.samples;
    report->synthetic = source.data.evaluation->isSynthetic();
    report->isa = kernels::isaName();
    report->threads = threadCount(source.threads);
    const auto& outputs = measured.outputs;
    report->accuracy = outputs->accuracy;
    report->metric = outputs->metric;
    report->predictions = outputs->predictions;
    report->sequence = sequenceReport(p, *outputs, source.data, source.samples);
    for (std::size_t i = 0; i < p.outputs.size(); ++i) {
        if (outputs->sums[i].count == 0 && g.value(p.outputs[i].value).type == DataType::Undefined) {
            continue; // no float when it ran
        }
        report->outputs.push_back({p.outputs[i].name, p.outputs[i].kind,
                                   metricsOf(outputs->sums[i], std::nullopt, outputs->samples),
                                   outputs->sqnrIntervals[i]});
    }
    for (std::size_t i = 0; i < g.operators.size(); ++i) {
        LayerFacts facts;
        facts.accumulated = measured.accumulated[i];
        facts.isolated = measured.isolated[i];
        facts.fp32Microseconds = measured.fp32Microseconds.empty() ? 0.0 : measured.fp32Microseconds[i];
        const Moments& m = measured.evaluation[indexOf(g.operators[i].result())].total;
        facts.spanned = m.count ? Range{m.min, m.max} : Range{};
        report->layers.push_back(makeLayerReport(g, OperatorId(i), p.plan, *p.forms[i], facts));
        report->timing.fp32MsPerSample += facts.fp32Microseconds / 1000.0;
        report->timing.quantizedMsPerSample += report->layers.back()->quantizedMicroseconds / 1000.0;
    }
    report->timing.calibrationMs = known.calibrationMs;
    report->warnings = source.data.warnings;
    report->warnings.insert(report->warnings.end(), p.plan.warnings.begin(), p.plan.warnings.end());
    if (!kernels::hasExactInt8()) {
        report->warnings.push_back(fmt::format(
            "{} saturates pairs of u8×s8 products: int8 runs on exact kernels of our own", report->isa));
    }
    for (const CalibrationMethod& method : activationMethods(*report->plan)) {
        if (isDegenerateOrtEntropy(method)) {
            report->warnings.push_back(degenerateOrtWarning(method));
        }
    }
    const auto kept = keptFloatWarnings(*report);
    report->warnings.insert(report->warnings.end(), kept.begin(), kept.end());
    for (const ValueId id : g.graph->outputs()) {
        const Value& value = g.value(id);
        const bool isTold =
            std::ranges::find(report->outputs, value.name, &OutputReport::name) != report->outputs.end();
        if (!isTold && !value.constant) {
            report->warnings.push_back(fmt::format("output '{}' is not compared: {}", value.name,
                                                   value.type == DataType::Undefined
                                                       ? "it held no float in any sample"
                                                       : "it is " + std::string(nameOf(value.type))));
        }
    }
    const auto more = graphWarnings(g, p.plan, known.calibration);
    report->warnings.insert(report->warnings.end(), more.begin(), more.end());
    return report;
}

} // namespace core
