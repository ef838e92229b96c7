#include "io/onnx/onnx_reader.h"

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/graph/plain_quantization.h"
#include "io/files/file.h"
#include "io/onnx/local_functions.h"
#include "io/onnx/onnx_graph_reader.h"
#include "io/onnx/onnx_tensor.h"
#include "io/onnx/printable_names.h"

#include <fmt/format.h>
#include <future>
#include <google/protobuf/io/coded_stream.h>
#include <limits>
#include <onnx/onnx_pb.h>

namespace io {

using core::Error;
using core::ErrorKind;

namespace {

/// Parses without protobuf's default limits. False when the bytes are cut short or no message at all.
template <typename Message>
bool parse(std::string_view bytes, Message& message)
{
    google::protobuf::io::CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                                  static_cast<int>(bytes.size()));
    stream.SetTotalBytesLimit(std::numeric_limits<int>::max());
    return message.ParseFromCodedStream(&stream) && stream.ConsumedEntireMessage();
}

std::string readWhole(const std::filesystem::path& path)
{
    return readFile(path, static_cast<std::size_t>(std::numeric_limits<int>::max()));
}

/// folder: where external data lies; empty: nowhere.
OnnxModel modelOf(std::string_view bytes, const std::string& file, const std::filesystem::path& folder)
{
    // Hashing hundreds of megabytes takes as long as everything else: a thread of its own does it meanwhile.
    constexpr std::size_t kWorthAThread = std::size_t{1} << 20;
    auto hash = std::async(bytes.size() < kWorthAThread ? std::launch::deferred : std::launch::async,
                           [&bytes] { return sha256(bytes); });
    onnx::ModelProto proto;
    if (!parse(bytes, proto)) {
        throw Error(ErrorKind::FileFormat, fmt::format("{}: not an ONNX model, or cut short", file));
    }
    if (!proto.has_graph() || (proto.graph().node_size() == 0 && proto.graph().output_size() == 0)) {
        throw Error(ErrorKind::FileFormat, fmt::format("{}: holds no ONNX graph", file));
    }
    makeNamesPrintable(proto);
    OnnxModel model;
    model.file = file;
    try {
        inlineLocalFunctions(proto);
    } catch (const Error& error) {
        throw Error(error.kind(), fmt::format("{}: {}", file, error.what()));
    }
    model.nodes = static_cast<std::size_t>(proto.graph().node_size());
    model.irVersion = proto.ir_version();
    model.producer = proto.producer_name();
    for (const auto& opset : proto.opset_import()) {
        model.opsets[normalizedDomain(opset.domain())] = static_cast<int>(opset.version());
    }
    if (model.opsets.empty() && model.irVersion >= 3) { // older files had only one opset
        throw Error(ErrorKind::FileFormat, fmt::format("{}: imports no opset, or is cut short", file));
    }
    try {
        model.graph = core::withPlainQuantization(graphOfProto(proto.graph(), model.opsets, folder));
    } catch (const Error& error) {
        throw Error(error.kind(), fmt::format("{}: {}", file, error.what()));
    }
    model.sha256 = hash.get();
    return model;
}

} // namespace

OnnxModel readOnnx(const std::filesystem::path& path)
{
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    return modelOf(readWhole(path), core::printable(path.filename().string()), folder);
}

OnnxModel readOnnxBytes(std::string_view bytes, const std::string& file) { return modelOf(bytes, file, {}); }

core::Tensor readTensorProto(const std::filesystem::path& path)
{
    onnx::TensorProto proto;
    if (!parse(readWhole(path), proto)) {
        throw Error(ErrorKind::FileFormat,
                    fmt::format("{}: not a tensor, or cut short", path.filename().string()));
    }
    try {
        return tensorOfProto(proto, {});
    } catch (const Error& error) {
        throw Error(error.kind(), fmt::format("{}: {}", path.filename().string(), error.what()));
    }
}

} // namespace io
