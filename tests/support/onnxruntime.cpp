#include "tests/support/onnxruntime.h"

#include "tests/support/process.h"
#include "tests/support/shared_files.h"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace support {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

core::DataType typeNamed(const std::string& name)
{
    for (int i = 0; i <= static_cast<int>(core::DataType::Bool); ++i) {
        const auto type = static_cast<core::DataType>(i);
        if (core::nameOf(type) == name) {
            return type;
        }
    }
    throw std::runtime_error("ONNX Runtime answered with an unknown element type: " + name);
}

/// Appends the samples' bytes to a file and describes where each tensor lies.
json writeSamples(const fs::path& path, const std::vector<NamedTensors>& samples)
{
    std::ofstream file(path, std::ios::binary);
    json described = json::array();
    std::size_t offset = 0;
    for (const NamedTensors& sample : samples) {
        json inputs = json::object();
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
        throw std::runtime_error("cannot write " + path.string());
    }
    return described;
}

core::Tensor readTensor(std::ifstream& file, const json& description)
{
    core::TensorBuilder builder(typeNamed(description.at("type")),
                                description.at("shape").get<core::Shape>());
    file.seekg(description.at("offset").get<std::streamoff>());
    file.read(reinterpret_cast<char*>(builder.data()), static_cast<std::streamsize>(builder.byteCount()));
    if (!file) {
        throw std::runtime_error("ONNX Runtime's answer is shorter than it says");
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
    const fs::path folder = temporaryFolder();
    json request = {
        {"package", fs::absolute(m_package)}, {"model", model},
        {"threads", options.threads},         {"optimization", options.optimization},
        {"data", folder / "inputs.bin"},      {"samples", writeSamples(folder / "inputs.bin", samples)},
        {"result", folder / "outputs"}};
    if (!options.outputs.empty()) {
        request["outputs"] = options.outputs;
    }
    std::ofstream(folder / "request.json") << request;
    const std::string script = projectFile("tests/onnxruntime/run.mjs").string();
    const ProcessResult process = runProcess({"node", script, (folder / "request.json").string()});
    if (process.exitCode != 0) {
        throw std::runtime_error("ONNX Runtime on " + model.string() + ": " + process.err);
    }

    const json answer = json::parse(std::ifstream(folder / "outputs.json"));
    std::ifstream data(folder / "outputs.bin", std::ios::binary);
    std::vector<NamedTensors> results;
    for (const json& sample : answer.at("samples")) {
        NamedTensors tensors;
        for (const auto& [name, description] : sample.items()) {
            tensors.emplace(name, readTensor(data, description));
        }
        results.push_back(std::move(tensors));
    }
    return results;
}

std::optional<OnnxRuntime> findOnnxRuntime()
{
    const char* named = std::getenv("NOISEFLOOR_ONNXRUNTIME");
    const fs::path package = named ? fs::path(named) : projectFile("build/onnxruntime");
    if (!fs::exists(package / "node_modules/onnxruntime-node/package.json") || findProgram("node").empty()) {
        return std::nullopt;
    }
    return OnnxRuntime(package);
}

} // namespace support
