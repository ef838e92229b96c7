#include "core/base/error.h"
#include "core/execution/inference.h"
#include "core/execution/pipeline.h"
#include "core/graph/bind_shapes.h"
#include "core/graph/reference_evaluator.h"
#include "tests/fuzz/compare.h"
#include "tests/fuzz/our_engine.h"
#include "tests/fuzz/random.h"
#include "tests/fuzz/subject.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace fuzz {

namespace {

const std::string kName = "fp32";

/// Outputs of the graph, by sample and in its order.
using Outputs = std::vector<std::vector<core::Tensor>>;

/// Our FP32 in each of its forms; empty where a form cannot run the graph.
struct Ours
{
    Outputs reference;
    Outputs fused;
    Outputs unfused;
    Outputs inference;
    std::string refusal; ///< why nothing ran
};

Outputs runPipeline(const Subject& subject, const std::shared_ptr<const core::Graph>& graph,
                    const core::FusionOptions& options, Outputs* inference)
{
    const core::Pipeline pipeline(core::fuseOperators(graph, options));
    const core::Inference alone(pipeline);
    Outputs outputs;
    for (const io::NamedTensors& sample : subject.samples) {
        const core::Sample inputs{inputsOf(*graph, sample), {}, 1};
        const auto values = pipeline.runFloat(inputs);
        std::vector<core::Tensor>& results = outputs.emplace_back();
        for (const core::ValueId id : graph->outputs()) {
            const auto& constant = graph->value(id).constant;
            results.push_back(constant ? *constant : values[core::indexOf(id)]);
        }
        if (inference) {
            inference->push_back(alone.run(inputs));
        }
    }
    return outputs;
}

Ours runOurs(const Subject& subject)
{
    Ours ours;
    std::shared_ptr<const core::Graph> graph;
    try {
        graph = boundGraph(subject);
        for (const io::NamedTensors& sample : subject.samples) {
            ours.reference.push_back(core::evaluateReference(*graph, inputsOf(*graph, sample)));
        }
    } catch (const core::Error& error) {
        ours.refusal = error.what();
        return ours;
    }
    if (core::hasStaticShapes(*graph)) {
        ours.fused = runPipeline(subject, graph, {}, &ours.inference);
        core::FusionOptions apart;
        apart.enabled = false;
        ours.unfused = runPipeline(subject, graph, apart, nullptr);
    }
    return ours;
}

/// Every real moved by about one rounding.
void nudge(core::Tensor& tensor, Random& random)
{
    if (!core::isFloatingPoint(tensor.type())) {
        return;
    }
    const double step = tensor.type() == core::DataType::Float16 ? 0x1p-10 : 0x1p-22;
    auto values = core::doublesOf(tensor);
    for (double& value : values) {
        value *= 1.0 + (random.chance(0.5) ? step : -step);
    }
    tensor = core::castTo(core::makeTensor<double>(tensor.shape(), values), tensor.type());
}

/// What ONNX Runtime makes of such samples, and of such constants where they mean no shapes.
PeerAnswer nudged(const Subject& subject, const std::string& output, const core::Shape& shape,
                  std::uint64_t seed)
{
    Random random(seed);
    std::vector<io::NamedTensors> samples = subject.samples;
    for (io::NamedTensors& sample : samples) {
        for (auto& [name, tensor] : sample) {
            nudge(tensor, random);
        }
    }
    DrawnGraph graph = subject.graph;
    for (DrawnConstant& constant : graph.constants) {
        nudge(constant.tensor, random);
    }
    for (DrawnNode& node : graph.nodes) {
        const auto value = node.attributes.find("value");
        if (value != node.attributes.end() && std::holds_alternative<core::Tensor>(value->second)) {
            nudge(std::get<core::Tensor>(value->second), random);
        }
    }
    PeerAnswer answer = subject.peer->run(modelBytes(graph, {}), samples);
    const bool isSame = answer.ran() && std::ranges::all_of(answer.samples, [&](const io::NamedTensors& s) {
                            return s.at(output).shape() == shape;
                        });
    return isSame ? answer : subject.peer->run(subject.bytes, samples);
}

/// What a rounding of the inputs does to every element of one output: that much no engine can promise.
std::vector<double> conditionOf(const Subject& subject, const PeerAnswer& plain, std::size_t sample,
                                const std::string& output)
{
    constexpr double kRoundings = 16.0; // a few operators, each with roundings of its own
    const auto y = core::doublesOf(plain.samples[sample].at(output));
    std::vector<double> allowed(y.size(), 0.0);
    for (const std::uint64_t seed : {1, 2, 3}) {
        const PeerAnswer moved = nudged(subject, output, plain.samples[sample].at(output).shape(), seed);
        if (!moved.ran()
            || moved.samples[sample].at(output).shape() != plain.samples[sample].at(output).shape()) {
            return std::vector(y.size(), std::numeric_limits<double>::infinity());
        }
        const auto z = core::doublesOf(moved.samples[sample].at(output));
        const bool isReal = core::isFloatingPoint(moved.samples[sample].at(output).type());
        for (std::size_t i = 0; i < y.size(); ++i) {
            const bool isNew = std::isfinite(y[i]) != std::isfinite(z[i]) || (!isReal && y[i] != z[i]);
            const double change = y[i] == z[i] || !std::isfinite(y[i]) ? 0.0 : std::fabs(y[i] - z[i]);
            allowed[i] =
                isNew ? std::numeric_limits<double>::infinity() : std::max(allowed[i], kRoundings * change);
        }
    }
    return allowed;
}

class Comparison
{
public:
    Comparison(const Subject& subject, Verdict& verdict)
        : m_subject(subject)
        , m_verdict(verdict)
    {
        const bool hasHalf = subject.graph.forms.contains("float16")
            || std::ranges::any_of(subject.graph.forms,
                                   [](const std::string& form) { return form.starts_with("input float16"); });
        m_tolerance.ofRange = hasHalf ? 4e-3 : 1e-5;
        m_tolerance.skipsNonFinite = subject.graph.isExtreme && accumulates(subject.graph);
    }

    /// Against ONNX Runtime; what an ill-conditioned graph makes of a rounding is not held against us.
    void againstPeer(const std::string& kind, const Outputs& found, const PeerAnswer& expected)
    {
        for (std::size_t i = 0; i < found.size(); ++i) {
            for (std::size_t k = 0; k < found[i].size(); ++k) {
                const std::string& name = m_subject.graph.outputs[k];
                const core::Tensor& wanted = expected.samples[i].at(name);
                auto differs = difference(found[i][k], wanted, m_tolerance);
                if (differs && m_subject.graph.nodes.size() > 1 && found[i][k].shape() == wanted.shape()) {
                    Tolerance more = m_tolerance;
                    more.allowed = conditionOf(m_subject, expected, i, name);
                    differs = difference(found[i][k], wanted, more);
                    m_verdict.note(differs ? "differs however well conditioned"
                                           : "ill-conditioned: a rounding of the inputs does as much");
                }
                if (differs) {
                    m_verdict.find(kName, kind, name + *differs);
                    return;
                }
            }
        }
    }

    void against(const std::string& kind, const Outputs& found, const Outputs& expected)
    {
        for (std::size_t i = 0; i < found.size(); ++i) {
            for (std::size_t k = 0; k < found[i].size(); ++k) {
                if (const auto differs = difference(found[i][k], expected[i][k], m_tolerance)) {
                    m_verdict.find(kName, kind, m_subject.graph.outputs[k] + *differs);
                    return;
                }
            }
        }
    }

private:
    const Subject& m_subject;
    Verdict& m_verdict;
    Tolerance m_tolerance;
};

/// Random numbers, loops that copy too much, numbers that mean nothing (a scale of 0, a negative variance),
/// and windows that fit nowhere, whose result would be empty.
bool isRefusedByContract(const std::string& message)
{
    constexpr std::array kRefusals{"random numbers", "loops are not supported", "must be positive and finite",
                                   ": variance -", "the kernel reaches over"};
    return std::ranges::any_of(
        kRefusals, [&](std::string_view refusal) { return message.find(refusal) != std::string::npos; });
}

} // namespace

void judgeFp32(const Subject& subject, Verdict& verdict)
{
    const PeerAnswer peer =
        subject.peer ? subject.peer->run(subject.bytes, subject.samples) : PeerAnswer{{}, "not installed"};
    const Ours ours = runOurs(subject);
    if (!ours.refusal.empty()) {
        if (isRefusedByContract(ours.refusal)) {
            verdict.note("refused by contract");
        } else if (peer.ran()) {
            verdict.find(kName, "refused", ours.refusal);
        } else {
            verdict.note("refused by both");
        }
        return;
    }
    Comparison comparison(subject, verdict);
    if (peer.ran()) {
        comparison.againstPeer("reference differs", ours.reference, peer);
        comparison.againstPeer("pipeline differs", ours.fused, peer);
    } else {
        verdict.note(peer.hasNoKernel() ? "ONNX Runtime has no kernel"
                                        : "ONNX Runtime refuses: " + peer.error.substr(0, 160));
        comparison.against("pipeline differs from reference", ours.fused, ours.reference);
    }
    comparison.against("fused differs from unfused", ours.fused, ours.unfused);
    comparison.against("inference differs from pipeline", ours.inference, ours.fused);
    if (ours.fused.empty()) {
        verdict.note("shapes depend on data: reference evaluation only");
    }
}

} // namespace fuzz
