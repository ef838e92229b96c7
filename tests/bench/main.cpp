// Times the engine as ratios: against ONNX Runtime where it has the same work, else against FP32 alone.
//   noisefloor-bench [--benchmark_filter=REGEX]
// Every benchmark checks its answer before it times it. One thread; what is compared takes turns.
#include "kernels/shape/isa.h"
#include "kernels/shape/thread_setup.h"
#include "tests/bench/benches.h"

#include <benchmark/benchmark.h>
#include <cstdlib>
#include <exception>
#include <fmt/core.h>

int main(int argc, char** argv)
{
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 2;
    }
    kernels::prepareThread();
    bench::Results results;
    try {
        bench::registerInference(results);
        bench::registerAnalysis(results);
        bench::registerSearch(results);
        bench::registerOperators(results);
        bench::registerFakeQuantize(results);
        bench::registerOpen(results);
        benchmark::RunSpecifiedBenchmarks();
    } catch (const std::exception& error) {
        fmt::print(stderr, "noisefloor-bench: {}\n", error.what());
        return 1;
    }
    double load[1]{};
    if (getloadavg(load, 1) == 1) {
        fmt::print("\n{}, load average {:.1f}\n", kernels::isaName(), load[0]);
    }
    results.print();
    return 0;
}
