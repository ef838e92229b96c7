#include "tests/fuzz/subject.h"

#include "core/base/error.h"
#include "core/graph/reference_evaluator.h"
#include "tests/fuzz/our_engine.h"
#include "tests/fuzz/rows.h"

#include <algorithm>

namespace fuzz {

namespace {

/// Whether the plain evaluation of the graph ends with that very sentence, too.
bool isRefusedByReference(const Subject& subject, std::string_view error)
{
    for (const io::NamedTensors& sample : subject.samples) { // threads may meet another one first
        try {
            const auto graph = boundGraph(subject);
            static_cast<void>(core::evaluateReference(*graph, inputsOf(*graph, sample)));
        } catch (const core::Error& refusal) {
            if (error == refusal.what()) {
                return true;
            }
        }
    }
    return false;
}

constexpr Oracle kOracles[] = {
    {"fp32", judgeFp32},      {"int8", judgeInt8},          {"report", judgeReport},
    {"export", judgeExports}, {"written", judgeWritten, 4}, {"verify", judgeVerify, 8},
};

} // namespace

std::span<const Oracle> allOracles() { return kOracles; }

Subject subjectOf(const DrawnGraph& graph, const OnnxRuntimePeer* peer)
{
    Subject subject{graph, peer, modelBytes(graph, {}), {}};
    subject.samples.resize(graph.samples());
    for (const DrawnInput& input : graph.inputs) {
        for (std::size_t i = 0; i < input.samples.size(); ++i) {
            subject.samples[i][input.name] = input.samples[i];
        }
    }
    return subject;
}

Verdict judge(const DrawnGraph& graph, const OnnxRuntimePeer* peer, std::string_view oracle,
              std::uint64_t turn)
{
    Verdict verdict;
    const Subject subject = subjectOf(graph, peer);
    for (const Oracle& candidate : kOracles) {
        const bool isItsTurn = turn % static_cast<std::uint64_t>(candidate.share) == 0;
        if (oracle.empty() ? !isItsTurn : candidate.name != oracle) {
            continue;
        }
        try {
            candidate.judge(subject, verdict);
        } catch (const std::exception& error) {
            if (std::string_view(error.what()).find("process has gone") != std::string_view::npos) {
                throw; // ONNX Runtime died, not we: the parent starts it anew
            }
            if (candidate.name != "fp32" && isRefusedByReference(subject, error.what())) {
                verdict.note(std::string(candidate.name)
                             + ": refused at run time"); // judged by the FP32 oracle
            } else {
                verdict.find(std::string(candidate.name), "exception", error.what());
            }
        }
    }
    return verdict;
}

bool accumulates(const DrawnGraph& graph)
{
    return std::ranges::any_of(graph.nodes, [](const DrawnNode& node) {
        const Row* row = findRow(node.domain, node.type);
        return row == nullptr || row->accumulates || !node.bodies.empty();
    });
}

} // namespace fuzz
