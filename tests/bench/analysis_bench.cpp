// What analysis costs beside FP32 alone, every tensor kept: errors of all layers, statistics, isolated
// errors, and a re-run after a change.
#include "core/base/fingerprint.h"
#include "core/measure/activation_cache.h"
#include "core/measure/calibration_pass.h"
#include "core/measure/evaluation.h"
#include "core/measure/output_analysis.h"
#include "tests/bench/benches.h"
#include "tests/bench/network.h"

#include <cmath>
#include <fmt/core.h>

namespace bench {

namespace {

constexpr std::size_t kSamples = 2;

/// ResNet-50, opened by the first benchmark that runs.
const Network& resNet()
{
    static const std::unique_ptr<Network> network = openResNet50();
    return *network;
}

/// One network with what core::evaluate needs, and keys that no cache knows until they are used again.
class Analysis
{
public:
    explicit Analysis(const Network& network)
        : m_network(network)
        , m_forms(network.forms())
        , m_outputs(core::measuredOutputs(*network.operators, {}, false))
        , m_keys(network.operators->operators.size())
    {
        newKeysFrom(0);
    }

    /// As if the operator with that index had been edited: it and everything after it has to run.
    void newKeysFrom(std::size_t first)
    {
        ++m_edits;
        for (std::size_t i = first; i < m_keys.size(); ++i) {
            m_keys[i] = core::FingerprintBuilder().add(m_edits).add(i).finish();
        }
    }

    core::EvaluationTask task(std::size_t first) const
    {
        core::EvaluationTask task;
        task.accumulated.assign(m_keys.size(), false);
        task.isolated.assign(m_keys.size(), false);
        for (std::size_t i = first; i < m_keys.size(); ++i) {
            task.accumulated[i] = true;
        }
        task.outputs = true;
        return task;
    }

    core::EvaluationOutput run(const core::EvaluationTask& task, core::ActivationCache& cache) const
    {
        const std::vector<core::TensorStatistics> statistics;
        const core::PreparedNetwork network{{},
                                            *m_network.pipeline,
                                            core::FingerprintBuilder().add(std::size_t{1}).finish(),
                                            {},
                                            m_network.plan,
                                            m_keys,
                                            m_forms,
                                            m_outputs,
                                            std::nullopt,
                                            core::kNoStates,
                                            statistics,
                                            1};
        return std::move(*core::evaluate(network, {*m_network.data, kSamples, cache}, task, {}, {}));
    }

private:
    const Network& m_network;
    std::vector<std::shared_ptr<const core::Executable>> m_forms;
    std::vector<core::MeasuredOutput> m_outputs;
    std::vector<core::Fingerprint> m_keys;
    std::size_t m_edits = 0;
};

Duration floatAlone(const Network& network)
{
    return timed([&] {
        for (std::size_t i = 0; i < kSamples; ++i) {
            benchmark::DoNotOptimize(network.pipeline->runFloat(network.data->load(i)));
        }
    });
}

/// Errors of all operators computed the plain way equal those of the pass; empty when so.
std::string checkAccumulated(const Network& network, const core::EvaluationOutput& output)
{
    std::vector<double> error(network.operators->operators.size(), 0.0);
    for (std::size_t s = 0; s < kSamples; ++s) {
        const core::Sample sample = network.data->load(s);
        const auto reals = network.pipeline->runFloat(sample);
        const auto codes = network.runQuantized(sample);
        for (std::size_t i = 0; i < error.size(); ++i) {
            const core::ValueId id = network.operators->operators[i].outputs[0];
            core::Tensor approximation = codes[core::indexOf(id)];
            if (network.plan.operators[i].writesCodes) {
                approximation =
                    core::dequantized(approximation, network.plan.values[core::indexOf(id)]->params);
            }
            const auto y = core::doublesOf(core::toLayout(reals[core::indexOf(id)], core::Layout::RowMajor));
            const auto near = core::doublesOf(core::toLayout(approximation, core::Layout::RowMajor));
            for (std::size_t k = 0; k < y.size(); ++k) {
                error[i] += (y[k] - near[k]) * (y[k] - near[k]);
            }
        }
    }
    for (std::size_t i = 0; i < error.size(); ++i) {
        const double got = output.accumulated[i]->sums.totalSquaredError();
        if (std::abs(got - error[i]) > 1e-4 * error[i]) {
            return fmt::format("{}: Σ(y−ŷ)² is {} where {} was expected",
                               network.operators->operators[i].name, got, error[i]);
        }
    }
    return {};
}

void wholePass(benchmark::State& state, Results& results, bool statistics, bool isolated,
               const std::string& what, double most)
{
    const Network& network = resNet();
    Analysis analysis(network);
    core::EvaluationTask task = analysis.task(0);
    task.statistics = statistics;
    if (isolated) {
        for (std::size_t i = 0; i < task.isolated.size(); ++i) {
            const core::ValueId id = network.operators->operators[i].outputs[0];
            task.isolated[i] = network.plan.operators[i].kind != core::QuantizedKind::None
                || network.plan.values[core::indexOf(id)];
        }
    }
    const auto pass = [&] {
        core::ActivationCache cache(std::make_shared<core::MemoryBudget>(std::size_t{4} << 30));
        return analysis.run(task, cache);
    };
    if (const std::string wrong = checkAccumulated(network, pass()); !wrong.empty()) {
        return state.SkipWithError(wrong.c_str());
    }
    compareInTurn(
        state, results, what, most, [&] { return timed([&] { benchmark::DoNotOptimize(pass()); }); },
        [&] { return floatAlone(network); });
}

/// The index of the first operator of a stage, and the share of FP32 time from there on.
std::size_t firstOf(const Network& network, const std::string& prefix)
{
    std::size_t i = 0;
    while (i < network.operators->operators.size()
           && !network.operators->operators[i].name.starts_with(prefix)) {
        ++i;
    }
    return i;
}

void rerun(benchmark::State& state, Results& results, const std::string& stage, const std::string& what,
           double most)
{
    const Network& network = resNet();
    Analysis analysis(network);
    const auto budget = std::make_shared<core::MemoryBudget>(std::size_t{1} << 30);
    core::ActivationCache cache(budget);
    const auto full = analysis.run(analysis.task(0), cache); // leaves FP32 values and codes in the cache
    const std::size_t first = stage.empty() ? 0 : firstOf(network, stage);
    const core::EvaluationTask task = analysis.task(first);
    const auto again = [&] {
        budget->beginGeneration();
        analysis.newKeysFrom(first);
        return analysis.run(task, cache);
    };
    const auto output = again();
    for (std::size_t i = first; i < full.accumulated.size(); ++i) {
        if (output.accumulated[i]->sums.totalSquaredError()
            != full.accumulated[i]->sums.totalSquaredError()) {
            return state.SkipWithError("the re-run differs from the whole run");
        }
    }
    if (output.fp32Samples != 0) {
        return state.SkipWithError("FP32 ran again");
    }
    compareInTurn(
        state, results, what, most, [&] { return timed([&] { benchmark::DoNotOptimize(again()); }); },
        [&] { return floatAlone(network); });
}

void calibrationPass(benchmark::State& state, Results& results)
{
    const Network& network = resNet();
    const auto pass = [&] {
        return *core::collectStatistics(*network.pipeline, *network.data, kSamples, 1, {}, {});
    };
    const auto statistics = pass();
    const auto values = network.pipeline->runFloat(network.data->load(0));
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i].isDefined()
            && statistics[i].total.count != kSamples * static_cast<std::size_t>(values[i].count())) {
            return state.SkipWithError("a tensor was not counted in full");
        }
    }
    compareInTurn(
        state, results, "one data pass of every method's statistics ÷ FP32 alone", 1.2,
        [&] { return timed([&] { benchmark::DoNotOptimize(pass()); }); },
        [&] { return floatAlone(network); });
}

} // namespace

void registerAnalysis(Results& results)
{
    const auto add = [](const char* name, auto function) {
        benchmark::RegisterBenchmark(name, function)
            ->UseManualTime()
            ->Unit(benchmark::kMillisecond)
            ->Iterations(9);
    };
    add("analysis/errors", [&](benchmark::State& state) {
        wholePass(state, results, false, false, "FP32 + int8 + accumulated errors ÷ FP32 alone", 1.25);
    });
    add("analysis/errors+statistics", [&](benchmark::State& state) {
        wholePass(state, results, true, false, "the same + min/max + histograms ÷ FP32 alone", 1.35);
    });
    add("analysis/errors+statistics+isolated", [&](benchmark::State& state) {
        wholePass(state, results, true, true, "the same + isolated errors of all layers ÷ FP32 alone", 2.2);
    });
    add("analysis/rerun", [&](benchmark::State& state) {
        rerun(state, results, "", "re-run of the whole network, FP32 cached ÷ FP32 alone", 0.25);
    });
    add("analysis/rerun-stage4", [&](benchmark::State& state) {
        rerun(state, results, "stage4", "re-run from stage 4, FP32 cached ÷ FP32 alone", 0.14);
    });
    add("analysis/calibration", [&](benchmark::State& state) { calibrationPass(state, results); });
}

} // namespace bench
