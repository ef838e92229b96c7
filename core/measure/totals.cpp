#include "core/measure/totals.h"

#include "core/measure/calibration_pass.h"
#include "core/measure/layer_metrics.h"
#include "core/measure/metric_evidence.h"
#include "core/report/non_finite.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace core {

namespace {

/// Of one sample; 0 where its reference is all zeros.
double sampleError(const kernels::ErrorSums& sums)
{
    const double signal = sums.totalSquaredReference();
    return signal == 0.0 && std::isfinite(sums.totalSquaredError())
        ? 0.0
        : relativeError(sums.totalSquaredError(), signal);
}

void addAccumulated(AccumulatedResult& total, const SamplePartial::Accumulated& partial)
{
    total.sums.merge(partial.sums);
    for (std::size_t code = 0; code < 256; ++code) {
        total.codes[code] += partial.codes[code];
    }
    if (partial.saturation.isDefined()) {
        const auto counts = partial.saturation.as<std::int64_t>();
        total.saturation.resize(counts.size());
        std::ranges::transform(counts, total.saturation, total.saturation.begin(), std::plus<>{});
    }
    if (partial.shadow) {
        if (!total.shadow) {
            total.shadow.emplace();
        }
        total.shadow->merge(*partial.shadow);
    }
    total.sampleRelativeL2.push_back(static_cast<float>(sampleError(partial.sums)));
    total.microseconds += partial.microseconds;
    total.conversion.quantize += partial.conversion.quantize;
    total.conversion.dequantize += partial.conversion.dequantize;
    ++total.samples;
}

} // namespace

EvaluationTotals::EvaluationTotals(const PreparedNetwork& network, const EvaluationTask& task)
    : m_task(task)
    , m_squares(network.outputs.size())
    , m_metric(network.metric)
{
    const std::size_t operators = network.pipeline.graph().operators.size();
    m_output.accumulated.resize(operators);
    m_output.isolated.resize(operators);
    m_output.fp32Microseconds.assign(operators, 0.0);
    for (std::size_t i = 0; i < operators; ++i) {
        if (task.accumulated[i]) {
            m_output.accumulated[i] = std::make_shared<AccumulatedResult>();
            m_output.accumulated[i]->hasCodes = network.plan.operators[i].writesCodes
                && sizeOf(network.plan.values[indexOf(network.pipeline.graph().operators[i].result())]
                              ->params.type)
                    == 1;
        }
        if (task.isolated[i]) {
            m_output.isolated[i] = std::make_shared<IsolatedResult>();
            const ValueId id = network.pipeline.graph().operators[i].result();
            m_output.isolated[i]->hasSplit = network.plan.values[indexOf(id)].has_value();
        }
    }
    if (task.outputs) {
        m_output.outputs = std::make_shared<OutputResult>();
        m_output.outputs->sums.resize(network.outputs.size());
        m_output.outputs->stepRelativeL2.resize(network.outputs.size());
        m_output.outputs->stepMaxAbs.resize(network.outputs.size());
    }
}

void EvaluationTotals::add(SamplePartial&& partial)
{
    for (std::size_t i = 0; i < m_output.accumulated.size(); ++i) {
        if (m_task.accumulated[i]) {
            addAccumulated(*m_output.accumulated[i], partial.accumulated[i]);
        }
        if (m_task.isolated[i]) {
            m_output.isolated[i]->sums.merge(partial.isolated[i].sums);
            m_output.isolated[i]->split.merge(partial.isolated[i].split);
            ++m_output.isolated[i]->samples;
        }
    }
    if (m_task.outputs) {
        addOutputs(partial);
    }
    if (m_task.statistics) {
        mergeStatistics(m_output.statistics, partial.statistics);
    }
    if (!partial.fp32Microseconds.empty()) {
        ++m_output.fp32Samples;
        for (std::size_t i = 0; i < partial.fp32Microseconds.size(); ++i) {
            m_output.fp32Microseconds[i] += partial.fp32Microseconds[i];
        }
    }
}

EvaluationOutput EvaluationTotals::finish()
{
    if (m_task.outputs) {
        conclude(*m_output.outputs);
    }
    return std::move(m_output);
}

EvaluationOutput EvaluationTotals::soFar() const
{
    const auto copies = [](const auto& results) {
        auto own = results;
        for (auto& result : own) {
            using Result = std::remove_cvref_t<decltype(*result)>;
            result = result ? std::make_shared<Result>(*result) : nullptr;
        }
        return own;
    };
    EvaluationOutput output = m_output;
    output.accumulated = copies(m_output.accumulated);
    output.isolated = copies(m_output.isolated);
    if (m_task.outputs) {
        output.outputs = std::make_shared<OutputResult>(*m_output.outputs);
        conclude(*output.outputs);
    }
    return output;
}

void EvaluationTotals::conclude(OutputResult& outputs) const
{
    outputs.accuracy = m_accuracy.result();
    for (const SquaresOfSamples& squares : m_squares) {
        outputs.sqnrIntervals.push_back(decibelInterval(squares.reference, squares.error));
    }
    if (m_metric) {
        outputs.metric = std::make_shared<const MetricReport>(metricReport(*m_metric, m_evidence));
    }
}

void EvaluationTotals::addOutputs(const SamplePartial& partial)
{
    OutputResult& total = *m_output.outputs;
    for (std::size_t i = 0; i < total.sums.size(); ++i) {
        const kernels::ErrorSums& step = partial.outputs[i];
        total.sums[i].merge(step);
        total.stepRelativeL2[i].push_back(metricsOf(step, std::nullopt, 1).relativeL2);
        total.stepMaxAbs[i].push_back(step.maxAbsError);
        m_squares[i].reference.push_back(step.totalSquaredReference());
        m_squares[i].error.push_back(step.totalSquaredError());
    }
    ++total.samples;
    append(m_evidence, partial.metric);
    m_accuracy.add(partial.fp32, partial.quantized);
    const double relative = partial.outputs.empty() ? 0.0 : sampleError(partial.outputs[0]);
    for (std::size_t i = 0; i < partial.fp32.size(); ++i) {
        total.predictions.push_back(
            {partial.labels[i], partial.fp32[i].top, partial.quantized[i].top, relative});
    }
}

} // namespace core
