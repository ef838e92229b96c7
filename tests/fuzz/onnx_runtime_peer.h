#pragma once

#include "io/verify/onnx_runtime.h"
#include "tests/fuzz/drawn_graph.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

/// What ONNX Runtime said to a model: its outputs by name, one entry per sample, or why not.
struct PeerAnswer
{
    std::vector<io::NamedTensors> samples;
    std::string error; ///< empty when it ran
    [[nodiscard]] bool ran() const { return error.empty(); }
    /// The model is fine, this build has no kernel for it.
    [[nodiscard]] bool hasNoKernel() const;
};

/// ONNX Runtime in one lasting Node.js process, spoken to over pipes. Forked children may speak to it while
/// their parent waits.
class OnnxRuntimePeer
{
public:
    /// `package` as of io::OnnxRuntime.
    explicit OnnxRuntimePeer(std::filesystem::path package);
    ~OnnxRuntimePeer();
    OnnxRuntimePeer(const OnnxRuntimePeer&) = delete;
    OnnxRuntimePeer& operator=(const OnnxRuntimePeer&) = delete;

    /// `optimization` as of io::OnnxRuntimeOptions. Throws std::runtime_error when the process has gone.
    [[nodiscard]] PeerAnswer run(const std::string& model, const std::vector<io::NamedTensors>& samples,
                                 std::string_view optimization = "disabled") const;
    /// A new process: after a crash, or when a child stopped in the middle of a sentence.
    void restart();

private:
    void start();
    void stop();

    std::filesystem::path m_package;
    int m_process = -1;
    int m_requests = -1;
    int m_answers = -1;
};

} // namespace fuzz
