#pragma once

#include "tests/bench/stopwatch.h"

#include <benchmark/benchmark.h>
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// One line of the closing table.
struct Row
{
    std::string what;
    double measured = 0.0;
    double ofProcessor = 0.0; ///< the same from processor time; 0: not measured
    double most = 0.0; ///< the goal: measured ≤ most
    std::string unit; ///< empty for a ratio
    std::string detail;
};

/// Everything measured, in order; printed once at the end.
class Results
{
public:
    void add(Row row) { m_rows.push_back(std::move(row)); }
    void print() const;

private:
    std::vector<Row> m_rows;
};

[[nodiscard]] double medianOf(std::vector<double> values);

/// Times two kinds of work in turn, once per iteration, and adds the median of their ratios as a row. `ours`
/// becomes the benchmark's own time.
void compareInTurn(benchmark::State& state, Results& results, const std::string& what, double most,
                   const std::function<Duration()>& ours, const std::function<Duration()>& base);

} // namespace bench
