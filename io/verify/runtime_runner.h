#pragma once

#include "io/files/temporary_folder.h"
#include "io/verify/export_runner.h"

#include <string>

namespace io {

/// ONNX Runtime on the model as it lies in the file.
class RuntimeRunner : public ExportRunner
{
public:
    /// Model and runtime must outlive it; `optimization` as OnnxRuntimeOptions have it.
    RuntimeRunner(const std::string& model, const OnnxRuntime& runtime, std::string optimization)
        : m_model(model)
        , m_runtime(runtime)
        , m_optimization(std::move(optimization))
    {
    }

    [[nodiscard]] std::string name() const override;
    [[nodiscard]] std::vector<std::string> expose(const std::vector<ExposedTensor>& tensors) override;
    [[nodiscard]] std::vector<NamedTensors> run(const std::vector<NamedTensors>& samples,
                                                const std::vector<std::string>& tensors) override;

private:
    const std::string& m_model;
    const OnnxRuntime& m_runtime;
    const std::string m_optimization;
    TemporaryFolder m_folder;
};

} // namespace io
