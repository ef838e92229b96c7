// Quantized models of others, as written: their results are ONNX Runtime's.
#include "app/common/project.h"
#include "core/execution/executable_support.h"
#include "core/measure/prepared_network.h"
#include "tests/support/onnxruntime.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

/// 10·log10 of signal to difference at the worst float output, over all samples; 300 where equal.
double agreement(const app::Project& project, const fs::path& model, const io::OnnxRuntime& runtime)
{
    const auto plan = app::defaultPlan(project);
    const auto network = project.session->prepare(plan, {}, {});
    const core::OperatorGraph& graph = network->graph();
    double worst = 300.0;
    for (std::size_t s = 0; s < std::min<std::size_t>(project.data.evaluation->size(), 4); ++s) {
        const core::Sample sample = project.data.evaluation->load(s);
        core::SampleValues values(graph.graph->values().size());
        for (std::size_t i = 0; i < graph.operators.size(); ++i) {
            (void)network->pipeline.runQuantized(core::OperatorId(i), network->plan, *network->forms[i],
                                                 sample, values);
        }
        io::NamedTensors inputs;
        for (std::size_t k = 0; k < sample.inputs.size(); ++k) {
            inputs[graph.value(graph.graph->inputs()[k]).name] = sample.inputs[k];
        }
        const auto theirs = runtime.run(model, {inputs}, {.outputs = {}, .optimization = "disabled"}).at(0);
        for (const core::ValueId id : graph.graph->outputs()) {
            const auto& resolved = network->plan.values[core::indexOf(id)];
            const core::Tensor& value = values[core::indexOf(id)];
            const auto y = core::doublesOf(core::toLayout(
                network->plan.isCodes(graph, id) ? core::dequantized(value, resolved->params) : value,
                core::Layout::RowMajor));
            const auto z = core::doublesOf(theirs.at(graph.value(id).name));
            EXPECT_EQ(y.size(), z.size());
            double error = 0.0;
            double signal = 0.0;
            for (std::size_t i = 0; i < std::min(y.size(), z.size()); ++i) {
                error += (y[i] - z[i]) * (y[i] - z[i]);
                signal += z[i] * z[i];
            }
            worst = error > 0.0 ? std::min(worst, 10.0 * std::log10(signal / error)) : worst;
        }
    }
    return worst;
}

bool isLeftInside(const app::Project& project)
{
    return std::ranges::any_of(project.graph->nodes(), [](const core::Node& node) {
        return node.type == "QuantizeLinear" || node.type == "DequantizeLinear";
    });
}

/// A zero point that is left out is 0 of the type of the output, here INT4 by output_dtype.
TEST(QuantizedImports, ZeroPointMayBeLeftOut)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    const fs::path model = support::projectFile("tests/cases/dialects/int4_output_dtype.onnx");
    const app::Project project = app::openProject({model, {}, {}, {}});
    EXPECT_FALSE(isLeftInside(project));
    EXPECT_GT(agreement(project, model, runtime), 100.0);
}

/// Q-DQ-Q-DQ: both scales are kept.
TEST(QuantizedImports, DoubledPairsKeepBothScales)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    const fs::path folder = support::projectFile("tests/cases/graphs/80-double-qdq");
    const app::Project project = app::openProject({folder / "model.onnx", folder / "data.json", {}, {}});
    EXPECT_FALSE(isLeftInside(project));
    ASSERT_TRUE(project.written);
    EXPECT_EQ(project.written->values.size(), 2u);
    EXPECT_GT(agreement(project, folder / "model.onnx", runtime), 100.0);
}

/// Q/DQ on inputs of integer operators only: who reads the value beside them reads it as it is.
TEST(QuantizedImports, PairsOnInputsOnlyLeaveOtherReadersAlone)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    for (const std::string name : {"q_vit_qdq_s8_act_act", "q_bert2_qdq_modelopt_int8"}) {
        SCOPED_TRACE(name);
        NOISEFLOOR_SHARED_FILE_OR_SKIP(model, "cases/dialects/" + name + "/model.onnx");
        const app::Project project = app::openProject({model, model.parent_path() / "data.json", {}, {}});
        EXPECT_GT(agreement(project, model, runtime), 60.0);
        const auto plan = project.session->resolve(app::defaultPlan(project), {}, {}).value();
        const auto graph = project.session->operators(app::defaultPlan(project));
        for (std::size_t i = 0; i < graph->operators.size(); ++i) {
            if (graph->operators[i].type == "MatMul") { // of two activations, too
                EXPECT_EQ(plan.operators[i].effective, core::kInt8) << graph->operators[i].name;
            }
        }
    }
}

/// DynamicQuantizeLinear and MatMulInteger are a MatMul whose source each sample's own range quantizes.
TEST(QuantizedImports, DynamicProductsAreMeasuredAgainstTheFloatMatMulBehindThem)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    const fs::path model = support::projectFile("tests/cases/dialects/dynamic_quantized_matmul.onnx");
    const app::Project project = app::openProject({model, {}, {}, {}});
    EXPECT_GT(agreement(project, model, runtime), 100.0);
    const auto plan = project.session->resolve(app::defaultPlan(project), {}, {}).value();
    const auto graph = project.session->operators(app::defaultPlan(project));
    const auto product = graph->find("mm_quant");
    ASSERT_TRUE(product);
    EXPECT_EQ(graph->at(*product).type, "MatMul");
    EXPECT_EQ(plan.operators[core::indexOf(*product)].effective, core::kInt8);
    EXPECT_TRUE(plan.values[core::indexOf(graph->at(*product).inputs[0])]->isDynamic);
}

TEST(QuantizedImports, DynamicNetworksComputeWhatOnnxRuntimeComputes)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, "cases/dialects/q_bert2_dynamic_u8_transformersjs/model.onnx");
    const app::Project project = app::openProject({model, model.parent_path() / "data.json", {}, {}});
    EXPECT_GT(agreement(project, model, runtime), 60.0);
}

/// Weights in blocks of 4 bits, which the file lets ONNX Runtime multiply with activations rounded to int8 by
/// block (accuracy_level 4): ours is the product as it is defined, so they agree to what that costs.
TEST(QuantizedImports, WeightsOfFourBitsInBlocksAreReadAsTheyAreDefined)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, "cases/dialects/q_bert2_matmulnbits/model.onnx");
    const app::Project project = app::openProject({model, model.parent_path() / "data.json", {}, {}});
    EXPECT_GT(agreement(project, model, runtime), 40.0);
}

} // namespace
