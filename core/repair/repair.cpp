#include "core/repair/repair.h"

#include "core/base/error.h"
#include "core/base/near_misses.h"
#include "core/graph/operator_traits.h"
#include "core/measure/layer_metrics.h"
#include "core/measure/leave_one_in.h"
#include "core/measure/output_analysis.h"
#include "core/network/equalization.h"
#include "core/network/plan_entry.h"
#include "core/repair/empirical_bias.h"
#include "core/repair/learned_ranges.h"
#include "core/repair/learned_rounding.h"
#include "core/repair/smoothing.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>
#include <set>

namespace core {

namespace {

constexpr std::array<RepairInfo, 8> kRepairs{{
    {RepairKind::ZeroDeadChannels, "zero-dead-channels",
     "zero weights of channels that are dead whatever the input"},
    {RepairKind::ZeroCalibratedChannels, "zero-calibrated-channels",
     "also of channels that are zero in every calibration sample"},
    {RepairKind::Equalize, "equalize", "cross-layer equalization of weight ranges; FP32 stays the same"},
    {RepairKind::Smooth, "smooth",
     "move activation outliers into weights (SmoothQuant); smooth:ALPHA, 0.5 as DNNLOWP's equalization"},
    {RepairKind::LearnedRange, "learned-range", "ranges of activations by gradient, as manual ranges"},
    {RepairKind::LearnedRounding, "learned-rounding",
     "round each weight up or down so that results change least (AdaRound)"},
    {RepairKind::BiasCorrection, "bias-correction",
     "take away the mean error of rounded weights, from calibration means"},
    {RepairKind::EmpiricalBias, "empirical-bias",
     "take away the mean error found operator by operator on calibration samples"},
}};

/// The operators that a request is about.
class Chosen
{
public:
    Chosen(const OperatorGraph& graph, const std::vector<std::string>& names)
    {
        for (const std::string& name : names) {
            const auto id = graph.find(name);
            if (!id) {
                std::vector<std::string> known;
                std::ranges::transform(graph.operators, std::back_inserter(known), &Operator::name);
                throw Error(
                    ErrorKind::Usage,
                    fmt::format("repair: no operator is named '{}'{}", name, nearMisses(name, known)));
            }
            m_names.insert(graph.at(*id).name);
        }
    }
    [[nodiscard]] bool isAll() const { return m_names.empty(); }
    [[nodiscard]] bool has(const Operator& op) const { return isAll() || m_names.contains(op.name); }

private:
    std::set<std::string> m_names;
};

bool hasConstantWeights(const Operator& op)
{
    return isLinear(op.type) && op.constants.size() > 1 && op.constants[1];
}

class Repairer
{
public:
    Repairer(Session& session, const RepairRequest& request, std::vector<std::string>& notes,
             const std::stop_token& stop, const ProgressCallback& progress)
        : m_session(session)
        , m_request(request)
        , m_plan(request.plan)
        , m_notes(notes)
        , m_stop(stop)
        , m_progress(progress)
    {
    }

    std::optional<QuantizationPlan> run()
    {
        for (const RepairInfo& info : kRepairs) {
            for (const Repair& repair : m_request.repairs) {
                if (repair.kind == info.kind && !apply(repair)) {
                    return std::nullopt;
                }
            }
        }
        return std::move(m_plan);
    }

private:
    bool apply(const Repair& repair)
    {
        const auto graph = m_session.operators(m_plan);
        const Chosen chosen(*graph, m_request.operators);
        const auto isWanted = [&](const Operator& op) { return chosen.has(op); };
        const auto set = [&](auto change) { setWeights(*graph, chosen, change); };
        using DeadKind = ZeroDeadChannels::Kind;
        switch (repair.kind) {
        case RepairKind::ZeroDeadChannels:
            set([](WeightSettings& w) { w.zeroDeadChannels = DeadKind::Provable; });
            return true;
        case RepairKind::ZeroCalibratedChannels:
            set([](WeightSettings& w) { w.zeroDeadChannels = DeadKind::Calibrated; });
            return true;
        case RepairKind::BiasCorrection:
            set([](WeightSettings& w) {
                w.biasCorrection = BiasCorrection{BiasCorrection::Kind::Analytic, {}};
            });
            return true;
        case RepairKind::Equalize:
            equalize(*graph, chosen);
            return true;
        case RepairKind::Smooth:
            return smooth(*graph, chosen, repair.alpha);
        case RepairKind::LearnedRange:
            return learnRangesOf(m_session, m_plan, isWanted, m_request.samples, m_notes, m_stop, m_progress);
        case RepairKind::LearnedRounding:
            return learnRoundingOf(m_session, m_plan, isWanted, m_request.samples, m_stop, m_progress);
        case RepairKind::EmpiricalBias:
            return correctBiasEmpirically(m_session, m_plan, isWanted, m_request.samples, m_stop, m_progress);
        }
        return true;
    }

    template <typename Change>
    void setWeights(const OperatorGraph& graph, const Chosen& chosen, Change change)
    {
        if (chosen.isAll()) {
            change(m_plan.defaults.weight);
            return;
        }
        for (const Operator& op : graph.operators) {
            if (chosen.has(op)) {
                if (!hasConstantWeights(op)) {
                    throw Error(ErrorKind::Usage,
                                fmt::format("repair: {} ({}) has no weights to repair", op.name, op.type));
                }
                change(entryOf(m_plan, op).weight);
            }
        }
    }

    void equalize(const OperatorGraph& graph, const Chosen& chosen)
    {
        setWeights(graph, chosen, [](WeightSettings& w) { w.equalize = true; });
        std::size_t without = 0;
        for (const Operator& op : graph.operators) {
            const std::string obstacle =
                hasConstantWeights(op) && chosen.has(op) ? obstacleToEqualization(graph, op) : std::string();
            without += obstacle.empty() ? 0 : 1;
            if (!obstacle.empty() && !chosen.isAll()) {
                m_notes.push_back(fmt::format("equalize: not {}: {}", op.name, obstacle));
            }
        }
        if (without > 0 && chosen.isAll()) {
            m_notes.push_back(
                fmt::format("equalize: {} operators have no other to be equalized with", without));
        }
    }

    /// Scales are of what the plan has so far, so they multiply those of the equalization that they replace.
    bool smooth(const OperatorGraph& graph, const Chosen& chosen, double alpha)
    {
        if (!m_session.calibrate(m_plan, m_stop, m_progress)) {
            return false;
        }
        const auto statistics = m_session.calibrationStatistics();
        for (std::size_t i = 0; i < graph.operators.size(); ++i) {
            const Operator& op = graph.operators[i];
            if (!hasConstantWeights(op) || !chosen.has(op)) {
                continue;
            }
            const std::string obstacle = obstacleToEqualization(graph, op);
            std::vector<float> scales;
            if (obstacle.empty()) {
                scales = smoothingScales(graph, op, statistics->at(graph.value(op.inputs[0]).name), alpha);
            }
            if (scales.empty()) {
                m_notes.push_back(fmt::format("smooth: not {}: {}", op.name,
                                              obstacle.empty() ? "no ranges by channel" : obstacle));
                continue;
            }
            for (const EqualizedPair& pair : graph.equalized) {
                for (std::size_t c = 0; indexOf(pair.consumer) == i && c < scales.size(); ++c) {
                    scales[c] *= pair.scale[c];
                }
            }
            entryOf(m_plan, op).weight.equalize = std::move(scales);
        }
        return true;
    }

    Session& m_session;
    const RepairRequest& m_request;
    QuantizationPlan m_plan;
    std::vector<std::string>& m_notes;
    const std::stop_token& m_stop;
    const ProgressCallback& m_progress;
};

bool isLearnt(const Repair& repair)
{
    return repair.kind == RepairKind::LearnedRange || repair.kind == RepairKind::LearnedRounding
        || repair.kind == RepairKind::EmpiricalBias;
}

} // namespace

std::span<const RepairInfo> repairs() { return kRepairs; }

Repair parseRepair(std::string_view text)
{
    const std::size_t colon = text.find(':');
    const std::string_view name = text.substr(0, colon);
    const auto info = std::ranges::find(kRepairs, name, &RepairInfo::name);
    if (info == kRepairs.end()) {
        std::vector<std::string> names;
        std::ranges::transform(kRepairs, std::back_inserter(names),
                               [](const RepairInfo& r) { return std::string(r.name); });
        throw Error(ErrorKind::Usage,
                    fmt::format("repair: '{}' is none of {}{}", name, fmt::join(names, ", "),
                                nearMisses(std::string(name), names)));
    }
    Repair repair{info->kind};
    if (colon == std::string_view::npos) {
        return repair;
    }
    const std::string_view number = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), repair.alpha);
    if (repair.kind != RepairKind::Smooth || error != std::errc{} || end != number.data() + number.size()
        || repair.alpha < 0.0 || repair.alpha > 1.0) {
        throw Error(ErrorKind::Usage,
                    fmt::format("repair: '{}': only smooth takes a number, its alpha in 0 … 1", text));
    }
    return repair;
}

std::string toString(const Repair& repair)
{
    const auto info = std::ranges::find(kRepairs, repair.kind, &RepairInfo::kind);
    return repair.kind == RepairKind::Smooth ? fmt::format("{}:{}", info->name, repair.alpha)
                                             : std::string(info->name);
}

std::optional<QuantizationPlan> repairedPlan(Session& session, const RepairRequest& request,
                                             std::vector<std::string>& notes, const std::stop_token& stop,
                                             const ProgressCallback& progress)
{
    return Repairer(session, request, notes, stop, progress).run();
}

std::optional<RepairMeasure> measurePlan(Session& session, const QuantizationPlan& plan,
                                         const std::stop_token& stop, const ProgressCallback& progress)
{
    const auto result = session.outputs(plan, stop, progress);
    if (!result) {
        return std::nullopt;
    }
    const DataSource& data = session.data();
    const auto outputs =
        measuredOutputs(*session.operators(plan), data.labelsOutput, data.evaluation->hasLabels());
    RepairMeasure measure;
    measure.samples = result->samples;
    if (!outputs.empty()) {
        const kernels::ErrorSums& worst = decisiveError(result->sums, outputs);
        measure.sqnrDb = metricsOf(worst, std::nullopt, result->samples).sqnrDb;
        measure.output = outputs[static_cast<std::size_t>(&worst - result->sums.data())].name;
    }
    if (result->accuracy) {
        measure.agreement = result->accuracy->top1Agreement;
        measure.labelled = result->accuracy->labelled;
        measure.fp32Top1 = result->accuracy->fp32.top1;
        measure.top1 = result->accuracy->quantized.top1;
    }
    return measure;
}

std::optional<RepairOutcome> repair(Session& session, const RepairRequest& request,
                                    const std::stop_token& stop, const ProgressCallback& progress)
{
    RepairOutcome outcome;
    const auto before = measurePlan(session, request.plan, stop, progress);
    auto plan = before ? repairedPlan(session, request, outcome.notes, stop, progress) : std::nullopt;
    const auto after = plan ? measurePlan(session, *plan, stop, progress) : std::nullopt;
    if (!after) {
        return std::nullopt;
    }
    outcome.before = *before;
    outcome.after = *after;
    if (std::ranges::any_of(request.repairs, isLearnt)) {
        outcome.samples = std::min(request.samples, session.data().calibration->size());
    }
    const auto resolved = session.resolve(*plan, stop, {});
    if (!resolved) {
        return std::nullopt;
    }
    for (const std::string& warning : resolved->warnings) {
        if (warning.starts_with("weight.")) {
            outcome.notes.push_back(warning);
        }
    }
    outcome.plan = std::move(*plan);
    return outcome;
}

} // namespace core
