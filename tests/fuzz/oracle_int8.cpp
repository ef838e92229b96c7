#include "core/base/error.h"
#include "core/execution/inference.h"
#include "core/execution/pipeline.h"
#include "core/graph/bind_shapes.h"
#include "core/params/kernel_format.h"
#include "io/exports/qdq_export.h"
#include "tests/fuzz/compare.h"
#include "tests/fuzz/our_engine.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace fuzz {

namespace {

constexpr double kLeastOptimizedDb = 20.0; ///< ONNX Runtime optimized against itself unoptimized

/// One plan on one network.
struct Quantized
{
    std::shared_ptr<const core::OperatorGraph> graph;
    core::ResolvedPlan resolved;
    std::vector<std::vector<core::Tensor>> outputs; ///< reals, by sample and output
    std::size_t integers = 0; ///< operators that run in integers
};

/// One code of an output; 0 where it is held as reals.
double lsbOf(const Quantized& q, core::ValueId id)
{
    const auto& value = q.resolved.values[core::indexOf(id)];
    return value && q.resolved.isCodes(*q.graph, id) ? *std::ranges::max_element(value->params.scale) : 0.0;
}

core::Tensor realOf(const Quantized& q, core::ValueId id, const core::Tensor& tensor)
{
    return q.resolved.isCodes(*q.graph, id)
        ? core::dequantized(tensor, q.resolved.values[core::indexOf(id)]->params)
        : tensor;
}

/// Sums apart: ONNX Runtime has no fused residual.
core::QuantizationPlan planWith(const OurModel& model, core::Backend backend)
{
    auto plan = model.written ? core::QuantizationPlan::makeWritten() : core::QuantizationPlan::makeDefault();
    plan.defaults.fuseResidual = false;
    plan.defaults.backend = backend;
    return plan;
}

Quantized quantized(const OurModel& model, core::Backend backend)
{
    const core::QuantizationPlan plan = planWith(model, backend);
    const auto session = sessionOf(model, 1);
    Quantized q{session->operators(plan), session->resolve(plan, {}, {}).value(), {}, 0};
    core::Pipeline pipeline(q.graph);
    const core::Inference inference(pipeline, q.resolved);
    const auto& outputs = q.graph->graph->outputs();
    for (std::size_t i = 0; i < model.data->size(); ++i) {
        std::vector<core::Tensor> results = inference.run(model.data->load(i));
        for (std::size_t k = 0; k < results.size(); ++k) {
            const auto& constant = q.graph->value(outputs[k]).constant;
            results[k] = constant ? *constant : realOf(q, outputs[k], results[k]);
        }
        q.outputs.push_back(std::move(results));
    }
    for (const core::ResolvedOperator& op : q.resolved.operators) {
        q.integers += op.kind != core::QuantizedKind::None ? 1 : 0;
    }
    return q;
}

bool isFinite(const std::vector<std::vector<core::Tensor>>& outputs)
{
    for (const auto& sample : outputs) {
        for (const core::Tensor& tensor : sample) {
            if (!std::ranges::all_of(core::doublesOf(tensor), [](double y) { return std::isfinite(y); })) {
                return false;
            }
        }
    }
    return true;
}

/// Within so many codes of each output.
void compareCodes(const std::string& kind, const Quantized& found,
                  const std::vector<std::vector<core::Tensor>>& expected, double codes, Verdict& verdict)
{
    const auto& outputs = found.graph->graph->outputs();
    for (std::size_t i = 0; i < expected.size(); ++i) {
        for (std::size_t k = 0; k < outputs.size(); ++k) {
            Tolerance tolerance;
            const auto count = static_cast<std::size_t>(expected[i][k].count());
            tolerance.allowed.assign(count, codes * 1.001 * lsbOf(found, outputs[k]));
            if (const auto differs = difference(found.outputs[i][k], expected[i][k], tolerance)) {
                verdict.find("int8", kind,
                             fmt::format("{}{}, one code is {:g}", found.graph->value(outputs[k]).name,
                                         *differs, lsbOf(found, outputs[k])));
                return;
            }
        }
    }
}

double decibels(const core::Tensor& found, const core::Tensor& expected)
{
    const auto y = core::doublesOf(found);
    const auto z = core::doublesOf(expected);
    double error = 0.0;
    double signal = 0.0;
    for (std::size_t i = 0; i < y.size() && i < z.size(); ++i) {
        error += (y[i] - z[i]) * (y[i] - z[i]);
        signal += z[i] * z[i];
    }
    return error == 0.0 ? INFINITY : 10.0 * std::log10(signal / error);
}

std::vector<std::vector<core::Tensor>> ordered(const Subject& subject, const PeerAnswer& answer)
{
    std::vector<std::vector<core::Tensor>> all;
    for (const io::NamedTensors& sample : answer.samples) {
        auto& results = all.emplace_back();
        for (const std::string& name : subject.graph.outputs) {
            results.push_back(sample.at(name));
        }
    }
    return all;
}

void judgeOptimized(const std::string& form, const Subject& subject, const std::string& bytes,
                    const PeerAnswer& plain, Verdict& verdict)
{
    const PeerAnswer optimized = subject.peer->run(bytes, subject.samples, "all");
    if (!optimized.ran()) {
        verdict.find("int8", form + " export refused by optimized ONNX Runtime", optimized.error);
        return;
    }
    for (const auto& [name, tensor] : plain.samples[0]) {
        const double db = decibels(optimized.samples[0].at(name), tensor);
        if (db < kLeastOptimizedDb) {
            verdict.find("int8", form + " export: optimized ONNX Runtime computes something else",
                         fmt::format("{}: {:.1f} dB", name, db));
            return;
        }
    }
}

void judgeExport(const std::string& form, const io::QdqOptions& options, const Subject& subject,
                 const Quantized& q, Verdict& verdict)
{
    std::string bytes;
    try {
        bytes = io::exportQdq(*q.graph, q.resolved, options).bytes;
    } catch (const core::Error& error) {
        verdict.note(form + " export refused by us");
        return;
    }
    const PeerAnswer answer = subject.peer->run(bytes, subject.samples);
    if (answer.hasNoKernel()) {
        verdict.note(form + " export: ONNX Runtime has no kernel");
    } else if (!answer.ran()) {
        verdict.find("int8", form + " export refused by ONNX Runtime", answer.error);
    } else if (std::ranges::any_of(q.resolved.operators,
                                   [](const auto& op) { return op.recurrent != nullptr; })) {
        verdict.note(form + " export: gates of 8 bits run in FP32"); // which the export says
    } else {
        // Every integer operator on the way may round one code away.
        compareCodes(form + " export computes something else", q, ordered(subject, answer),
                     static_cast<double>(std::max<std::size_t>(q.integers, 1)), verdict);
        judgeOptimized(form, subject, bytes, answer, verdict);
    }
}

} // namespace

void judgeInt8(const Subject& subject, Verdict& verdict)
{
    std::optional<OurModel> model;
    try {
        model = openedModel(subject);
    } catch (const core::Error&) {
        verdict.note("int8: refused");
        return;
    }
    if (!core::hasStaticShapes(*model->graph) || model->graph->inputs().empty() || subject.graph.isExtreme) {
        verdict.note("int8: no static shapes, no inputs, or extreme values");
        return;
    }
    const Quantized real = quantized(*model, core::Backend::Real);
    verdict.note(real.integers > 0 ? "int8: integer operators" : "int8: nothing quantized");
    const Quantized emulated = quantized(*model, core::Backend::Emulated);
    const Quantized reference = quantized(*model, core::Backend::Reference);
    const double codes = static_cast<double>(std::max<std::size_t>(real.integers, 1));
    compareCodes("emulated differs from real", emulated, real.outputs, codes, verdict);
    compareCodes("reference differs from real", reference, real.outputs, codes, verdict);
    if (!subject.peer || model->written) {
        return;
    }
    const PeerAnswer plain = subject.peer->run(subject.bytes, subject.samples);
    if (plain.ran() && !isFinite(ordered(subject, plain))) {
        verdict.note("int8: FP32 outputs are not finite");
    } else if (plain.ran()) {
        judgeExport("qdq", {}, subject, real, verdict);
        judgeExport("qoperator", {io::QdqOptions::Form::QOperator, 13, false}, subject, real, verdict);
    }
}

} // namespace fuzz
