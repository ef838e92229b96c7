#pragma once

#include "core/tensor/tensor.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace io {

using NamedTensors = std::map<std::string, core::Tensor>;

struct OnnxRuntimeOptions
{
    int threads = 1;
    std::vector<std::string> outputs =
        {}; ///< graph outputs to return, all when empty; inner tensors are none
    std::string optimization = "all"; ///< graph optimization: "disabled", "basic", "extended", "all"
};

/// The peer, run by resources/onnxruntime/run.mjs (built in) in a Node.js process.
class OnnxRuntime
{
public:
    /// `package`: the folder that holds node_modules/onnxruntime-node.
    explicit OnnxRuntime(std::filesystem::path package);

    /// Runs every sample through one session; the answer has one entry per sample, tensors row-major.
    /// Throws core::Error(Io) with what the process wrote on stderr.
    [[nodiscard]] std::vector<NamedTensors> run(const std::filesystem::path& model,
                                                const std::vector<NamedTensors>& samples,
                                                const OnnxRuntimeOptions& options = {}) const;
    [[nodiscard]] std::string version() const; ///< of the package

private:
    std::filesystem::path m_package;
};

/// What $NOISEFLOOR_ONNXRUNTIME names, else `onnxruntime` in a folder above the running program, where
/// resources/onnxruntime/install.sh puts it in a build tree; none when it is not there or `node` is missing.
[[nodiscard]] std::optional<OnnxRuntime> findOnnxRuntime();

/// How to get it, one line, for messages where findOnnxRuntime() finds none.
[[nodiscard]] std::string onnxRuntimeHint();

} // namespace io
