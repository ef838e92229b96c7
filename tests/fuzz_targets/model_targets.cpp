#include "core/base/error.h"
#include "core/graph/bind_shapes.h"
#include "core/network/operator_graph.h"
#include "io/exports/read_quantized_model.h"
#include "io/files/file.h"
#include "io/onnx/onnx_reader.h"
#include "io/session/session_file.h"
#include "tests/fuzz_targets/fuzz_target.h"
#include "tests/support/shared_files.h"

#include <algorithm>

namespace fuzz_targets {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> filesBelow(const char* folder, std::string_view extension, std::uintmax_t mostBytes)
{
    std::vector<fs::path> paths;
    for (const auto& entry : fs::recursive_directory_iterator(support::projectFile(folder))) {
        if (entry.is_regular_file() && entry.path().extension() == extension
            && entry.file_size() <= mostBytes) {
            paths.push_back(entry.path());
        }
    }
    std::ranges::sort(paths);
    std::vector<std::string> files;
    std::ranges::transform(paths, std::back_inserter(files),
                           [](const fs::path& p) { return io::readFile(p); });
    return files;
}

/// Every open dimension is 2.
void bind(const core::Graph& graph)
{
    std::vector<core::Shape> shapes;
    for (const core::ValueId input : graph.inputs()) {
        core::Shape shape = graph.value(input).shape;
        std::ranges::replace(shape, core::kDynamic, std::int64_t{2});
        shapes.push_back(shape);
    }
    const auto bound = core::bindShapes(graph, shapes);
    static_cast<void>(core::fuseOperators(bound, {}));
}

void readModel(std::string_view bytes) { bind(io::readOnnxBytes(bytes, "m.onnx").graph); }

/// External data lie beside the model: 4 KiB of them.
void readModelWithData(std::string_view bytes)
{
    static_cast<void>(fileOf(std::string(4096, '\x3e'), "weights.bin"));
    bind(io::readOnnx(fileOf(bytes, "m.onnx")).graph);
}

/// MatMul by a matrix that lies in weights.bin, as protobuf's bytes.
std::string externalModel()
{
    const auto field = [](int number, const std::string& value) {
        std::string bytes{static_cast<char>(number << 3 | 2)};
        std::size_t left = value.size();
        for (; left > 127; left >>= 7) {
            bytes += static_cast<char>((left & 127) | 128);
        }
        return bytes + static_cast<char>(left) + value;
    };
    const auto entry = [&](const std::string& key, const std::string& value) {
        return field(13, field(1, key) + field(2, value));
    };
    const std::string tensor = std::string("\x08\x04\x08\x04\x10\x01", 6) + field(8, "w")
        + entry("location", "weights.bin") + entry("offset", "64") + entry("length", "64")
        + std::string("\x70\x01", 2);
    const auto dimension = [&](char n) { return field(1, std::string{'\x08', n}); };
    const auto value = [&](const std::string& name) {
        return field(1, name)
            + field(2, field(1, std::string("\x08\x01", 2) + field(2, dimension(1) + dimension(4))));
    };
    const std::string node =
        field(1, "x") + field(1, "w") + field(2, "y") + field(3, "n") + field(4, "MatMul");
    const std::string graph =
        field(1, node) + field(2, "g") + field(5, tensor) + field(11, value("x")) + field(12, value("y"));
    return std::string("\x08\x07", 2) + field(7, graph) + field(8, std::string("\x10\x0d", 2));
}

} // namespace

std::vector<FuzzTarget> modelTargets()
{
    constexpr std::uintmax_t kSmall = 8192;
    std::vector<FuzzTarget> targets;
    targets.push_back({"onnx", readModel, filesBelow("tests/cases", ".onnx", kSmall)});
    targets.push_back({"onnx_external", readModelWithData, {externalModel()}});
    targets.push_back(
        {"quantized_model",
         [](std::string_view bytes) { static_cast<void>(io::readQuantizedModel(bytes, "q.onnx")); },
         filesBelow("tests/cases", ".onnx", kSmall)});
    targets.push_back(
        {"tensor",
         [](std::string_view bytes) { static_cast<void>(io::readTensorProto(fileOf(bytes, "t.pb"))); },
         {std::string("\x08\x02\x10\x01\x42\x01t\x4a\x08\0\0\x80\x3f\0\0\0\x40", 17)}});
    targets.push_back({"session",
                       [](std::string_view bytes) {
                           const io::SessionFile session = io::sessionFromBytes(bytes, "/");
                           if (session.lost.empty()) {
                               const io::SessionFile again =
                                   io::sessionFromBytes(io::sessionToBytes(session, "/"), "/");
                               requireSame(again.runs.size() == session.runs.size()
                                               && again.calibration == session.calibration
                                               && again.layout == session.layout,
                                           "session");
                           }
                       },
                       filesBelow("tests/cases/sessions", ".nfs", 65536)});
    return targets;
}

} // namespace fuzz_targets
