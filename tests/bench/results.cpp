#include "tests/bench/results.h"

#include <algorithm>
#include <fmt/core.h>

namespace bench {

double medianOf(std::vector<double> values)
{
    if (values.empty()) {
        return 0.0;
    }
    std::ranges::sort(values);
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
}

void compareInTurn(benchmark::State& state, Results& results, const std::string& what, double most,
                   const std::function<Duration()>& ours, const std::function<Duration()>& base)
{
    ours(); // packs, allocates and warms what a first run would
    base();
    std::vector<double> ratios;
    std::vector<double> processorRatios;
    std::vector<double> times;
    std::vector<double> baseTimes;
    for (auto _ : state) {
        const Duration b = base();
        const Duration o = ours();
        state.SetIterationTime(o.wallMs / 1e3);
        ratios.push_back(o.wallMs / b.wallMs);
        processorRatios.push_back(o.cpuMs / b.cpuMs);
        times.push_back(o.cpuMs);
        baseTimes.push_back(b.cpuMs);
    }
    const double ratio = medianOf(ratios);
    const double ofProcessor = medianOf(processorRatios);
    state.counters["ratio"] = ratio;
    state.counters["ratio_cpu"] = ofProcessor;
    results.add({what,
                 ratio,
                 ofProcessor,
                 most,
                 {},
                 fmt::format("{:.2f} / {:.2f} ms of processor, {} pairs", medianOf(times),
                             medianOf(baseTimes), ratios.size())});
}

void Results::print() const
{
    fmt::print("\n{:<74} {:>8} {:>8} {:>8}\n", "medians, one thread, in turn", "wall", "cpu", "goal");
    for (const Row& row : m_rows) {
        const std::string goal = row.most > 0.0 ? fmt::format("≤ {:g}", row.most) : "";
        const std::string cpu = row.ofProcessor > 0.0 ? fmt::format("{:.3f}", row.ofProcessor) : "";
        fmt::print("{:<74} {:>8.3f} {:>8} {:>8} {:<3} {}\n", row.what, row.measured, cpu, goal, row.unit,
                   row.detail);
    }
    bool isShort = false;
    for (const Row& row : m_rows) {
        const double reached =
            row.ofProcessor > 0.0 ? row.ofProcessor : row.measured; // a busy machine spoils wall time
        if (row.most > 0.0 && reached > row.most) {
            fmt::print("{}{}: {:.3f} instead of {:g}\n", isShort ? "" : "\nfalls short of its goal:\n",
                       row.what, reached, row.most);
            isShort = true;
        }
    }
}

} // namespace bench
