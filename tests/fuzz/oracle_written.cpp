#include "core/base/error.h"
#include "core/graph/bind_shapes.h"
#include "core/params/kernel_format.h"
#include "io/exports/qdq_export.h"
#include "tests/fuzz/subject.h"
#include "tests/fuzz/written_forms.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace fuzz {

namespace {

const std::string kName = "written";

/// What one code more or less on the way makes of an output of reals.
constexpr double kLeastDb = 35.0;

/// The file as it stands, in our integers as written and in ONNX Runtime without optimization.
void judgeForm(const std::string& form, const Subject& subject, Verdict& verdict)
{
    const PeerAnswer answer = subject.peer->run(subject.bytes, subject.samples);
    if (!answer.ran()) {
        verdict.note(form
                     + (answer.hasNoKernel() ? ": ONNX Runtime has no kernel"
                                             : ": ONNX Runtime refuses: " + answer.error.substr(0, 120)));
        return;
    }
    OutputReals expected = ordered(subject, answer);
    if (!isFinite(expected)) {
        verdict.note(form + ": outputs are not finite");
        return;
    }
    std::optional<Quantized> found;
    try {
        const OurModel model = openedModel(subject);
        if (!core::hasStaticShapes(*model.graph)) {
            verdict.note(form + ": no static shapes");
            return;
        }
        found = quantized(model, core::Backend::Real);
        for (OutputReals::value_type& outputs : expected) { // codes are the reals that they stand for
            for (std::size_t k = 0; k < outputs.size(); ++k) {
                const core::Value& value = found->graph->value(found->graph->graph->outputs()[k]);
                const auto params = model.written ? model.written->values.find(value.name)
                                                  : decltype(model.written->values.find(value.name)){};
                if (value.type != outputs[k].type() && model.written
                    && params != model.written->values.end()) {
                    outputs[k] = core::dequantized(outputs[k], params->second);
                }
            }
        }
    } catch (const core::Error& error) {
        verdict.find(kName, form + ": refused", error.what());
        return;
    }
    if (found->hasNaN) {
        verdict.note(form + ": NaN on the way");
        return;
    }
    verdict.note(form + (found->integers > 0 ? ": integer operators" : ": no integer operator"));
    Verdict strict;
    compareCodes(kName, form + ": differs from ONNX Runtime", *found, expected,
                 static_cast<double>(std::max<std::size_t>(found->integers, 1)), strict);
    if (strict.findings.empty()) {
        return;
    }
    for (std::size_t k = 0; k < expected[0].size(); ++k) {
        const core::Value& value = found->graph->value(found->graph->graph->outputs()[k]);
        const core::Tensor& y = found->outputs[0][k];
        if (value.constant) {
            verdict.note(form + ": an output is constant, its quantization folded away");
            return;
        }
        if (y.type() != expected[0][k].type() || y.shape() != expected[0][k].shape()
            || (y.type() != core::DataType::Float32
                && core::doublesOf(y) != core::doublesOf(expected[0][k]))) {
            verdict.findings.push_back(strict.findings[0]);
            return;
        }
    }
    if (worstDb(found->outputs, expected) < kLeastDb) {
        verdict.findings.push_back(strict.findings[0]);
        return;
    }
    verdict.note(form + ": a few codes apart on the way");
}

void judgeDrawn(const std::string& form, const std::optional<DrawnGraph>& graph, const Subject& subject,
                Verdict& verdict)
{
    if (graph) {
        Subject written{*graph, subject.peer, modelBytes(*graph, {}), subject.samples};
        judgeForm(form, written, verdict);
    }
}

void judgeExported(const std::string& form, const io::QdqOptions& options, const Quantized& q,
                   const Subject& subject, Verdict& verdict)
{
    std::string bytes;
    try {
        bytes = io::exportQdq(*q.graph, q.resolved, options).bytes;
    } catch (const core::Error&) {
        verdict.note(form + ": refused by us");
        return;
    }
    judgeForm(form, {subject.graph, subject.peer, bytes, subject.samples}, verdict);
}

} // namespace

void judgeWritten(const Subject& subject, Verdict& verdict)
{
    if (!subject.peer || subject.graph.isExtreme) {
        return;
    }
    const auto model = plannableModel(subject, "written", verdict);
    if (!model) {
        return;
    }
    if (model->written) {
        judgeForm("as drawn", subject, verdict);
        return;
    }
    const Quantized q = quantized(*model, core::Backend::Real);
    if (q.integers == 0 || !isFinite(q.outputs) || q.hasNaN) {
        verdict.note("written: nothing quantized");
        return;
    }
    judgeDrawn("pairs on outputs", withPairs(subject.graph, q, PairsAt::Outputs), subject, verdict);
    judgeDrawn("pairs on inputs", withPairs(subject.graph, q, PairsAt::Inputs), subject, verdict);
    judgeDrawn("pairs on both", withPairs(subject.graph, q, PairsAt::Both), subject, verdict);
    judgeDrawn("dynamic products", withDynamicProducts(subject.graph), subject, verdict);
    judgeExported("qdq file", {}, q, subject, verdict);
    judgeExported("qoperator file", {io::QdqOptions::Form::QOperator, 13, false}, q, subject, verdict);
}

} // namespace fuzz
