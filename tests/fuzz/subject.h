#pragma once

#include "tests/fuzz/drawn_graph.h"
#include "tests/fuzz/onnx_runtime_peer.h"
#include "tests/fuzz/verdict.h"

#include <span>

namespace fuzz {

/// A graph before its judges.
struct Subject
{
    const DrawnGraph& graph;
    const OnnxRuntimePeer* peer; ///< null where ONNX Runtime is not installed
    std::string bytes;
    std::vector<io::NamedTensors> samples;
};

[[nodiscard]] Subject subjectOf(const DrawnGraph& graph, const OnnxRuntimePeer* peer);

/// One oracle: it says what is wrong and notes what it cannot judge. Errors of ours that it lets through are
/// findings of kind "exception".
struct Oracle
{
    std::string_view name;
    void (*judge)(const Subject& subject, Verdict& verdict);
    int share = 1; ///< asked of every so-manieth graph in the short run
};
void judgeFp32(const Subject& subject, Verdict& verdict);
/// Real against emulated against reference; our exports in ONNX Runtime, unoptimized and optimized.
void judgeInt8(const Subject& subject, Verdict& verdict);
/// Valid JSON without NaN, the same for any number of threads.
void judgeReport(const Subject& subject, Verdict& verdict);
/// Every format is written and read back to what was written.
void judgeExports(const Subject& subject, Verdict& verdict);

/// The same graph as quantizers write it, run as written, against ONNX Runtime.
void judgeWritten(const Subject& subject, Verdict& verdict);
/// verify is green where ONNX Runtime's run of the export agrees with our int8, and red where the file is
/// another one.
void judgeVerify(const Subject& subject, Verdict& verdict);

[[nodiscard]] std::span<const Oracle> allOracles();

/// Those named, or all where the name is empty; of those with a share only where it divides `turn`.
[[nodiscard]] Verdict judge(const DrawnGraph& graph, const OnnxRuntimePeer* peer, std::string_view oracle,
                            std::uint64_t turn = 0);

/// Whether any of its operators sums many terms, in an order of its own.
[[nodiscard]] bool accumulates(const DrawnGraph& graph);

} // namespace fuzz
