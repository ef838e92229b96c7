#pragma once

#include "core/tensor.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace support {

using NamedTensors = std::map<std::string, core::Tensor>;

struct OnnxRuntimeOptions
{
    int threads = 1;
    std::vector<std::string> outputs =
        {}; ///< graph outputs to return, all when empty; inner tensors are none
    std::string optimization = "all"; ///< graph optimization: "disabled", "basic", "extended", "all"
};

/// The peer, run by tests/onnxruntime/run.mjs in a Node.js process.
class OnnxRuntime
{
public:
    /// `package`: the folder that holds node_modules/onnxruntime-node.
    explicit OnnxRuntime(std::filesystem::path package);

    /// Runs every sample through one session; the answer has one entry per sample, tensors row-major.
    /// Throws std::runtime_error with what the process wrote on stderr.
    [[nodiscard]] std::vector<NamedTensors> run(const std::filesystem::path& model,
                                                const std::vector<NamedTensors>& samples,
                                                const OnnxRuntimeOptions& options = {}) const;

private:
    std::filesystem::path m_package;
};

/// ONNX Runtime in $NOISEFLOOR_ONNXRUNTIME, else in build/onnxruntime, where tests/run.sh installs it;
/// none when it is not there or `node` is missing.
[[nodiscard]] std::optional<OnnxRuntime> findOnnxRuntime();

} // namespace support

/// Names `variable` and skips the test visibly when ONNX Runtime is not installed.
#define NOISEFLOOR_ONNXRUNTIME_OR_SKIP(variable)                                                             \
    const auto variable##Found = support::findOnnxRuntime();                                                 \
    if (!variable##Found) {                                                                                  \
        GTEST_SKIP() << "ONNX Runtime is not installed: tests/run.sh does it";                               \
    }                                                                                                        \
    const support::OnnxRuntime& variable = *variable##Found
