#include "io/exports/qdq_export.h"
#include "io/files/file.h"
#include "io/onnx/onnx_writer.h"
#include "tests/models/model_run.h"
#include "tests/models/written_codes.h"
#include "tests/support/onnxruntime.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <random>

namespace {

using core::Shape;
using core::Tensor;

Tensor scalar(float value) { return core::makeTensor<float>({}, std::array{value}); }

/// A small network in the conventions of one tool.
struct Convention
{
    const char* name;
    int opset;
    bool perChannel; ///< scales of the weights
    core::DataType weights;
    int weightZero; ///< zero point of the weights
    core::DataType activations;
    bool floatWeights; ///< weights in float, quantized by a node of the graph (as PyTorch exports)
};

void PrintTo(const Convention& c, std::ostream* out) { *out << c.name; }

/// Convolution, Relu, depthwise convolution, residual Add, pooling and Gemm between QuantizeLinear and
/// DequantizeLinear, with seeded weights.
class ModelWriter
{
public:
    explicit ModelWriter(const Convention& convention)
        : m_convention(convention)
    {
    }

    std::string write()
    {
        m_writer.input("x", core::DataType::Float32, {1, 3, 16, 16});
        std::string x = quantized("x", 0.03f);
        std::string y = quantized(relu(convolution("conv1", x, 0.03f, {8, 3, 3, 3}, 1)), 0.02f);
        std::string z = quantized(convolution("conv2", y, 0.02f, {8, 1, 3, 3}, 8), 0.02f);
        m_writer.node("Add", "add", {y, z}, {"add_out"});
        std::string sum = quantized("add_out", 0.03f);
        m_writer.node("GlobalAveragePool", "pool", {sum}, {"pool_out"});
        std::string pooled = quantized("pool_out", 0.01f);
        m_writer.node("Flatten", "flatten", {pooled}, {"flat"});
        const std::string weights = weightsOf("fc", {8, 10}, 1);
        m_writer.node("MatMul", "fc", {quantized("flat", 0.01f), weights}, {"fc_out"});
        m_writer.output(quantized("fc_out", 0.005f), core::DataType::Float32, {1, 10});
        return m_writer.finish("convention", m_convention.opset);
    }

private:
    std::string zeroPoint(const std::string& name, core::DataType type, int value)
    {
        m_writer.initializer(
            name, core::castTo(core::makeTensor<float>({}, std::array{static_cast<float>(value)}), type));
        return name;
    }

    std::string quantized(const std::string& value, float scale)
    {
        const std::string s = value + "_scale";
        m_writer.initializer(s, scalar(scale));
        const int middle = m_convention.activations == core::DataType::UInt8 ? 117 : -5;
        const std::string z = zeroPoint(value + "_zero_point", m_convention.activations, middle);
        m_writer.node("QuantizeLinear", value + "_q", {value, s, z}, {value + "_quantized"});
        m_writer.node("DequantizeLinear", value + "_dq", {value + "_quantized", s, z},
                      {value + "_dequantized"});
        return value + "_dequantized";
    }

    std::string weightsOf(const std::string& name, const Shape& shape, std::size_t axis)
    {
        const auto channels = static_cast<std::size_t>(m_convention.perChannel ? shape[axis] : 1);
        std::vector<float> scales;
        for (std::size_t c = 0; c < channels; ++c) {
            scales.push_back(0.001f + 0.0001f * static_cast<float>(c)); // small enough that nothing saturates
        }
        m_scales = scales;
        std::vector<float> codes(static_cast<std::size_t>(core::elementCount(shape)));
        std::uniform_int_distribution<int> any(-127, 127);
        for (float& code : codes) {
            code = static_cast<float>(any(m_random) + m_convention.weightZero);
        }
        const Shape parameters = m_convention.perChannel ? Shape{shape[axis]} : Shape{};
        const std::string s = name + "_w_scale";
        const std::string z = name + "_w_zero_point";
        m_writer.initializer(s, core::makeTensor<float>(parameters, scales));
        const std::vector<float> zeros(channels, static_cast<float>(m_convention.weightZero));
        m_writer.initializer(z,
                             core::castTo(core::makeTensor<float>(parameters, zeros), m_convention.weights));
        std::map<std::string, core::Attribute, std::less<>> attributes;
        if (m_convention.perChannel) {
            attributes["axis"] = static_cast<std::int64_t>(axis);
        }
        const Tensor integers = core::castTo(core::makeTensor<float>(shape, codes), m_convention.weights);
        if (m_convention.floatWeights) {
            std::vector<float> reals;
            const auto stride =
                static_cast<std::size_t>(axis == 0 ? core::elementCount(shape) / shape[0] : 1);
            for (std::size_t i = 0; i < codes.size(); ++i) {
                reals.push_back((codes[i] - static_cast<float>(m_convention.weightZero) + 0.3f)
                                * scales[i / stride % channels]);
            }
            m_writer.initializer(name + "_w", core::makeTensor<float>(shape, reals));
            m_writer.node("QuantizeLinear", name + "_w_q", {name + "_w", s, z}, {name + "_w_quantized"},
                          attributes);
        } else {
            m_writer.initializer(name + "_w_quantized", integers);
        }
        m_writer.node("DequantizeLinear", name + "_w_dq", {name + "_w_quantized", s, z},
                      {name + "_w_dequantized"}, attributes);
        return name + "_w_dequantized";
    }

    std::string biasOf(const std::string& name, std::size_t channels, float srcScale)
    {
        std::vector<std::int32_t> codes;
        std::vector<float> scales;
        for (std::size_t c = 0; c < channels; ++c) {
            codes.push_back(static_cast<std::int32_t>(37 * c) - 200);
            scales.push_back(srcScale * m_scales[m_convention.perChannel ? c : 0]);
        }
        scales.resize(m_convention.perChannel ? channels : 1);
        const auto count = static_cast<std::int64_t>(channels);
        m_writer.initializer(name + "_b_quantized", core::makeTensor<std::int32_t>({count}, codes));
        m_writer.initializer(
            name + "_b_scale",
            core::makeTensor<float>(m_convention.perChannel ? Shape{count} : Shape{}, scales));
        std::map<std::string, core::Attribute, std::less<>> attributes;
        if (m_convention.perChannel) {
            attributes["axis"] = std::int64_t{0};
        }
        m_writer.node("DequantizeLinear", name + "_b_dq", {name + "_b_quantized", name + "_b_scale"},
                      {name + "_b_dequantized"}, attributes);
        return name + "_b_dequantized";
    }

    std::string convolution(const std::string& name, const std::string& src, float srcScale,
                            const Shape& shape, std::int64_t group)
    {
        const std::string weights = weightsOf(name, shape, 0);
        const std::string bias = biasOf(name, static_cast<std::size_t>(shape[0]), srcScale);
        m_writer.node("Conv", name, {src, weights, bias}, {name + "_out"},
                      {{"pads", std::vector<std::int64_t>{1, 1, 1, 1}}, {"group", group}});
        return name + "_out";
    }

    std::string relu(const std::string& src)
    {
        m_writer.node("Relu", src + "_relu", {src}, {src + "_relu"});
        return src + "_relu";
    }

    const Convention& m_convention;
    io::OnnxWriter m_writer;
    std::mt19937 m_random{7};
    std::vector<float> m_scales;
};

class WrittenByOthers : public testing::TestWithParam<Convention>
{
};

TEST_P(WrittenByOthers, GivesTheCodesOfOnnxRuntime)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    const auto path = support::temporaryFolder() / (std::string(GetParam().name) + ".onnx");
    io::writeFileAtomically(path, ModelWriter(GetParam()).write());
    const app::Project project = models::open(path, {});
    models::expectSameCodes(runtime, project, path, project.data.evaluation->size(), 99.9);
}

TEST_P(WrittenByOthers, IsDiagnosedByTheSameReport)
{
    const auto path = support::temporaryFolder() / (std::string(GetParam().name) + "_report.onnx");
    io::writeFileAtomically(path, ModelWriter(GetParam()).write());
    const app::Project project = models::open(path, {});
    const auto plan = std::make_shared<const core::QuantizationPlan>(core::QuantizationPlan::makeWritten());
    const auto report = project.session->run(plan, {}, {});
    ASSERT_EQ(report->outputs.size(), 1u);
    EXPECT_GT(report->outputs[0].error.sqnrDb.value_or(0.0), 10.0);
    for (const char* name : {"conv1", "conv2", "add", "pool", "fc"}) {
        const auto layer = std::ranges::find(report->layers, name, [](const auto& l) { return l->name; });
        ASSERT_NE(layer, report->layers.end()) << name;
        EXPECT_TRUE((*layer)->accumulated->relativeL2.value_or(0.0) > 0.0) << name;
        ASSERT_TRUE((*layer)->activation) << name;
        EXPECT_EQ((*layer)->activation->method, "written") << name;
        if (GetParam().weightZero == 0) {
            EXPECT_EQ((*layer)->effective, core::kInt8) << name << ": " << (*layer)->reason;
        }
    }
}

using core::DataType;

INSTANTIATE_TEST_SUITE_P(
    Conventions, WrittenByOthers,
    testing::Values(Convention{"opset10_u8", 10, false, DataType::UInt8, 128, DataType::UInt8, false},
                    Convention{"opset10_u8_zero_point", 10, false, DataType::UInt8, 121, DataType::UInt8,
                               false},
                    Convention{"opset13_per_channel", 13, true, DataType::Int8, 0, DataType::UInt8, false},
                    Convention{"opset13_s8_activations", 13, true, DataType::Int8, 0, DataType::Int8, false},
                    Convention{"opset13_float_weights", 13, true, DataType::Int8, 0, DataType::UInt8, true},
                    Convention{"opset19_per_channel", 19, true, DataType::Int8, 0, DataType::UInt8, false},
                    Convention{"opset21_per_channel", 21, true, DataType::Int8, 0, DataType::Int8, false},
                    Convention{"opset21_per_tensor", 21, false, DataType::Int8, 3, DataType::UInt8, false}),
    [](const auto& c) { return std::string(c.param.name); });

struct Exported
{
    const char* name;
    const char* model;
    const char* data;
};

void PrintTo(const Exported& e, std::ostream* out) { *out << e.name; }

class OwnExport : public testing::TestWithParam<Exported>
{
};

// Every operator's result is an output of the exported model, so this compares the codes of all of them.
TEST_P(OwnExport, OpensAsWrittenAndGivesTheCodesOfOnnxRuntime)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, std::string("models/") + GetParam().model);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, std::string("data/") + GetParam().data);
    const app::Project fp32 = models::open(model, data, 1);
    const auto plan = models::planWith({"fuse_residual=false"});
    const auto resolved = fp32.session->resolve(*plan, {}, {});
    const auto path = support::temporaryFolder() / (std::string(GetParam().name) + "_written.onnx");
    io::writeFileAtomically(
        path, io::exportQdq(*fp32.session->operators(*plan), *resolved, {.exposeOperators = true}).bytes);
    models::expectSameCodes(runtime, models::open(path, data, 1), path, 3, 99.9);
}

INSTANTIATE_TEST_SUITE_P(
    Shared, OwnExport,
    testing::Values(Exported{"ad_autoencoder", "mlcommons_tiny/ad01_fp32.onnx", "ad_autoencoder.data.json"},
                    Exported{"vww_mobilenet", "mlcommons_tiny/vww_96_float.onnx", "vww_mobilenet.data.json"}),
    [](const auto& e) { return std::string(e.param.name); });

} // namespace
