// Time of every operator in int8 against FP32, over the shared models: totals by type, and the ten that gain
// least.
#include "app/common/project.h"
#include "tests/bench/benches.h"
#include "tests/bench/network.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <exception>
#include <fmt/core.h>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

namespace bench {

namespace {

struct OperatorTime
{
    std::string model;
    std::string name;
    std::string type;
    std::string floatForm;
    std::string quantizedForm;
    double floatUs = 0.0;
    double quantizedUs = 0.0;
};

/// The least of several runs, which a busy machine disturbs least.
std::vector<double> leastTimes(std::size_t operators, const std::function<void(std::size_t)>& run)
{
    constexpr int kRuns = 7;
    std::vector<double> least(operators, 1e300);
    for (int i = 0; i < kRuns; ++i) {
        for (std::size_t op = 0; op < operators; ++op) {
            least[op] = std::min(least[op], timed([&] { run(op); }).wallMs * 1e3);
        }
    }
    return least;
}

std::vector<OperatorTime> timesOf(const Network& network)
{
    const core::Sample sample = network.data->load(0);
    const auto& operators = network.operators->operators;
    const auto forms = network.forms();
    core::SampleValues reals(network.graph->values().size());
    core::SampleValues codes(reals.size());
    const auto floatTimes = leastTimes(operators.size(), [&](std::size_t i) {
        network.pipeline->runFloat(core::OperatorId(i), sample, reals);
    });
    const auto quantizedTimes = leastTimes(operators.size(), [&](std::size_t i) {
        network.pipeline->runQuantized(core::OperatorId(i), network.plan, *forms[i], sample, codes);
    });
    std::vector<OperatorTime> result;
    for (std::size_t i = 0; i < operators.size(); ++i) {
        if (network.plan.operators[i].kind != core::QuantizedKind::None && operators[i].type != "Input") {
            result.push_back({network.name, operators[i].name, operators[i].type,
                              network.pipeline->floatForm(core::OperatorId(i)).implementation,
                              forms[i]->implementation, floatTimes[i], quantizedTimes[i]});
        }
    }
    return result;
}

void printByType(const std::vector<OperatorTime>& all)
{
    std::map<std::string, OperatorTime> types;
    std::map<std::string, int> counts;
    for (const OperatorTime& op : all) {
        types[op.type].floatUs += op.floatUs;
        types[op.type].quantizedUs += op.quantizedUs;
        ++counts[op.type];
    }
    fmt::print("\n{:<22} {:>6} {:>12} {:>12} {:>8}\n", "operators in int8", "number", "FP32 µs", "int8 µs",
               "ratio");
    for (const auto& [type, sum] : types) {
        fmt::print("{:<22} {:>6} {:>12.1f} {:>12.1f} {:>8.2f}\n", type, counts[type], sum.floatUs,
                   sum.quantizedUs, sum.quantizedUs / sum.floatUs);
    }
}

void printSlowest(std::vector<OperatorTime> all)
{
    // Below this the clock and the call cost more than the operator.
    constexpr double kLeastUs = 20.0;
    std::erase_if(all, [](const OperatorTime& op) { return op.quantizedUs < kLeastUs; });
    std::ranges::sort(all, std::greater{},
                      [](const OperatorTime& op) { return op.quantizedUs / op.floatUs; });
    fmt::print("\nThe ten operators of {:.0f} µs or more that gain least from int8\n", kLeastUs);
    for (std::size_t i = 0; i < std::min<std::size_t>(10, all.size()); ++i) {
        const OperatorTime& op = all[i];
        fmt::print("{:>6.2f}  {:>8.1f} / {:<8.1f} {:<22} {:<12} {}  ({} / {})\n", op.quantizedUs / op.floatUs,
                   op.quantizedUs, op.floatUs, op.model, op.type, op.name, op.quantizedForm, op.floatForm);
    }
}

void table(benchmark::State& state, Results& results)
{
    const auto index = support::sharedFile("models/index.json");
    if (!index) {
        return state.SkipWithError("the shared models are not there");
    }
    std::vector<OperatorTime> all;
    const nlohmann::json models = nlohmann::json::parse(std::ifstream(*index)).at("models");
    for (auto _ : state) {
        for (const auto& model : models) {
            try {
                const std::string data = model.at("data").get<std::string>();
                const auto network =
                    openShared(model.at("name"), model.at("file"), data.substr(data.find('/') + 1));
                const auto times = network ? timesOf(*network) : std::vector<OperatorTime>{};
                all.insert(all.end(), times.begin(), times.end());
            } catch (const std::exception& error) {
                fmt::print("left out: {}\n", error.what());
            }
        }
    }
    printByType(all);
    printSlowest(all);
    double floats = 0.0;
    double quantized = 0.0;
    for (const OperatorTime& op : all) {
        floats += op.floatUs;
        quantized += op.quantizedUs;
    }
    results.add({"operators in int8 ÷ FP32 over the shared models, least times",
                 quantized / floats,
                 0.0,
                 0.0,
                 {},
                 fmt::format("{} operators", all.size())});
}

} // namespace

void registerOperators(Results& results)
{
    benchmark::RegisterBenchmark("operators", [&](benchmark::State& state) { table(state, results); })
        ->Unit(benchmark::kMillisecond)
        ->Iterations(1);
}

} // namespace bench
