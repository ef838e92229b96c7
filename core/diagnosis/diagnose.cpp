#include "core/diagnosis/diagnose.h"

#include "core/base/error.h"
#include "core/diagnosis/diagnosis_input.h"
#include "core/diagnosis/measure_fixes.h"
#include "core/diagnosis/rule.h"
#include "core/execution/pipeline.h"
#include "core/measure/output_analysis.h"

#include <algorithm>

namespace core {

namespace {

constexpr double kLeastSeverity = 0.005; ///< of a finding whose fix does not help alone
constexpr double kLeastGainOfBits = 1.0; ///< dB, of one that does

std::optional<DiagnosisInput> gather(Session& session, const std::shared_ptr<const QuantizationPlan>& plan,
                                     const DiagnosisOptions& options, const std::stop_token& stop,
                                     const ProgressCallback& progress)
{
    DiagnosisInput input;
    input.plan = plan;
    input.report = session.run(plan, stop, progress, RunScope::WithoutIsolated);
    auto resolved = input.report ? session.resolve(*plan, stop, progress) : std::nullopt;
    if (!resolved) {
        return std::nullopt;
    }
    input.resolved = std::move(*resolved);
    input.graph = session.operators(*plan);
    input.calibration = session.calibrationStatistics();
    input.evaluation = session.evaluationStatistics();
    const DataSource& data = session.data();
    input.calibratesOnEvaluation = data.calibratesOnEvaluation;
    input.calibrationSamples = data.calibratesOnEvaluation ? input.report->samples : data.calibration->size();
    const Pipeline pipeline(input.graph);
    const auto outputs = measuredOutputs(*input.graph, data.labelsOutput, data.evaluation->hasLabels());
    ProbeOptions probing;
    probing.samples = options.probeSamples;
    probing.threads = options.threads;
    auto probe = probeOperators(pipeline, input.resolved, outputs, *data.evaluation, input.report->samples,
                                probing, stop, progress);
    if (!probe) {
        return std::nullopt;
    }
    input.probe = std::move(*probe);
    auto observation = observeData(pipeline, data, input.report->samples, options.observedSamples,
                                   options.threads, stop, progress);
    if (!observation) {
        return std::nullopt;
    }
    input.data = std::move(*observation);
    return input;
}

std::vector<Finding> findingsOf(const DiagnosisInput& input)
{
    std::vector<Finding> findings;
    for (const DiagnosisRule& rule : diagnosisRules()) {
        rule.find(input, findings);
    }
    std::ranges::stable_sort(findings, std::greater<>{},
                             [](const Finding& f) { return f.severity * f.specificity; });
    return findings;
}

std::vector<AttributedOperator> attributed(const DiagnosisInput& input)
{
    std::vector<AttributedOperator> operators;
    for (std::size_t i = 0; i < input.probe.operators.size(); ++i) {
        if (input.probe.operators[i].measured) {
            operators.push_back({input.at(i).name, input.probe.operators[i]});
        }
    }
    std::ranges::stable_sort(operators, std::greater<>{}, [](const auto& op) { return op.probe.share; });
    return operators;
}

/// The fix to take of a finding: the recommended one, else the first that costs nothing. Where several
/// operators ruin the output, none of their fixes shows alone.
const Fix* candidateOf(const Finding& finding)
{
    if (const Fix* fix = finding.recommendedFix()) {
        return fix;
    }
    const auto free = std::ranges::find(finding.fixes, FixCost::None, &Fix::cost);
    return finding.severity >= kLeastSeverity && free != finding.fixes.end() && free->refused.empty()
        ? &*free
        : nullptr;
}

/// Takes fixes one after the other as long as they help. False when stopped.
bool accept(Session& session, Diagnosis& diagnosis, const PlanObjection& objection,
            const std::stop_token& stop, const ProgressCallback& progress)
{
    std::size_t done = 0;
    for (const Finding& finding : diagnosis.findings) {
        if (progress) {
            progress({"Trying fixes together", done++, diagnosis.findings.size()});
        }
        const Fix* fix = candidateOf(finding);
        QuantizationPlan next = fix ? fix->apply(diagnosis.fixedPlan) : diagnosis.fixedPlan;
        if (next == diagnosis.fixedPlan || (objection && !objection(next).empty())) {
            continue;
        }
        std::optional<OutputQuality> quality;
        try {
            quality = outputQuality(session, next, stop);
        } catch (const Error&) {
            continue; // two fixes that contradict each other: the worse finding's stays
        }
        if (!quality) {
            return false;
        }
        const double least = fix->cost == FixCost::None ? kLeastGain : kLeastGainOfBits;
        if (gainBetween(diagnosis.fixedQuality, *quality) >= least) {
            diagnosis.fixedPlan = std::move(next);
            diagnosis.fixedQuality = *quality;
            diagnosis.accepted.push_back(fix->label);
        }
    }
    return true;
}

} // namespace

std::shared_ptr<const Diagnosis> diagnose(Session& session, std::shared_ptr<const QuantizationPlan> plan,
                                          const DiagnosisOptions& options, const std::stop_token& stop,
                                          const ProgressCallback& progress)
{
    const auto input = gather(session, plan, options, stop, progress);
    if (!input) {
        return nullptr;
    }
    auto diagnosis = std::make_shared<Diagnosis>();
    diagnosis->plan = plan;
    diagnosis->report = input->report;
    diagnosis->findings = findingsOf(*input);
    diagnosis->operators = attributed(*input);
    diagnosis->probeSamples = input->probe.samples;
    const auto quality = outputQuality(session, *plan, stop);
    if (!quality) {
        return nullptr;
    }
    diagnosis->quality = *quality;
    const std::size_t count = std::min(options.mostMeasured, diagnosis->findings.size());
    for (std::size_t i = 0; i < count; ++i) {
        if (progress) {
            progress({"Trying fixes", i, count});
        }
        if (!measureFixes(session, *plan, *quality, diagnosis->findings[i], options.objection, stop)) {
            return nullptr;
        }
    }
    if (progress && count > 0) {
        progress({"Trying fixes", count, count});
    }
    diagnosis->fixedPlan = *plan;
    diagnosis->fixedQuality = *quality;
    return accept(session, *diagnosis, options.objection, stop, progress) ? diagnosis : nullptr;
}

} // namespace core
