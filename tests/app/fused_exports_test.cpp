// Exports of what a plan's runtime fuses, of weights alone in fewer bits, and of LRN on codes: ONNX Runtime
// decides.
#include "app/common/export_source.h"
#include "io/exports/format.h"
#include "io/files/file.h"
#include "io/onnx/onnx_writer.h"
#include "io/plans/plan_json.h"
#include "io/verify/verification.h"
#include "tests/support/onnxruntime.h"
#include "tests/support/shared_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

core::Tensor floats(const core::Shape& shape, int seed)
{
    core::TensorBuilder builder(core::DataType::Float32, shape);
    std::mt19937 random(static_cast<unsigned>(seed));
    std::uniform_real_distribution<float> any(-0.8f, 1.0f);
    for (float& value : builder.as<float>()) {
        value = any(random);
    }
    return std::move(builder).finish();
}

/// A file of what `write` adds between input x and output y, both of floats.
fs::path modelOf(const std::string& name, const core::Shape& x, const core::Shape& y, int opset,
                 const std::function<void(io::OnnxWriter&)>& write)
{
    io::OnnxWriter writer;
    writer.input("x", core::DataType::Float32, x);
    write(writer);
    writer.output("y", core::DataType::Float32, y);
    const fs::path file = support::temporaryFolder() / (name + ".onnx");
    io::writeFileAtomically(file, writer.finish(name, opset));
    return file;
}

struct Verified
{
    io::Verification result;
    std::vector<io::ExportLoss> losses;
};

/// Runs, exports, and verifies in this engine and, where it is there, in ONNX Runtime.
Verified verified(const fs::path& model, const std::string& format, const std::vector<std::string>& settings)
{
    core::QuantizationPlan plan = app::defaultPlan(model);
    for (const std::string& setting : settings) {
        plan = io::withSetting(plan, setting);
    }
    const app::Project project = app::openProject({model, {}, {}, {}});
    io::VerificationRequest request;
    request.format = &io::exportFormat(format);
    request.source =
        app::exportSource(project, model, std::make_shared<const core::QuantizationPlan>(std::move(plan)),
                          *request.format, {}, {})
            .value();
    request.file = support::temporaryFolder() / (model.stem().string() + "." + format + ".onnx");
    const auto exported = io::exportAs(*request.format, request.source);
    io::writeExport(exported, request.file);
    request.data = project.data.evaluation;
    request.samples = 4;
    return {io::verifyExport(request, {}).value(), exported.losses};
}

void expectVerified(const Verified& v)
{
    EXPECT_THAT(v.result.problems, IsEmpty());
    ASSERT_TRUE(v.result.execution && v.result.optimized);
    EXPECT_FALSE(v.result.execution->outputs.empty());
}

class FusedExport : public testing::TestWithParam<const char*>
{
};

// Conv + f + Gemm, f fused under onednn; under the default it is an operator of its own, and both files run.
TEST_P(FusedExport, RunsInOnnxRuntimeAsHere)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    (void)runtime;
    const std::string function = GetParam();
    const fs::path model =
        modelOf("behind_" + function, {1, 3, 8, 8}, {1, 4}, 13, [&](io::OnnxWriter& writer) {
            writer.initializer("w", floats({5, 3, 3, 3}, 1));
            // Above zero for Sqrt.
            writer.initializer("b", core::makeTensor<float>({5}, std::vector<float>{9, 9, 9, 9, 9}));
            writer.initializer("v", floats({180, 4}, 2));
            std::map<std::string, core::Attribute, std::less<>> attributes;
            if (function == "Elu") {
                attributes["alpha"] = 0.7f;
            }
            writer.node("Conv", "conv",
                        function == "Sqrt" ? std::vector<std::string>{"x", "w", "b"}
                                           : std::vector<std::string>{"x", "w"},
                        {"c"});
            writer.node(function, "f", {"c"}, {"f_out"}, attributes,
                        function == "Gelu" ? "com.microsoft" : "");
            writer.node("Flatten", "flat", {"f_out"}, {"flat_out"});
            writer.node("MatMul", "product", {"flat_out", "v"}, {"y"});
        });
    for (const char* format : {"qdq", "qdq-21"}) {
        SCOPED_TRACE(format);
        expectVerified(verified(model, format, {"runtime=onednn"}));
    }
    expectVerified(verified(model, "qdq", {}));
}

INSTANTIATE_TEST_SUITE_P(Functions, FusedExport, testing::Values("Tanh", "Exp", "Sqrt", "Abs", "Elu", "Gelu"),
                         [](const auto& c) { return std::string(c.param); });

TEST(FusedExport, OfASumOfThreeAndItsRelu)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    (void)runtime;
    const fs::path model = modelOf("sum_relu", {1, 6, 4, 4}, {1, 6, 4, 4}, 13, [](io::OnnxWriter& writer) {
        writer.initializer("one", core::makeTensor<float>({6}, std::vector<float>(6, 1.0f)));
        writer.initializer("zero", core::makeTensor<float>({6}, std::vector<float>(6, 0.0f)));
        writer.initializer("w", floats({6, 6, 1, 1}, 3));
        writer.node("BatchNormalization", "bn", {"x", "one", "zero", "zero", "one"}, {"n"});
        writer.node("Relu", "r", {"n"}, {"r_out"});
        writer.node("Conv", "a", {"r_out", "w"}, {"a_out"});
        writer.node("Sum", "s", {"x", "a_out", "r_out"}, {"s_out"});
        writer.node("Relu", "t", {"s_out"}, {"y"});
    });
    for (const char* runtimeSetting : {"runtime=onednn", "runtime=caffe2", "runtime=onnxruntime"}) {
        SCOPED_TRACE(runtimeSetting);
        expectVerified(verified(model, "qdq", {runtimeSetting}));
    }
    // What DNNLOWP adds in common codes is no matter of the file: said.
    const Verified through =
        verified(model, "qdq",
                 {"runtime=caffe2", "activation.convention=dnnlowp", "eltwise_quantization_precision=16"});
    EXPECT_TRUE(std::ranges::any_of(through.losses, [](const auto& loss) {
        return loss.item == "s" && loss.what.find("codes of 16 bits") != std::string::npos;
    }));
}

// FP32 by default; on codes where the plan says so, between DequantizeLinear and QuantizeLinear.
TEST(LrnExport, OnCodesRunsInOnnxRuntimeAsHere)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    (void)runtime;
    const fs::path model = modelOf("lrn", {1, 8, 6, 6}, {1, 4, 6, 6}, 13, [](io::OnnxWriter& writer) {
        writer.initializer("w", floats({8, 8, 1, 1}, 1));
        writer.initializer("v", floats({4, 8, 1, 1}, 2));
        writer.node("Conv", "first", {"x", "w"}, {"f"});
        writer.node("LRN", "lrn", {"f"}, {"n"}, {{"size", std::int64_t{5}}, {"alpha", 0.5f}});
        writer.node("Conv", "second", {"n", "v"}, {"y"});
    });
    expectVerified(verified(model, "qdq", {}));
    expectVerified(verified(model, "qdq", {"lrn::precision=int8"}));
}

class WeightOnly : public testing::TestWithParam<const char*>
{
};

// Alone, and as one float operator among integer ones; the weights are the file's only codes, or halves.
TEST_P(WeightOnly, ExportRunsInOnnxRuntimeAsHere)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    (void)runtime;
    const fs::path model = modelOf("weight_only", {1, 3, 8, 8}, {1, 4}, 13, [](io::OnnxWriter& writer) {
        writer.initializer("w", floats({5, 3, 3, 3}, 1));
        writer.initializer("b", floats({5}, 7));
        writer.initializer("v", floats({180, 16}, 2));
        writer.initializer("u", floats({16, 4}, 3));
        writer.node("Conv", "conv", {"x", "w", "b"}, {"c"});
        writer.node("Relu", "relu", {"c"}, {"r"});
        writer.node("Flatten", "flat", {"r"}, {"flat_out"});
        writer.node("MatMul", "product", {"flat_out", "v"}, {"p"});
        writer.node("Gemm", "gemm", {"p", "u"}, {"y"});
    });
    const std::string precision = GetParam();
    const Verified whole = verified(model, "qdq", {"precision=" + precision});
    expectVerified(whole);
    for (const io::ExportLoss& loss : whole.losses) {
        EXPECT_THAT(loss.what, Not(HasSubstr(precision)));
    }
    for (const char* op : {"conv", "product", "gemm"}) {
        SCOPED_TRACE(op);
        expectVerified(verified(model, "qdq", {std::string(op) + "::precision=" + precision}));
    }
    if (precision == "weight-only") {
        expectVerified(verified(model, "qdq-21", {"precision=weight-only", "weight.bits=4"}));
        expectVerified(verified(model, "qdq", {"precision=weight-only", "weight.granularity=per-tensor"}));
    }
}

INSTANTIATE_TEST_SUITE_P(Forms, WeightOnly, testing::Values("weight-only", "weight-fp16"), [](const auto& c) {
    return std::string(c.param) == "weight-only" ? "Codes" : "Halves";
});

// One batch axis is the axis of DequantizeLinear; two have none, which is said.
TEST(BatchedWeightsExport, RunsInOnnxRuntimeAsHere)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    (void)runtime;
    const auto model = [](const std::string& name, const core::Shape& x, const core::Shape& w) {
        core::Shape y = x;
        y.back() = w.back();
        return modelOf(name, x, y, 13, [&](io::OnnxWriter& writer) {
            writer.initializer("w", floats(w, 1));
            writer.node("Relu", "relu", {"x"}, {"r"});
            writer.node("MatMul", "product", {"r", "w"}, {"y"});
        });
    };
    for (const char* format : {"qdq", "qoperator"}) {
        SCOPED_TRACE(format);
        expectVerified(verified(model("one_axis", {3, 4, 5}, {3, 5, 6}), format, {}));
    }
    const Verified two = verified(model("two_axes", {2, 3, 4, 5}, {2, 3, 5, 6}), "qdq", {});
    expectVerified(two);
    EXPECT_TRUE(std::ranges::any_of(two.losses, [](const auto& loss) {
        return loss.item == "product" && loss.what.find("several batch axes") != std::string::npos;
    }));
}

} // namespace
