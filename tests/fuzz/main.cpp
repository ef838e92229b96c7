#include "tests/fuzz/forked.h"
#include "tests/fuzz/known_faults.h"
#include "tests/fuzz/rows.h"
#include "tests/fuzz/shrink.h"
#include "tests/fuzz/subject.h"
#include "tests/fuzz/tally.h"
#include "tests/fuzz/write_case.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <optional>
#include <stdexcept>

namespace {

using namespace fuzz;

constexpr const char* kPeerCrashed = "ONNX Runtime crashed";
constexpr const char* kPeerRestarted = "ONNX Runtime started anew";
constexpr int kShortCount = 300;
constexpr int kLongCount = 5000;
constexpr int kShrinkTries = 100;
constexpr int kJudgeSeconds = 30;
constexpr int kWorkerSeconds = 600;

struct Options
{
    std::uint64_t seed = 1;
    int count = kShortCount;
    std::string operatorType;
    std::string oracle;
    std::filesystem::path cases; ///< empty: failing graphs are printed only
    bool shrinks = true;
    bool isEmptied = false; ///< every graph over tensors of length zero
    bool isLong = false;
    bool isShort = true; ///< neither long nor of a count of one's own: dear oracles take their turn
};

constexpr const char* kUsage =
    "usage: noisefloor-fuzz [--seed N] [--count M] [--operator TYPE] [--oracle NAME] [--cases DIR] "
    "[--no-shrink] [--zero-length]\n"
    "Draws M small ONNX graphs (300; 5000 with NOISEFLOOR_LONG=1) and asks every oracle.\n";

Options parse(int argc, char** argv)
{
    Options options;
    options.isLong = std::getenv("NOISEFLOOR_LONG") != nullptr;
    options.count = options.isLong ? kLongCount : kShortCount;
    options.isShort = !options.isLong;
    for (int i = 1; i < argc; ++i) {
        const std::string key = argv[i];
        if (key == "--no-shrink") {
            options.shrinks = false;
            continue;
        }
        if (key == "--zero-length") {
            options.isEmptied = true;
            continue;
        }
        if (i + 1 == argc) {
            throw std::invalid_argument(kUsage);
        }
        const std::string value = argv[++i];
        if (key == "--seed") {
            options.seed = std::stoull(value);
        } else if (key == "--count") {
            options.count = std::stoi(value);
            options.isShort = false;
        } else if (key == "--operator") {
            options.operatorType = value;
        } else if (key == "--oracle") {
            options.oracle = value;
        } else if (key == "--cases") {
            options.cases = value;
        } else {
            throw std::invalid_argument(kUsage);
        }
    }
    return options;
}

/// ONNX Runtime, and whether the worker had to start it anew: the main process must, too.
struct Court
{
    OnnxRuntimePeer* peer = nullptr;
    bool hasRestarted = false;
    std::uint64_t turn = 0; ///< 0: every oracle
};

/// Judges in a child; its death is a finding.
Verdict judged(const DrawnGraph& graph, Court& court, const std::string& oracle)
{
    const ForkedResult result =
        runForked([&] { return toJson(judge(graph, court.peer, oracle, court.turn)); }, kJudgeSeconds);
    if (!result.died()) {
        return verdictOf(result.answer);
    }
    if (court.peer) {
        court.hasRestarted = true;
        court.peer->restart();
    }
    Verdict verdict;
    if (result.death.find("ONNX Runtime's process has gone") != std::string::npos) {
        verdict.note(kPeerCrashed);
    } else {
        verdict.find(oracle.empty() ? "any" : oracle, result.death.starts_with("signal") ? "crash" : "died",
                     result.death);
    }
    return verdict;
}

/// Draws, judges and shrinks one graph.
GraphResult work(const Options& options, std::uint64_t seed, OnnxRuntimePeer* peer)
{
    const DrawnGraph graph = drawGraph({seed, options.operatorType, options.isEmptied});
    GraphResult result;
    Court court{peer, false, options.isShort ? seed : 0};
    for (const DrawnNode& node : graph.nodes) {
        ++result.operators[node.domain.empty() ? node.type : node.domain + "." + node.type];
    }
    result.forms.assign(graph.forms.begin(), graph.forms.end());
    result.forms.push_back(fmt::format("opset {}", graph.opset));
    const Verdict verdict = judged(graph, court, options.oracle);
    result.verdict.notes = verdict.notes;
    for (const Finding& finding : verdict.findings) {
        const auto fails = [&](const DrawnGraph& candidate) {
            const Verdict again =
                judged(candidate, court, finding.oracle == "any" ? options.oracle : finding.oracle);
            return std::ranges::any_of(again.findings,
                                       [&](const Finding& other) { return finding.isLike(other); });
        };
        const DrawnGraph smallest = options.shrinks ? shrunk(graph, fails, kShrinkTries) : graph;
        Finding told = finding;
        for (const Finding& other : judged(smallest, court, options.oracle).findings) {
            told = finding.isLike(other) ? other : told;
        }
        if (const KnownFault* known = knownFault(told, smallest)) {
            result.known.emplace_back(known->reason);
            continue;
        }
        result.verdict.findings.push_back(told);
        result.smallest += toString(smallest) + "\n";
        if (!options.cases.empty()) {
            writeCase(options.cases
                          / fmt::format("{}-{}-{}", told.oracle, seed, result.verdict.findings.size()),
                      smallest, told);
        }
    }
    if (court.hasRestarted) {
        result.verdict.note(kPeerRestarted);
    }
    return result;
}

void printFindings(const GraphResult& result, std::uint64_t seed)
{
    std::size_t from = 0;
    for (const Finding& finding : result.verdict.findings) {
        const std::size_t end = result.smallest.find('\n', from);
        fmt::print("FAILED seed {} {}: {}: {}\n    {}\n", seed, finding.oracle, finding.kind, finding.text,
                   result.smallest.substr(from, end - from));
        from = end == std::string::npos ? result.smallest.size() : end + 1;
    }
    std::fflush(stdout);
}

int run(const Options& options)
{
    std::optional<OnnxRuntimePeer> peer;
    const char* package = std::getenv("NOISEFLOOR_ONNXRUNTIME");
    if (io::findOnnxRuntime() && package) {
        peer.emplace(package);
    } else {
        fmt::print("ONNX Runtime is not installed: its oracles are skipped, our engines are held against "
                   "each other\n");
    }
    Tally tally;
    for (int i = 0; i < options.count; ++i) {
        const std::uint64_t seed = options.seed + static_cast<std::uint64_t>(i);
        const ForkedResult worker =
            runForked([&] { return toJson(work(options, seed, peer ? &*peer : nullptr)); }, kWorkerSeconds);
        GraphResult result;
        if (worker.died()) {
            result.verdict.find("drawing", "crash", worker.death);
            if (peer) {
                peer->restart();
            }
        } else {
            result = graphResultOf(worker.answer);
            const bool isPeerLost = result.verdict.notes.contains(kPeerRestarted);
            if (peer && isPeerLost) {
                peer->restart();
            }
        }
        printFindings(result, seed);
        tally.add(result);
    }
    tally.print();
    const auto missing = tally.neverDrawn();
    for (const std::string& name : missing) {
        fmt::print("never drawn: {}\n", name);
    }
    const bool isComplete = missing.empty() || !options.isLong || !options.operatorType.empty();
    return tally.findings() == 0 && isComplete ? 0 : 1;
}

} // namespace

int main(int argc, char** argv)
{
    try {
        return run(parse(argc, argv));
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 2;
    }
}
