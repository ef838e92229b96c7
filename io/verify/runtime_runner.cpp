#include "io/verify/runtime_runner.h"

#include "io/files/file.h"

namespace io {

std::string RuntimeRunner::name() const { return "ONNX Runtime " + m_runtime.version(); }

std::vector<std::string> RuntimeRunner::expose(const std::vector<ExposedTensor>& tensors)
{
    std::vector<std::string> missing;
    writeFileAtomically(m_folder.path() / "exposed.onnx", withExposedOutputs(m_model, tensors, missing));
    return missing;
}

std::vector<NamedTensors> RuntimeRunner::run(const std::vector<NamedTensors>& samples,
                                             const std::vector<std::string>& tensors)
{
    return m_runtime.run(m_folder.path() / "exposed.onnx", samples,
                         {.outputs = tensors, .optimization = m_optimization});
}

} // namespace io
