#include "core/diagnosis/diagnosis_input.h"

#include "core/graph/operator_traits.h"
#include "core/network/plan_entry.h"

#include <algorithm>

namespace core {

namespace {

const TensorStatistics* find(const std::shared_ptr<const StatisticsByValue>& statistics,
                             const std::string& name)
{
    if (!statistics) {
        return nullptr;
    }
    const auto found = statistics->find(name);
    return found == statistics->end() ? nullptr : &found->second;
}

/// Operators that leave every channel where it is, and its scale.
bool keepsChannels(const std::string& type)
{
    const OperatorTraits& traits = traitsOf(type);
    const bool isPiecewiseLinear = traits.kind == OperatorKind::Movement || traits.pool != PoolForm::None
        || traits.activation == kernels::Activation::Kind::Clip
        || traits.activation == kernels::Activation::Kind::LeakyRelu;
    return isPiecewiseLinear && traits.channels == ChannelFlow::Keeps;
}

} // namespace

std::string DiagnosisInput::outputName(std::size_t i) const
{
    const ValueId id = at(i).result();
    return id == kNoValue ? std::string() : graph->value(id).name;
}

const TensorStatistics* DiagnosisInput::calibrated(std::size_t i) const
{
    return find(calibration, outputName(i));
}

const TensorStatistics* DiagnosisInput::calibrated(ValueId id) const
{
    return find(calibration, graph->value(id).name);
}

const TensorStatistics* DiagnosisInput::evaluated(std::size_t i) const
{
    const TensorStatistics* found = find(evaluation, outputName(i));
    return found ? found : calibrated(i);
}

const ResolvedValue* DiagnosisInput::ownValue(std::size_t i) const
{
    const ValueId id = at(i).result();
    if (id == kNoValue || resolved.operators[i].inherits || !resolved.values[indexOf(id)]) {
        return nullptr;
    }
    const ResolvedValue& value = *resolved.values[indexOf(id)];
    return value.isDynamic || value.method.name == "written" ? nullptr : &value;
}

OperatorSettings DiagnosisInput::settings(std::size_t i) const { return settingsOf(*plan, at(i)); }

std::optional<std::size_t> DiagnosisInput::sourceOf(std::size_t i) const
{
    while (!at(i).inputs.empty() && at(i).inputs[0] != kNoValue
           && graph->producerOf[indexOf(at(i).inputs[0])]) {
        i = indexOf(*graph->producerOf[indexOf(at(i).inputs[0])]);
        if (!resolved.operators[i].inherits) {
            return i;
        }
    }
    return std::nullopt;
}

std::vector<std::size_t> DiagnosisInput::linearReaders(std::size_t i) const
{
    std::vector<std::size_t> result;
    std::vector<std::size_t> waiting{i};
    while (!waiting.empty()) {
        const std::size_t here = waiting.back();
        waiting.pop_back();
        for (const ValueId output : at(here).outputs) {
            if (output == kNoValue) {
                continue;
            }
            for (const OperatorId reader : graph->consumersOf[indexOf(output)]) {
                const Operator& op = graph->at(reader);
                const bool readsAsData = !op.inputs.empty() && op.inputs[0] == output;
                if (resolved.operators[indexOf(reader)].kind == QuantizedKind::Linear && readsAsData) {
                    result.push_back(indexOf(reader));
                } else if (keepsChannels(op.type)) {
                    waiting.push_back(indexOf(reader));
                }
            }
        }
    }
    return result;
}

} // namespace core
