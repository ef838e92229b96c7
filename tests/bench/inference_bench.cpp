// Inference against ONNX Runtime: our pipelines for their outputs alone (in place, residual sums fused) in
// turn with a session of one thread on the same network.
#include "core/execution/executable.h"
#include "core/measure/layer_metrics.h"
#include "tests/bench/benches.h"
#include "tests/bench/network.h"
#include "tests/bench/peer.h"
#include "tests/support/shared_files.h"

#include <cstring>
#include <fmt/core.h>

namespace bench {

namespace {

using Open = std::unique_ptr<Network> (*)();

core::Tensor rowMajor(const core::Tensor& tensor) { return core::toLayout(tensor, core::Layout::RowMajor); }

bool equalBytes(const core::Tensor& a, const core::Tensor& b)
{
    const auto left = rowMajor(a);
    const auto right = rowMajor(b);
    return left.byteCount() == right.byteCount()
        && std::memcmp(left.data(), right.data(), left.byteCount()) == 0;
}

/// SQNR in dB of ours against the peer's first output.
double sqnrAgainst(const Peer& peer, const core::Tensor& ours)
{
    const core::Tensor theirs = core::makeTensor<float>(rowMajor(ours).shape(), peer.output());
    return core::metricsOf(core::compareTensors(theirs, rowMajor(ours), nullptr, 0), std::nullopt, 1)
        .sqnrDb.value_or(1000.0);
}

core::Tensor realOutput(const Network& network, const core::Tensor& output)
{
    const core::ValueId id = network.graph->outputs()[0];
    return network.plan.isCodes(*network.operators, id)
        ? core::dequantized(output, network.plan.values[core::indexOf(id)]->params)
        : output;
}

void floatInference(benchmark::State& state, Results& results, const std::string& name, Open open)
{
    const auto network = open();
    if (!network) {
        return state.SkipWithError("the shared models are not there");
    }
    const auto model = support::temporaryFolder() / "fp32.onnx";
    writeFloatModel(*network, model);
    const core::Sample sample = network->data->load(0);
    const auto peer = Peer::start(model, *network->graph, sample);
    if (!peer) {
        return state.SkipWithError("ONNX Runtime is not installed: tests/run.sh does it");
    }
    const core::Inference inference(*network->pipeline);
    const double sqnr = sqnrAgainst(*peer, inference.run(sample)[0]);
    if (sqnr < 80.0) {
        return state.SkipWithError(fmt::format("{:.1f} dB between the FP32 outputs", sqnr).c_str());
    }
    compareInTurn(
        state, results, fmt::format("FP32 inference ÷ ONNX Runtime FP32: {}", name), 1.05,
        [&] { return timed([&] { benchmark::DoNotOptimize(inference.run(sample)); }); },
        [&] { return peer->run(); });
}

void quantizedInference(benchmark::State& state, Results& results, const std::string& name, Open open)
{
    const auto network = open();
    if (!network) {
        return state.SkipWithError("the shared models are not there");
    }
    const auto model = support::temporaryFolder() / "qdq.onnx";
    const auto apart = network->apart(); // ONNX Runtime has no fused sum: it would leave int8
    writeQdqModel(*apart, model);
    const core::Sample sample = network->data->load(0);
    const auto peer = Peer::start(model, *network->graph, sample);
    if (!peer) {
        return state.SkipWithError("ONNX Runtime is not installed: tests/run.sh does it");
    }
    const core::Inference inference(*network->pipeline, network->plan);
    const auto kept = network->runQuantized(sample);
    const std::size_t output = core::indexOf(network->graph->outputs()[0]);
    if (!equalBytes(inference.run(sample)[0], kept[output])) {
        return state.SkipWithError("the codes differ from those of the pipeline that keeps every tensor");
    }
    const double sqnr = sqnrAgainst(*peer, realOutput(*apart, apart->runQuantized(sample)[output]));
    if (sqnr < 15.0) {
        return state.SkipWithError(fmt::format("{:.1f} dB between the int8 outputs", sqnr).c_str());
    }
    compareInTurn(
        state, results, fmt::format("int8 inference ÷ ONNX Runtime QDQ int8: {}", name), 0.60,
        [&] { return timed([&] { benchmark::DoNotOptimize(inference.run(sample)); }); },
        [&] { return peer->run(); });
}

std::unique_ptr<Network> mobileNetV1()
{
    return openShared("mobilenet_v1_0.25_224", "mobilenet_v1_0.25_224/mobilenet_v1_0.25_224_1_default_1.onnx",
                      "mobilenet_v1_0.25_224.data.json");
}

std::unique_ptr<Network> mobileNetV2()
{
    return openShared("mobilenet_v2_1.0_224", "mobilenet_v2_1.0_224_tf2ptq/tf2_mobilenet_v2_1.0_224_ptq.onnx",
                      "mobilenet_v2_1.0_224.data.json");
}

} // namespace

void registerInference(Results& results)
{
    const struct
    {
        const char* name;
        Open open;
        int iterations;
    } networks[]{{"resnet50", openResNet50, 15},
                 {"mobilenet_v1_0.25_224", mobileNetV1, 60},
                 {"mobilenet_v2_1.0_224", mobileNetV2, 40}};
    for (const auto& n : networks) {
        benchmark::RegisterBenchmark(
            fmt::format("inference/fp32/{}", n.name).c_str(),
            [&results, n](benchmark::State& state) { floatInference(state, results, n.name, n.open); })
            ->UseManualTime()
            ->Unit(benchmark::kMillisecond)
            ->Iterations(n.iterations);
        benchmark::RegisterBenchmark(
            fmt::format("inference/int8/{}", n.name).c_str(),
            [&results, n](benchmark::State& state) { quantizedInference(state, results, n.name, n.open); })
            ->UseManualTime()
            ->Unit(benchmark::kMillisecond)
            ->Iterations(n.iterations);
    }
}

} // namespace bench
