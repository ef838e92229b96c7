#include "core/quantization/weight_resolver.h"

#include "core/base/error.h"
#include "core/graph/operator_traits.h"
#include "core/network/fold_rules.h"
#include "core/quantization/bias_correction.h"
#include "core/quantization/dynamic_params.h"
#include "core/quantization/written_plan.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <functional>

namespace core {

void WeightResolver::addWeights(OperatorId id)
{
    const Operator& op = m_graph.at(id);
    ResolvedOperator& result = m_result.operators[indexOf(id)];
    const WeightSettings& settings = m_settings[indexOf(id)].weight;
    if (result.kind == QuantizedKind::OwnRange && isRecurrent(op.type)) {
        addRecurrentWeights(op, settings, result);
        return;
    }
    if (result.effective.isWeightOnly()) {
        addLoneWeights(op, settings, result);
        return;
    }
    if (result.kind == QuantizedKind::OwnRange && hasBatchedWeights(op)) {
        result.weights = m_cache.get(op, settings, nullptr, 1);
        return;
    }
    if (settings.method->name == kWrittenMethod) {
        addWrittenWeights(op, result);
        if (result.kind == QuantizedKind::Linear && result.weights
            && !m_values.valueOf(op.inputs[0]).isDynamic) {
            setArithmetic(id);
        }
    } else if (result.kind == QuantizedKind::Linear) {
        const ResolvedValue& src = m_values.valueOf(op.inputs[0]);
        if (src.isDynamic) {
            QuantizationParams params = src.params;
            params.scale = {1.0f}; // not known yet, and nothing depends on it without a bias
            result.weights = m_cache.get(withoutBias(op), settings, &params, 1, deadOf(op, settings));
            correctBias(id, params);
            return;
        }
        result.weights = m_cache.get(op, settings, &src.params, 1, deadOf(op, settings));
        correctBias(id, src.params);
        setArithmetic(id);
    } else if (result.kind == QuantizedKind::Binary) {
        for (std::size_t i = 0; i < 2; ++i) {
            if (op.constants[i]) {
                result.weights = m_cache.get(op, settings, nullptr, i);
            }
        }
    }
}

DeadChannels WeightResolver::deadOf(const Operator& op, const WeightSettings& settings)
{
    const ZeroDeadChannels wish = settings.zeroDeadChannels.value_or(ZeroDeadChannels{});
    if (wish.kind == ZeroDeadChannels::Kind::Off) {
        return {};
    }
    return deadChannels(m_graph, op, wish, m_cache.intervals(m_graph), m_statistics);
}

void WeightResolver::correctBias(OperatorId id, const QuantizationParams& src)
{
    const Operator& op = m_graph.at(id);
    std::shared_ptr<const QuantizedWeights>& weights = m_result.operators[indexOf(id)].weights;
    const BiasCorrection wish = m_settings[indexOf(id)].weight.biasCorrection.value_or(BiasCorrection{});
    std::vector<float> error = wish.error;
    if (wish.kind == BiasCorrection::Kind::Analytic) {
        auto expected = expectedWeightError(m_graph, op, *weights, m_statistics[indexOf(op.inputs[0])]);
        if (!expected) {
            m_uncorrected.push_back(op.name);
            return;
        }
        error = std::move(*expected);
    }
    if (wish.kind == BiasCorrection::Kind::None) {
        return;
    }
    if (error.size() != weights->channelScale.size()) {
        throw Error(
            ErrorKind::Usage,
            fmt::format(
                "plan: {}: weight.bias_correction needs {} numbers, one per result channel; there are {}",
                op.name, weights->channelScale.size(), error.size()));
    }
    std::ranges::transform(error, error.begin(), std::negate<>{});
    weights = m_cache.shifted(weights, op, src, error);
    ++m_corrected;
}

void WeightResolver::sayRepairs()
{
    std::vector<std::string> proven;
    std::vector<std::string> calibrated;
    std::uint64_t samples = 0;
    for (std::size_t i = 0; i < m_graph.operators.size(); ++i) {
        if (!m_result.operators[i].weights) {
            continue;
        }
        const DeadChannels& dead = m_result.operators[i].weights->dead;
        const auto count = [&](const auto& all, const auto& seen, std::size_t& a, std::size_t& b) {
            a += all.size() - seen.size();
            b += seen.size();
        };
        std::size_t ofProven = 0;
        std::size_t ofCalibrated = 0;
        count(dead.sources, dead.calibratedSources, ofProven, ofCalibrated);
        count(dead.results, dead.calibratedResults, ofProven, ofCalibrated);
        if (ofProven > 0) {
            proven.push_back(fmt::format("{} {}", m_graph.operators[i].name, ofProven));
        }
        if (ofCalibrated > 0) {
            calibrated.push_back(fmt::format("{} {}", m_graph.operators[i].name, ofCalibrated));
            samples = std::max(samples, dead.samples);
        }
    }
    if (!m_graph.equalized.empty()) {
        std::vector<std::string> pairs;
        for (const EqualizedPair& pair : m_graph.equalized) {
            pairs.push_back(
                fmt::format("{} > {}", m_graph.at(pair.producer).name, m_graph.at(pair.consumer).name));
        }
        m_result.warnings.push_back(fmt::format("weight.equalize: {} pairs of operators are equalized: {}",
                                                pairs.size(), fmt::join(pairs, ", ")));
    }
    if (!proven.empty()) {
        m_result.warnings.push_back(fmt::format(
            "weight.zero_dead_channels: dead whatever the input, weights count as zero: channels of {}",
            fmt::join(proven, ", ")));
    }
    if (!calibrated.empty()) {
        m_result.warnings.push_back(fmt::format(
            "weight.zero_dead_channels: zero in all {} calibration samples, which proves nothing of "
            "others, weights count as zero: channels of {}",
            samples, fmt::join(calibrated, ", ")));
    }
    if (m_corrected > 0) {
        m_result.warnings.push_back(
            fmt::format("weight.bias_correction: {} operators have a corrected bias", m_corrected));
    }
    if (!m_uncorrected.empty()) {
        m_result.warnings.push_back(
            fmt::format("weight.bias_correction: no means by channel, so no analytic correction, for {}",
                        fmt::join(m_uncorrected, ", ")));
    }
}

void WeightResolver::setArithmetic(OperatorId id)
{
    const Operator& op = m_graph.at(id);
    ResolvedOperator& result = m_result.operators[indexOf(id)];
    std::int64_t rows = 1; // pixels of all items
    const Shape& shape = m_graph.value(op.outputs[0]).shape;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        rows *= axis == 1 && isConvolution(op.type) ? 1 : shape[axis];
    }
    result.arithmetic = linearArithmetic(
        op, m_settings[indexOf(id)], m_values.valueOf(op.inputs[0]).params,
        result.writesCodes ? &m_values.valueOf(op.result()).params : nullptr,
        op.residual ? &m_values.valueOf(op.inputs[*op.residual]).params : nullptr, *result.weights, rows);
    if (!result.arithmetic.note.empty()) {
        m_result.warnings.push_back(op.name + ": " + result.arithmetic.note);
    }
}

void WeightResolver::addRecurrentWeights(const Operator& op, const WeightSettings& wish,
                                         ResolvedOperator& result)
{
    WeightSettings settings = wish;
    if (settings.method->name == kWrittenMethod) { // no model holds codes of them
        settings.method = CalibrationMethod{};
    }
    auto weights = std::make_shared<const RecurrentWeights>(quantizeRecurrentWeights(op, settings));
    if (!weights->notice.empty()) {
        m_result.warnings.push_back(fmt::format("{}: weights of {}: {}", op.name, op.type, weights->notice));
    }
    result.recurrent = std::move(weights);
}

void WeightResolver::addLoneWeights(const Operator& op, const WeightSettings& wish, ResolvedOperator& result)
{
    if (result.effective.kind != Precision::Kind::WeightOnly) {
        return;
    }
    WeightSettings settings = wish;
    if (settings.method->name == kWrittenMethod) {
        settings.method = CalibrationMethod{};
    }
    QuantizationParams params;
    params.scale = {1.0f}; // the source is real, and nothing depends on its scale without a bias
    result.weights = m_cache.get(withoutBias(op), settings, &params, 1, deadOf(op, settings));
}

void WeightResolver::addWrittenWeights(const Operator& op, ResolvedOperator& result)
{
    for (std::size_t i = 0; i < op.inputs.size() && i < 2; ++i) {
        const bool isWeights = result.kind == QuantizedKind::Linear
            ? i == 1
            : result.kind == QuantizedKind::Binary && op.constants[i];
        if (!isWeights) {
            continue;
        }
        result.weights = writtenWeights(
            m_graph, op, i,
            result.kind == QuantizedKind::Linear ? &m_values.valueOf(op.inputs[0]).params : nullptr);
        if (!result.weights) {
            throw Error(
                ErrorKind::Usage,
                fmt::format(
                    "plan: the model holds no quantized weights for {}: set its weight.method, e.g. minmax",
                    op.name));
        }
    }
}

} // namespace core
