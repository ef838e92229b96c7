#include "tests/fuzz/write_case.h"

#include "io/files/file.h"
#include "io/reports/npy_writer.h"

#include <cstring>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace fuzz {

namespace {

/// All samples behind each other along a new first axis.
core::Tensor stacked(const std::vector<core::Tensor>& samples)
{
    core::Shape shape = samples[0].shape();
    shape.insert(shape.begin(), std::ssize(samples));
    core::TensorBuilder builder(samples[0].type(), shape);
    std::size_t at = 0;
    for (const core::Tensor& sample : samples) {
        std::memcpy(builder.data() + at, sample.data(), sample.byteCount());
        at += sample.byteCount();
    }
    return std::move(builder).finish();
}

} // namespace

std::filesystem::path writeData(const std::filesystem::path& folder, const DrawnGraph& graph)
{
    std::filesystem::create_directories(folder);
    io::writeFileAtomically(folder / "model.onnx", modelBytes(graph, {}));
    nlohmann::ordered_json description{{"format", "noisefloor-data/1"},
                                       {"inputs", nlohmann::ordered_json::array()}};
    for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
        const std::string file = fmt::format("in{}.npy", i);
        io::writeFileAtomically(folder / file, io::tensorToNpy(stacked(graph.inputs[i].samples)));
        description["inputs"].push_back({{"name", graph.inputs[i].name}, {"path", file}, {"kind", "npy"}});
    }
    io::writeFileAtomically(folder / "data.json",
                            description.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    return folder / "data.json";
}

void writeCase(const std::filesystem::path& folder, const DrawnGraph& graph, const Finding& finding)
{
    writeData(folder, graph);
    io::writeFileAtomically(
        folder / "finding.txt",
        fmt::format("{}: {}: {}\n{}\n", finding.oracle, finding.kind, finding.text, toString(graph)));
}

} // namespace fuzz
