// Thresholds of one tensor from its statistics.
#include "core/calibration/method.h"
#include "core/statistics/statistics.h"
#include "tests/bench/benches.h"

#include <cmath>
#include <fmt/core.h>
#include <random>
#include <vector>

namespace bench {

namespace {

/// A million values whose histogram occupies nearly all of its bins on both sides of zero.
core::TensorStatistics twoSidedStatistics()
{
    std::mt19937 random(3);
    std::normal_distribution<float> normal;
    std::vector<float> values(1 << 20);
    for (float& v : values) {
        v = std::clamp(normal(random), -3.99f, 3.99f);
    }
    values[0] = 3.999f; // 8,190 of 8,192 bins
    values[1] = -3.999f;
    return core::statisticsOf(values, {});
}

void search(benchmark::State& state, Results& results, const std::string& name, double mostMs)
{
    const core::TensorStatistics statistics = twoSidedStatistics();
    const core::CalibrationMethod method = core::parseCalibrationMethod(name);
    const core::CalibrationTarget target;
    const auto costOf = [&](core::Range range) {
        return core::quantizationCost(statistics,
                                      core::chooseActivationParams(range, target.scheme, target.bits))
            .totalSquared();
    };
    const core::Range range = core::calibrate(statistics, method, target);
    // Of the ranges one step of 1/64 around it none may cost less (L2); any search stays inside the data.
    if (!(range.min >= statistics.total.min && range.max <= statistics.total.max && range.min < 0.0
          && range.max > 0.0)) {
        return state.SkipWithError("the range leaves the data");
    }
    if (name == "l2") {
        for (const double factor : {63.0 / 64.0, 65.0 / 64.0}) {
            if (costOf({range.min * factor, range.max * factor}) < costOf(range) * (1.0 - 1e-9)) {
                return state.SkipWithError("a neighbouring range costs less");
            }
        }
    }
    std::vector<double> times;
    std::vector<double> ofProcessor;
    for (auto _ : state) {
        const Duration duration =
            timed([&] { benchmark::DoNotOptimize(core::calibrate(statistics, method, target)); });
        state.SetIterationTime(duration.wallMs / 1e3);
        times.push_back(duration.wallMs);
        ofProcessor.push_back(duration.cpuMs);
    }
    results.add({fmt::format("{} search, 8,190 bins on two sides, 255 levels", name),
                 medianOf(times),
                 medianOf(ofProcessor),
                 mostMs,
                 "ms",
                 {}});
}

} // namespace

void registerSearch(Results& results)
{
    const auto add = [&](const char* name, double most) {
        benchmark::RegisterBenchmark(
            fmt::format("search/{}", name).c_str(),
            [&results, name, most](benchmark::State& state) { search(state, results, name, most); })
            ->UseManualTime()
            ->Unit(benchmark::kMillisecond)
            ->Iterations(15);
    };
    add("entropy", 10.0);
    add("l2", 0.0);
    add("l1", 0.0);
    add("l2-approx", 0.0);
}

} // namespace bench
