#include "tests/fuzz/quantized_engine.h"

#include "core/base/error.h"
#include "core/execution/inference.h"
#include "core/execution/pipeline.h"
#include "core/params/kernel_format.h"
#include "tests/fuzz/compare.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace fuzz {

namespace {

constexpr double kRealsEqualDb = 80.0; ///< of outputs of reals: FP32 sums in another order

/// One code of an output; 0 where it is held as reals.
double lsbOf(const Quantized& q, core::ValueId id)
{
    const auto& value = q.resolved.values[core::indexOf(id)];
    return value && q.resolved.isCodes(*q.graph, id) ? *std::ranges::max_element(value->params.scale) : 0.0;
}

bool holdsNaN(const core::Tensor& tensor)
{
    return tensor.isDefined() && core::isFloatingPoint(tensor.type())
        && std::ranges::any_of(core::doublesOf(tensor), [](double value) { return std::isnan(value); });
}

core::Tensor realOf(const Quantized& q, core::ValueId id, const core::Tensor& tensor)
{
    return q.resolved.isCodes(*q.graph, id)
        ? core::dequantized(tensor, q.resolved.values[core::indexOf(id)]->params)
        : tensor;
}

} // namespace

std::optional<OurModel> plannableModel(const Subject& subject, const std::string& oracle, Verdict& verdict)
{
    try {
        OurModel model = openedModel(subject);
        if (core::hasStaticShapes(*model.graph) && !model.graph->inputs().empty()) {
            return model;
        }
        verdict.note(oracle + ": no static shapes, or no inputs");
    } catch (const core::Error&) {
        verdict.note(oracle + ": refused");
    }
    return std::nullopt;
}

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
        q.hasNaN = q.hasNaN || std::ranges::any_of(pipeline.runFloat(model.data->load(i)), holdsNaN);
    }
    for (const core::ResolvedOperator& op : q.resolved.operators) {
        q.integers += op.kind != core::QuantizedKind::None ? 1 : 0;
    }
    return q;
}

bool isFinite(const OutputReals& outputs)
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

void compareCodes(const std::string& oracle, const std::string& kind, const Quantized& found,
                  const OutputReals& expected, double codes, Verdict& verdict)
{
    const auto& outputs = found.graph->graph->outputs();
    for (std::size_t i = 0; i < expected.size(); ++i) {
        for (std::size_t k = 0; k < outputs.size(); ++k) {
            Tolerance tolerance;
            const auto count = static_cast<std::size_t>(expected[i][k].count());
            tolerance.allowed.assign(count, codes * 1.001 * lsbOf(found, outputs[k]));
            const auto differs = difference(found.outputs[i][k], expected[i][k], tolerance);
            const bool isRounding = differs && lsbOf(found, outputs[k]) == 0.0
                && found.outputs[i][k].type() == expected[i][k].type()
                && found.outputs[i][k].shape() == expected[i][k].shape()
                && decibels(found.outputs[i][k], expected[i][k]) > kRealsEqualDb;
            if (differs && !isRounding) {
                verdict.find(oracle, kind,
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

OutputReals ordered(const Subject& subject, const PeerAnswer& answer)
{
    OutputReals all;
    for (const io::NamedTensors& sample : answer.samples) {
        auto& results = all.emplace_back();
        for (const std::string& name : subject.graph.outputs) {
            results.push_back(sample.at(name));
        }
    }
    return all;
}

double worstDb(const OutputReals& found, const OutputReals& expected)
{
    double worst = INFINITY;
    for (std::size_t k = 0; k < expected[0].size(); ++k) {
        if (expected[0][k].type() != core::DataType::Float32) {
            continue;
        }
        std::vector<float> y;
        std::vector<float> z;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            const auto one = core::doublesOf(core::toLayout(found[i][k], core::Layout::RowMajor));
            const auto other = core::doublesOf(core::toLayout(expected[i][k], core::Layout::RowMajor));
            y.insert(y.end(), one.begin(), one.end());
            z.insert(z.end(), other.begin(), other.end());
        }
        const core::Shape shape{std::ssize(y)};
        worst =
            std::min(worst, decibels(core::makeTensor<float>(shape, y), core::makeTensor<float>(shape, z)));
    }
    return worst;
}

} // namespace fuzz
