// Opening a large model: 5,000 nodes with 300 MB of weights, made here.
#include "core/graph/bind_shapes.h"
#include "core/network/operator_graph.h"
#include "io/files/file.h"
#include "io/files/process.h"
#include "io/onnx/onnx_reader.h"
#include "io/onnx/onnx_writer.h"
#include "tests/bench/benches.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <fmt/core.h>

namespace bench {

namespace {

constexpr int kBlocks = 1250; // of four nodes
constexpr std::int64_t kPlanes = 176; // 124 kB per convolution

std::filesystem::path largeModel()
{
    io::OnnxWriter writer;
    const core::Shape shape{1, kPlanes, 8, 8};
    writer.input("x", core::DataType::Float32, shape);
    std::string value = "x";
    const auto convolution = [&](const std::string& name, const std::string& from) {
        core::TensorBuilder weights(core::DataType::Float32, {kPlanes, kChannels, 1, 1});
        std::ranges::fill(weights.as<float>(), 0.001f);
        writer.initializer(name + "/w", std::move(weights).finish());
        writer.node("Conv", name, {from, name + "/w"}, {name + "_out"});
        return name + "_out";
    };
    for (int i = 0; i < kBlocks; ++i) {
        const std::string name = fmt::format("block{}", i);
        const std::string inner = convolution(name + "/conv1", value);
        writer.node("Relu", name + "/relu", {inner}, {name + "/relu_out"});
        const std::string sum = convolution(name + "/conv2", name + "/relu_out");
        writer.node("Add", name + "/add", {sum, value}, {name + "/add_out"});
        value = name + "/add_out";
    }
    writer.output(value, core::DataType::Float32, shape);
    const auto path = support::temporaryFolder() / "large.onnx";
    io::writeFileAtomically(path, writer.finish("large", 13));
    return path;
}

void open(benchmark::State& state, Results& results)
{
    const auto path = largeModel();
    const auto size = std::filesystem::file_size(path);
    std::vector<double> commands;
    std::vector<double> reads;
    std::vector<double> binds;
    std::vector<double> fuses;
    for (auto _ : state) {
        commands.push_back(
            timed([&] {
                const auto process = io::runProcess({NOISEFLOOR_CLI, "inspect", path.string()});
                if (process.exitCode != 0 || process.out.find("5000 nodes") == std::string::npos) {
                    state.SkipWithError(("inspect: " + process.out + process.err).c_str());
                }
            }).wallMs);
        std::optional<io::OnnxModel> model;
        reads.push_back(timed([&] { model = io::readOnnx(path); }).wallMs);
        std::shared_ptr<const core::Graph> graph;
        binds.push_back(timed([&] { graph = core::bindShapes(model->graph, {{1, kPlanes, 8, 8}}); }).wallMs);
        fuses.push_back(timed([&] { benchmark::DoNotOptimize(core::fuseOperators(graph, {})); }).wallMs);
    }
    std::filesystem::remove(path);
    results.add({fmt::format("inspect a model of 5,000 nodes and {} MB", size / 1'000'000),
                 medianOf(commands) / 1e3, 0.0, 3.0, "s",
                 fmt::format("read {:.0f}, bind shapes {:.0f}, fuse {:.0f} ms", medianOf(reads),
                             medianOf(binds), medianOf(fuses))});
}

} // namespace

void registerOpen(Results& results)
{
    benchmark::RegisterBenchmark("open", [&](benchmark::State& state) { open(state, results); })
        ->Unit(benchmark::kMillisecond)
        ->Iterations(3);
}

} // namespace bench
