#include "core/base/error.h"
#include "core/graph/bind_shapes.h"
#include "io/exports/qdq_export.h"
#include "tests/fuzz/compare.h"
#include "tests/fuzz/quantized_engine.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace fuzz {

namespace {

constexpr double kLeastOptimizedDb = 20.0; ///< ONNX Runtime optimized against itself unoptimized

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
        compareCodes("int8", form + " export computes something else", q, ordered(subject, answer),
                     static_cast<double>(std::max<std::size_t>(q.integers, 1)), verdict);
        judgeOptimized(form, subject, bytes, answer, verdict);
    }
}

} // namespace

void judgeInt8(const Subject& subject, Verdict& verdict)
{
    if (subject.graph.isExtreme) {
        verdict.note("int8: extreme values");
        return;
    }
    const auto model = plannableModel(subject, "int8", verdict);
    if (!model) {
        return;
    }
    const Quantized real = quantized(*model, core::Backend::Real);
    verdict.note(real.integers > 0 ? "int8: integer operators" : "int8: nothing quantized");
    const Quantized emulated = quantized(*model, core::Backend::Emulated);
    const Quantized reference = quantized(*model, core::Backend::Reference);
    const double codes = static_cast<double>(std::max<std::size_t>(real.integers, 1));
    compareCodes("int8", "emulated differs from real", emulated, real.outputs, codes, verdict);
    compareCodes("int8", "reference differs from real", reference, real.outputs, codes, verdict);
    if (!subject.peer || model->written) {
        return;
    }
    if (real.hasNaN) {
        verdict.note("int8: NaN on the way");
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
