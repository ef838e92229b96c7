#include "core/search/plan_moves.h"

#include "core/base/error.h"
#include "core/repair/empirical_bias.h"

#include <algorithm>

namespace core {

namespace {

constexpr std::size_t kBiasSamples = 32;

void setPerChannel(QuantizationPlan& plan)
{
    plan.defaults.weight.granularity = Granularity{Granularity::Kind::PerChannel, 0};
    for (auto* const all : {&plan.types, &plan.operators}) {
        for (auto& [name, settings] : *all) {
            settings.weight.granularity.reset();
        }
        std::erase_if(*all, [](const auto& entry) { return entry.second.isEmpty(); });
    }
}

} // namespace

std::vector<CalibrationMethod> methodsTried()
{
    std::vector<CalibrationMethod> methods;
    for (const char* name : {"minmax", "percentile:99.99", "percentile:99.9", "l2", "entropy"}) {
        methods.push_back(parseCalibrationMethod(name));
    }
    return methods;
}

std::vector<PlanMove> weightMoves(bool keepsGranularity)
{
    std::vector<PlanMove> moves{
        {"channels equalized across layers",
         [](QuantizationPlan& plan) { plan.defaults.weight.equalize = Equalization(true); }},
        {"all weights by l2",
         [](QuantizationPlan& plan) { plan.defaults.weight.method = parseCalibrationMethod("l2"); }},
        {"dead channels zeroed",
         [](QuantizationPlan& plan) { plan.defaults.weight.zeroDeadChannels = true; }},
        {"bias correction", [](QuantizationPlan& plan) {
             plan.defaults.weight.biasCorrection = BiasCorrection{BiasCorrection::Kind::Analytic, {}};
         }}};
    if (!keepsGranularity) {
        moves.insert(moves.begin(), {"all weights per channel", setPerChannel});
    }
    return moves;
}

Repaired correctBiasesBySamples(Session& session, QuantizationPlan& plan, const std::stop_token& stop,
                                const ProgressCallback& progress)
{
    const auto isEvery = [](const Operator&) { return true; };
    const std::size_t samples = std::min(kBiasSamples, session.data().calibration->size());
    plan.defaults.weight.biasCorrection.reset();
    try {
        return correctBiasEmpirically(session, plan, isEvery, samples, stop, progress) ? Repaired::Yes
                                                                                       : Repaired::Stopped;
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::ShapeMismatch) {
            throw;
        }
        return Repaired::NotPossible;
    }
}

} // namespace core
