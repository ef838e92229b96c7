#include "io/verify/onnx_runtime.h"

#include "core/base/error.h"
#include "io/files/file.h"
#include "io/files/process.h"
#include "io/files/temporary_folder.h"
#include "io/onnx_runtime_script.h"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

namespace io {

namespace fs = std::filesystem;
using Message = nlohmann::json;

namespace {

core::DataType typeNamed(const std::string& name)
{
    for (int i = 0; i <= static_cast<int>(core::DataType::Bool); ++i) {
        const auto type = static_cast<core::DataType>(i);
        if (core::nameOf(type) == name) {
            return type;
        }
    }
    throw core::Error(core::ErrorKind::Io, "ONNX Runtime answered with an unknown element type: " + name);
}

/// Appends the samples' bytes to a file and describes where each tensor lies.
Message writeSamples(const fs::path& path, const std::vector<NamedTensors>& samples)
{
    std::ofstream file(path, std::ios::binary);
    Message described = Message::array();
    std::size_t offset = 0;
    for (const NamedTensors& sample : samples) {
        Message inputs = Message::object();
        for (const auto& [name, given] : sample) {
            const core::Tensor tensor = core::toLayout(given, core::Layout::RowMajor);
            inputs[name] = {
                {"type", core::nameOf(tensor.type())}, {"shape", tensor.shape()}, {"offset", offset}};
            file.write(reinterpret_cast<const char*>(tensor.data()),
                       static_cast<std::streamsize>(tensor.byteCount()));
            offset += tensor.byteCount();
        }
        described.push_back(std::move(inputs));
    }
    file.close();
    if (!file) {
        throw core::Error(core::ErrorKind::Io, "cannot write " + path.string());
    }
    return described;
}

core::Tensor readTensor(std::ifstream& file, const Message& description)
{
    core::TensorBuilder builder(typeNamed(description.at("type")),
                                description.at("shape").get<core::Shape>());
    file.seekg(description.at("offset").get<std::streamoff>());
    file.read(reinterpret_cast<char*>(builder.data()), static_cast<std::streamsize>(builder.byteCount()));
    if (!file) {
        throw core::Error(core::ErrorKind::Io, "ONNX Runtime's answer is shorter than it says");
    }
    return std::move(builder).finish();
}

} // namespace

OnnxRuntime::OnnxRuntime(fs::path package)
    : m_package(std::move(package))
{
}

std::vector<NamedTensors> OnnxRuntime::run(const fs::path& model, const std::vector<NamedTensors>& samples,
                                           const OnnxRuntimeOptions& options) const
{
    const TemporaryFolder temporary;
    const fs::path& folder = temporary.path();
    Message request = {
        {"package", fs::absolute(m_package)}, {"model", model},
        {"threads", options.threads},         {"optimization", options.optimization},
        {"data", folder / "inputs.bin"},      {"samples", writeSamples(folder / "inputs.bin", samples)},
        {"result", folder / "outputs"}};
    if (!options.outputs.empty()) {
        request["outputs"] = options.outputs;
    }
    std::ofstream(folder / "request.json") << request;
    const std::string script = (folder / "run.mjs").string();
    writeFileAtomically(script, kOnnxRuntimeScript);
    const ProcessResult process = runProcess({"node", script, (folder / "request.json").string()});
    if (process.exitCode != 0) {
        throw core::Error(core::ErrorKind::Io, "ONNX Runtime on " + model.string() + ": " + process.err);
    }

    const Message answer = Message::parse(std::ifstream(folder / "outputs.json"));
    std::ifstream data(folder / "outputs.bin", std::ios::binary);
    std::vector<NamedTensors> results;
    for (const Message& sample : answer.at("samples")) {
        NamedTensors tensors;
        for (const auto& [name, description] : sample.items()) {
            tensors.emplace(name, readTensor(data, description));
        }
        results.push_back(std::move(tensors));
    }
    return results;
}

std::string OnnxRuntime::version() const
{
    const auto package =
        Message::parse(readFile(m_package / "node_modules/onnxruntime-node/package.json"), nullptr, false);
    return package.is_object() ? package.value("version", "") : "";
}

std::optional<OnnxRuntime> findOnnxRuntime()
{
    const auto isThere = [](const fs::path& package) {
        std::error_code ignored;
        return fs::exists(package / "node_modules/onnxruntime-node/package.json", ignored);
    };
    if (findProgram("node").empty()) {
        return std::nullopt;
    }
    if (const char* named = std::getenv("NOISEFLOOR_ONNXRUNTIME")) {
        return isThere(named) ? std::optional(OnnxRuntime(named)) : std::nullopt;
    }
    std::error_code ignored;
    for (fs::path folder = fs::read_symlink("/proc/self/exe", ignored); folder.has_relative_path();) {
        folder = folder.parent_path();
        if (isThere(folder / "onnxruntime")) {
            return OnnxRuntime(folder / "onnxruntime");
        }
    }
    return std::nullopt;
}

std::string onnxRuntimeHint()
{
    return "ONNX Runtime was not found: `npm install onnxruntime-node` in a folder and name it in "
           "NOISEFLOOR_ONNXRUNTIME";
}

} // namespace io
