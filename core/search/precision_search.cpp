#include "core/search/precision_search.h"

#include "core/base/error.h"
#include "core/network/plan_entry.h"
#include "core/search/goal_checks.h"
#include "core/search/macs.h"
#include "core/search/plan_moves.h"
#include "core/sensitivity/fast_ranking.h"
#include "core/session/network_comparison.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace core {

namespace {

constexpr std::size_t kMethodOperators = 8; // single operators whose calibration method is tried

class Search
{
public:
    Search(Session& session, const QuantizationPlan& plan, const SearchOptions& options,
           const EffectMemory& memory, const std::stop_token& stop, const ProgressCallback& progress,
           const std::function<void(const SearchState&)>& finished)
        : m_session(session)
        , m_options(options)
        , m_memory(memory)
        , m_stop(stop)
        , m_progress(progress)
        , m_finished(finished)
        , m_plan(plan)
        , m_probe(session, plan, options.samples > 0 ? options.samples : session.data().evaluation->size())
    {
    }

    std::optional<SearchState> run()
    {
        m_session.collect(methodsTried());
        m_base = m_session.prepare(m_plan, m_stop, m_progress);
        if (!m_base) {
            return std::nullopt;
        }
        m_macs = macsOf(m_base->graph());
        refuseGoalWithoutMeasure(m_options.goal, *m_base, m_session);
        if (!trial(m_plan, "the plan as it is")) {
            return std::nullopt;
        }
        m_state.isFinished = wholeNetworkMethods() && (isReached() || (rank() && singleMethods()))
            && (isReached() || (floats() && backToInt8()));
        if (m_state.isFinished && m_finished) {
            m_finished(m_state);
        }
        return std::move(m_state);
    }

private:
    const Trial& best() const { return m_state.trials[m_state.best]; }

    /// A target of quality that int8 alone reaches leaves nothing to win; one of int8 always does.
    bool isReached() const
    {
        return !m_options.goal.int8Share && reaches(best(), m_options.goal)
            && best().int8Share >= m_state.trials[0].int8Share;
    }

    bool isStopped() const { return m_stop.stop_requested() || m_state.trials.size() >= m_options.trials; }

    /// Measures a plan, or remembers it. None when stopped or out of trials; the trial else.
    std::optional<Trial> trial(const QuantizationPlan& wished, const std::string& what)
    {
        if (isStopped()) {
            return std::nullopt;
        }
        const QuantizationPlan plan = m_options.kept ? m_options.kept(wished) : wished;
        const auto network = m_session.prepare(plan, m_stop, {});
        if (!network) {
            return std::nullopt;
        }
        const Fingerprint key = effectKey(m_session, *network, m_probe.samples());
        for (const auto& [known, index] : m_numbers) {
            if (known == key) {
                return m_state.trials[index]; // tried before in this search: costs no trial
            }
        }
        Trial result{m_state.trials.size() + 1, what, plan, int8Share(*network, m_macs), {}, {}, true};
        std::optional<OutputEffect> effect = m_memory.find ? m_memory.find(key) : std::nullopt;
        const auto& task = m_session.data().metric;
        if (effect && task && (!effect->metric || effect->metric->kind != task->metric->info().kind)) {
            effect.reset(); // measured when another number counted
        }
        if (!effect) {
            if (!begin()) {
                return std::nullopt;
            }
            effect = m_probe.under(*network, m_stop);
            if (!effect) {
                return std::nullopt;
            }
            result.isKnown = false;
        }
        result.sqnrDb = sqnrDbOf(*effect, network->outputs);
        result.top1Drop = top1DropOf(*effect);
        result.metric = effect->metric;
        m_numbers.emplace_back(key, m_state.trials.size());
        m_state.trials.push_back(result);
        if (isBetter(result, best(), m_options.goal)) {
            m_state.best = m_state.trials.size() - 1;
        }
        m_state.front = paretoFront(m_state.trials, m_options.goal);
        if (!result.isKnown && m_memory.keep) {
            m_memory.keep(key, what, *effect);
        }
        if (m_finished) {
            m_finished(m_state);
        }
        if (m_progress) {
            m_progress({"Search", m_state.trials.size(), m_options.trials});
        }
        return result;
    }

    /// Both pipelines once, when the first trial has to be measured.
    bool begin()
    {
        m_hasBegun = m_hasBegun || m_probe.begin(m_stop, m_progress);
        return m_hasBegun;
    }

    bool wholeNetworkMethods()
    {
        for (const CalibrationMethod& method : methodsTried()) {
            if (!trial(withActivationMethod(m_plan, method),
                       fmt::format("all activations by {}", toString(method)))) {
                return false;
            }
        }
        for (const PlanMove& move : weightMoves(m_options.keepsGranularity)) {
            QuantizationPlan plan = best().plan;
            move.change(plan);
            if (!trial(plan, move.what)) {
                return false;
            }
        }
        return isReached() || biasesBySamples();
    }

    bool biasesBySamples()
    {
        QuantizationPlan plan = best().plan;
        switch (correctBiasesBySamples(m_session, plan, m_stop, m_progress)) {
        case Repaired::Yes:
            return trial(plan, "biases by the means of calibration samples").has_value();
        case Repaired::NotPossible:
            return true;
        case Repaired::Stopped:
            break;
        }
        return false;
    }

    /// Operators of the best plan so far, those first that lose most quality per MAC.
    bool rank()
    {
        OutputProbe probe(m_session, best().plan, std::min(m_options.rankingSamples, m_probe.samples()));
        if (!probe.begin(m_stop, {})) {
            return false;
        }
        const auto flow = measureErrorFlow(probe, probe.samples(), m_stop, m_progress);
        if (!flow) {
            return false;
        }
        auto effects = predictEffects(probe, *flow, probe.samples(), m_stop, {});
        if (!effects) {
            return false;
        }
        m_ranking = std::move(*effects);
        std::ranges::stable_sort(m_ranking, std::greater<>{}, &PredictedEffect::onlyThis);
        return true;
    }

    static bool hasOtherLoss(const Trial& a, const Trial& b)
    {
        return a.metric && b.metric && a.metric->drop != b.metric->drop;
    }

    const Operator& operatorAt(OperatorId id) const { return m_base->graph().at(id); }

    /// Other calibration methods for the operators whose own error the output feels most; each that helps
    /// stays. Two operators in a row that gain next to nothing end it: what is left to win lies elsewhere.
    bool singleMethods()
    {
        constexpr double kLeastGainDb = 0.1;
        std::size_t dull = 0;
        for (std::size_t i = 0; i < std::min(m_ranking.size(), kMethodOperators); ++i) {
            const Operator& op = operatorAt(m_ranking[i].op);
            const Trial before = best();
            for (const CalibrationMethod& method : methodsTried()) {
                QuantizationPlan plan = best().plan;
                OperatorSettings& settings = entryOf(plan, op);
                settings.activation.method = method;
                settings.activation.range.reset();
                if (!trial(plan, fmt::format("{} by {}", op.name, toString(method)))) {
                    return false;
                }
                if (isReached()) {
                    return true;
                }
            }
            const bool isGain = best().top1Drop != before.top1Drop || hasOtherLoss(best(), before)
                || !best().sqnrDb || !before.sqnrDb || *best().sqnrDb - *before.sqnrDb >= kLeastGainDb;
            dull = isGain ? 0 : dull + 1;
            if (dull == 2) {
                return true;
            }
        }
        return true;
    }

    /// Whether anything on codes is left that reads what an operator writes, however it is moved about.
    bool feedsIntegers(OperatorId id, const std::vector<OperatorId>& floats) const
    {
        const OperatorGraph& graph = m_base->graph();
        return std::ranges::any_of(graph.at(id).outputs, [&](ValueId output) {
            return output != kNoValue
                && std::ranges::any_of(graph.consumersOf[indexOf(output)], [&](OperatorId reader) {
                       return m_base->plan.operators[indexOf(reader)].inherits
                           ? feedsIntegers(reader, floats)
                           : m_base->isQuantized(indexOf(reader))
                               && std::ranges::find(floats, reader) == floats.end();
                   });
        });
    }

    /// With these in FP32, and with them the inputs that nothing else reads: rounding them would gain
    /// nothing.
    QuantizationPlan keeping(const std::vector<OperatorId>& floats) const
    {
        QuantizationPlan plan = m_int8;
        for (const OperatorId id : floats) {
            plan = keptFloat(plan, operatorAt(id));
        }
        const auto& operators = m_base->graph().operators;
        for (std::size_t i = 0; i < operators.size(); ++i) {
            if (operators[i].type == "Input" && !feedsIntegers(OperatorId(i), floats)) {
                plan = keptFloat(plan, operators[i]);
            }
        }
        return plan;
    }

    /// The fewest operators, in the order of predicted gain per MAC, that have to stay in FP32.
    bool floats()
    {
        m_int8 = best().plan;
        std::vector<PredictedEffect> order = m_ranking;
        std::erase_if(order,
                      [&](const PredictedEffect& effect) { return operatorAt(effect.op).type == "Input"; });
        double total = 0.0;
        for (const double macs : m_macs) {
            total += macs;
        }
        const auto worth = [&](const PredictedEffect& effect) {
            constexpr double kLeastShare = 0.002; // an operator without MACs is not free either
            const double share = total > 0.0 ? m_macs[indexOf(effect.op)] / total : 0.0;
            return effect.onlyThis * effect.onlyThis / std::max(share, kLeastShare);
        };
        std::ranges::stable_sort(order, std::greater<>{}, worth);
        if (m_options.goal.int8Share) {
            return fill(order);
        }
        std::vector<OperatorId> all;
        for (const PredictedEffect& effect : order) {
            all.push_back(effect.op);
        }
        const auto reachesWith = [&](std::size_t count) -> std::optional<bool> {
            const std::vector<OperatorId> floats(all.begin(),
                                                 all.begin() + static_cast<std::ptrdiff_t>(count));
            const auto result = trial(keeping(floats),
                                      fmt::format("{} operator{} in FP32, last {}", count,
                                                  count == 1 ? "" : "s", operatorAt(floats.back()).name));
            return result ? std::optional(reaches(*result, m_options.goal)) : std::nullopt;
        };
        std::size_t enough = 0; // smallest count known to reach the goal
        std::size_t tooFew = 0;
        for (std::size_t count = 1; enough == 0 && tooFew < all.size(); count *= 2) {
            const std::size_t tried = std::min(count, all.size());
            const auto reached = reachesWith(tried);
            if (!reached) {
                return false;
            }
            (*reached ? enough : tooFew) = tried;
        }
        while (enough > tooFew + 1) {
            const std::size_t middle = tooFew + (enough - tooFew) / 2;
            const auto reached = reachesWith(middle);
            if (!reached) {
                return false;
            }
            (*reached ? enough : tooFew) = middle;
        }
        // Out of reach even with all of them in FP32: nothing to take back then.
        m_floats.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(enough));
        return true;
    }

    /// Under a target of int8: every operator in turn that still fits into the budget and lowers the error.
    bool fill(const std::vector<PredictedEffect>& order)
    {
        for (const PredictedEffect& effect : order) {
            std::vector<OperatorId> floats = m_floats;
            floats.push_back(effect.op);
            const QuantizationPlan plan = keeping(floats);
            const auto network = m_session.prepare(plan, m_stop, {});
            if (!network || int8Share(*network, m_macs) < *m_options.goal.int8Share) {
                if (m_stop.stop_requested()) {
                    return false;
                }
                continue;
            }
            const Trial before = best();
            const auto result = trial(plan, fmt::format("{} in FP32", operatorAt(effect.op).name));
            if (!result) {
                return false;
            }
            if (hasLessError(*result, before, m_options.goal)) {
                m_floats = floats;
            }
        }
        return true;
    }

    /// The exact check: operators in FP32 that the goal can do without, those with most MACs first.
    bool backToInt8()
    {
        std::vector<OperatorId> order = m_floats;
        std::ranges::stable_sort(order, std::greater<>{}, [&](OperatorId id) { return m_macs[indexOf(id)]; });
        for (const OperatorId id : order) {
            std::vector<OperatorId> floats = m_floats;
            std::erase(floats, id);
            const Trial before = best();
            const auto result = trial(keeping(floats), fmt::format("{} back to int8", operatorAt(id).name));
            if (!result) {
                return false;
            }
            const bool stays = m_options.goal.int8Share ? !hasLessError(before, *result, m_options.goal)
                                                        : reaches(*result, m_options.goal);
            if (stays) {
                m_floats = floats;
            }
        }
        return true;
    }

    Session& m_session;
    const SearchOptions m_options;
    const EffectMemory& m_memory;
    const std::stop_token& m_stop;
    const ProgressCallback& m_progress;
    const std::function<void(const SearchState&)>& m_finished;
    const QuantizationPlan m_plan;
    OutputProbe m_probe; ///< of the plan as it came
    bool m_hasBegun = false;
    std::shared_ptr<const PreparedNetwork> m_base;
    std::vector<double> m_macs;
    std::vector<std::pair<Fingerprint, std::size_t>> m_numbers; ///< which trial measured what
    std::vector<PredictedEffect> m_ranking;
    QuantizationPlan m_int8; ///< best before operators were kept in FP32
    std::vector<OperatorId> m_floats;
    SearchState m_state;
};

} // namespace

std::optional<SearchState> searchPrecision(Session& session, const QuantizationPlan& plan,
                                           const SearchOptions& options, const EffectMemory& memory,
                                           const std::stop_token& stop, const ProgressCallback& progress,
                                           const std::function<void(const SearchState&)>& finished)
{
    return Search(session, plan, options, memory, stop, progress, finished).run();
}

} // namespace core
