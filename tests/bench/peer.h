#pragma once

#include "core/graph/graph.h"
#include "core/tensor/dataset.h"
#include "tests/bench/stopwatch.h"

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace bench {

/// ONNX Runtime with one model, one sample and one thread, in a process of its own that runs when asked to,
/// so that its runs and ours can take turns. One at a time: two sessions in one process spoil each other.
class Peer
{
public:
    /// Null when ONNX Runtime is not installed. Throws std::runtime_error when it does not take the model.
    [[nodiscard]] static std::unique_ptr<Peer> start(const std::filesystem::path& model,
                                                     const core::Graph& graph, const core::Sample& sample);
    ~Peer();
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    /// What its first output is on the sample, row-major.
    [[nodiscard]] std::span<const float> output() const { return m_output; }
    /// One run, timed around the session's run alone.
    [[nodiscard]] Duration run();

private:
    Peer() = default;
    [[nodiscard]] std::string readLine();

    int m_process = -1;
    int m_toPeer = -1;
    int m_fromPeer = -1;
    std::string m_buffer;
    std::vector<float> m_output;
};

} // namespace bench
