#pragma once

#include "io/onnx/expose_outputs.h"
#include "io/verify/onnx_runtime.h"

#include <string>
#include <vector>

namespace io {

/// An engine that runs an exported model, for comparison with the pipeline that it was exported from.
class ExportRunner
{
public:
    virtual ~ExportRunner() = default;
    [[nodiscard]] virtual std::string name() const = 0; ///< "ONNX Runtime 1.30.0"

    /// Makes tensors of the model available to run(); names those that the model has not.
    [[nodiscard]] virtual std::vector<std::string> expose(const std::vector<ExposedTensor>& tensors) = 0;

    /// Those tensors, codes as codes, row-major, one map per sample of named inputs.
    [[nodiscard]] virtual std::vector<NamedTensors> run(const std::vector<NamedTensors>& samples,
                                                        const std::vector<std::string>& tensors) = 0;
};

} // namespace io
