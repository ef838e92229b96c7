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

using core::DataType;
using core::Shape;
using core::Tensor;
using Ints = std::vector<std::int64_t>;
using Names = std::vector<std::string>;
using Attributes = std::map<std::string, core::Attribute, std::less<>>;

constexpr const char* kMicrosoft = "com.microsoft";

/// What the tools differ in.
struct Form
{
    const char* name;
    int opset;
    DataType activations;
    DataType weights;
    bool perChannel;
};

void PrintTo(const Form& form, std::ostream* out) { *out << form.name; }

/// Constants of quantized models: scales, zero points, seeded codes of weights and biases.
class Constants
{
public:
    Constants(io::OnnxWriter& writer, const Form& form)
        : m_writer(writer)
        , m_form(form)
    {
    }

    /// Names of a scale and a zero point for a tensor of activations.
    Names activation(const std::string& name, float scale, int zeroPointOfU8)
    {
        const bool isSigned = m_form.activations == DataType::Int8;
        write(name + "_scale", core::makeTensor<float>({}, std::array{scale}));
        write(name + "_zero_point",
              core::castTo(core::makeTensor<float>(
                               {}, std::array{static_cast<float>(zeroPointOfU8 - (isSigned ? 128 : 0))}),
                           m_form.activations));
        return {name + "_scale", name + "_zero_point"};
    }

    /// Names of codes, scale and zero point.
    Names weights(const std::string& name, const Shape& shape, std::size_t axis, bool mayBePerChannel = true)
    {
        const bool isPerChannel = m_form.perChannel && mayBePerChannel;
        const int zero = m_form.weights == DataType::UInt8 ? 128 : 0;
        const auto channels = static_cast<std::size_t>(isPerChannel ? shape[axis] : 1);
        m_scales.clear();
        for (std::size_t c = 0; c < channels; ++c) {
            m_scales.push_back(0.0015f + 0.0001f * static_cast<float>(c % 7));
        }
        std::vector<float> codes(static_cast<std::size_t>(core::elementCount(shape)));
        std::uniform_int_distribution<int> any(-127, 127);
        std::ranges::generate(codes, [&] { return static_cast<float>(any(m_random) + zero); });
        const Shape parameters = isPerChannel ? Shape{shape[axis]} : Shape{};
        write(name + "_codes", core::castTo(core::makeTensor<float>(shape, codes), m_form.weights));
        write(name + "_scale", core::makeTensor<float>(parameters, m_scales));
        const std::vector<float> zeros(channels, static_cast<float>(zero));
        write(name + "_zero_point", core::castTo(core::makeTensor<float>(parameters, zeros), m_form.weights));
        return {name + "_codes", name + "_scale", name + "_zero_point"};
    }

    /// s32 codes in units of srcScale · the scales of the weights written last; also writes scale and zero
    /// point.
    Names bias(const std::string& name, std::int64_t channels, float srcScale)
    {
        std::vector<std::int32_t> codes;
        for (std::int64_t c = 0; c < channels; ++c) {
            codes.push_back(static_cast<std::int32_t>(37 * c) - 200);
        }
        std::vector<float> scales;
        std::ranges::transform(m_scales, std::back_inserter(scales), [&](float s) { return s * srcScale; });
        const Shape parameters = scales.size() > 1 ? Shape{channels} : Shape{};
        write(name + "_codes", core::makeTensor<std::int32_t>({channels}, codes));
        write(name + "_scale", core::makeTensor<float>(parameters, scales));
        write(name + "_zero_point",
              core::makeTensor<std::int32_t>(parameters, std::vector<std::int32_t>(scales.size(), 0)));
        return {name + "_codes", name + "_scale", name + "_zero_point"};
    }

    void write(const std::string& name, const Tensor& tensor) { m_writer.initializer(name, tensor); }

private:
    io::OnnxWriter& m_writer;
    const Form& m_form;
    std::mt19937 m_random{11};
    std::vector<float> m_scales; ///< of the weights written last
};

Names joined(std::initializer_list<Names> parts)
{
    Names all;
    for (const Names& part : parts) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

/// Operators on codes, each with scales and zero points as inputs; every result is an output through
/// DequantizeLinear.
class QOperatorWriter
{
public:
    explicit QOperatorWriter(const Form& form)
        : m_form(form)
        , m_constants(m_writer, form)
    {
    }

    std::string write()
    {
        m_writer.input("x", DataType::Float32, {1, 3, 12, 12});
        const Names x = params("x", 0.03f, 117);
        m_writer.node("QuantizeLinear", "quantize", {"x", x[0], x[1]}, {"x_codes"});
        const Names conv1 = convolution("conv1", {"x_codes", x[0], x[1]}, 0.03f, {8, 3, 3, 3}, 1, 0.02f, 40);
        const Names conv2 = convolution("conv2", conv1, 0.02f, {8, 1, 3, 3}, 8, 0.02f, 121);
        const Names add =
            node("QLinearAdd", "add", joined({conv1, conv2}), 0.03f, 90, {1, 8, 12, 12}, {}, kMicrosoft);
        const Names gate =
            node("QLinearSigmoid", "gate", conv2, 1.0f / 256.0f, 0, {1, 8, 12, 12}, {}, kMicrosoft);
        const Names mul =
            node("QLinearMul", "mul", joined({add, gate}), 0.02f, 100, {1, 8, 12, 12}, {}, kMicrosoft);
        const Names leaky =
            node("QLinearLeakyRelu", "leaky", mul, 0.015f, 30, {1, 8, 12, 12}, {{"alpha", 0.2f}}, kMicrosoft);
        const Names joint = params("concat", 0.025f, 99);
        m_writer.node("QLinearConcat", "concat", joined({joint, add, mul, leaky}), {"concat_codes"},
                      {{"axis", std::int64_t{1}}}, kMicrosoft);
        Names pooled{"concat_codes", joint[0], joint[1]};
        expose(pooled, "concat", {1, 24, 12, 12});
        if (m_form.opset >= 12) { // before, MaxPool took no codes
            m_writer.node("MaxPool", "max", {"concat_codes"}, {"max_codes"},
                          {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
            pooled[0] = "max_codes";
            expose(pooled, "max", {1, 24, 6, 6});
        }
        const Names mean = node("QLinearGlobalAveragePool", "mean", pooled, 0.004f, 110, {1, 24, 1, 1},
                                {{"channels_last", std::int64_t{0}}}, kMicrosoft);
        m_constants.write("flat_shape", core::makeTensor<std::int64_t>({2}, Ints{1, 24}));
        m_writer.node("Reshape", "flat", {mean[0], "flat_shape"}, {"flat_codes"});
        const Names flat{"flat_codes", mean[1], mean[2]};
        const Names product =
            node("QLinearMatMul", "product",
                 joined({flat, m_constants.weights("product_w", {24, 16}, 1, false)}), 0.01f, 128, {1, 16});
        const Names weights = m_constants.weights("gemm_w", {10, 16}, 0);
        const Names bias = m_constants.bias("gemm_b", 10, 0.01f);
        const Names gemm = node("QGemm", "gemm", joined({product, weights, {bias[0]}}), 0.02f, 121, {1, 10},
                                {{"transB", std::int64_t{1}}}, kMicrosoft);
        node("QLinearSoftmax", "softmax", gemm, 1.0f / 256.0f, 0, {1, 10},
             {{"axis", std::int64_t{-1}}, {"opset", std::int64_t{13}}}, kMicrosoft);
        return m_writer.finish("qoperator", m_form.opset);
    }

private:
    Names params(const std::string& name, float scale, int zeroPoint)
    {
        return m_constants.activation(name, scale, zeroPoint);
    }

    void expose(const Names& codes, const std::string& name, const Shape& shape)
    {
        m_writer.node("DequantizeLinear", name + "_dequantize", codes, {name + "_out"});
        m_writer.output(name + "_out", DataType::Float32, shape);
    }

    /// The result's codes, scale and zero point.
    Names node(const std::string& type, const std::string& name, const Names& inputs, float scale,
               int zeroPoint, const Shape& shape, const Attributes& attributes = {},
               const std::string& domain = {})
    {
        const Names p = params(name, scale, zeroPoint);
        m_writer.node(type, name, joined({inputs, p}), {name + "_codes"}, attributes, domain);
        const Names result{name + "_codes", p[0], p[1]};
        expose(result, name, shape);
        return result;
    }

    Names convolution(const std::string& name, const Names& src, float srcScale, const Shape& shape,
                      std::int64_t group, float scale, int zeroPoint)
    {
        const Names p = params(name, scale, zeroPoint);
        const Names weights = m_constants.weights(name + "_w", shape, 0);
        const Names bias = m_constants.bias(name + "_b", shape[0], srcScale);
        m_writer.node("QLinearConv", name, joined({src, weights, p, {bias[0]}}), {name + "_codes"},
                      {{"pads", Ints{1, 1, 1, 1}}, {"group", group}});
        const Names result{name + "_codes", p[0], p[1]};
        expose(result, name, {1, shape[0], 12, 12});
        return result;
    }

    const Form& m_form;
    io::OnnxWriter m_writer;
    Constants m_constants;
};

/// Float operators between DequantizeLinear and QuantizeLinear that a convolutional network needs besides
/// Conv and Add; every one's result is an output.
class QdqWriter
{
public:
    explicit QdqWriter(const Form& form)
        : m_form(form)
        , m_constants(m_writer, form)
    {
    }

    std::string write()
    {
        m_writer.input("x", DataType::Float32, {1, 6, 9, 7});
        const std::string x = quantized("x", 0.03f, 117, {});
        const std::string up =
            node("ConvTranspose", "up",
                 {x, real("up_w", m_constants.weights("up_w", {6, 5, 2, 2}, 1), 1), biasOf("up_b", 5, 0.03f)},
                 0.02f, 121, {1, 5, 18, 14}, {{"strides", Ints{2, 2}}});
        const std::string max = node("MaxPool", "max", {up}, 0.02f, 121, {1, 5, 9, 7},
                                     {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
        const std::string gate = node("Sigmoid", "gate", {max}, 1.0f / 256.0f, 0, {1, 5, 9, 7});
        const std::string swish = node("Mul", "swish", {max, gate}, 0.018f, 20, {1, 5, 9, 7});
        const std::string joint = node("Concat", "concat", {swish, max, gate}, 0.02f, 110, {1, 15, 9, 7},
                                       {{"axis", std::int64_t{1}}});
        const std::string mean = node("AveragePool", "average", {joint}, 0.015f, 100, {1, 15, 4, 3},
                                      {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
        const std::string large = node(
            "Resize", "resize", joined({{mean}, scales()}), 0.013f, 101, {1, 15, 12, 9},
            m_form.opset >= 11 ? Attributes{{"mode", std::string("linear")},
                                            {"coordinate_transformation_mode", std::string("half_pixel")}}
                               : Attributes{{"mode", std::string("linear")}});
        const std::string all = node("GlobalAveragePool", "mean", {large}, 0.006f, 128, {1, 15, 1, 1});
        const std::string flat = node("Flatten", "flat", {all}, 0.006f, 128, {1, 15});
        const std::string gemm = node("Gemm", "gemm",
                                      {flat, real("gemm_w", m_constants.weights("gemm_w", {11, 15}, 0), 0),
                                       biasOf("gemm_b", 11, 0.006f)},
                                      0.02f, 60, {1, 11}, {{"transB", std::int64_t{1}}});
        node("Softmax", "softmax", {gemm}, 1.0f / 256.0f, 0, {1, 11}, {{"axis", std::int64_t{1}}});
        return m_writer.finish("qdq", m_form.opset);
    }

private:
    /// Factor 3 of both axes, in the form of the opset.
    Names scales()
    {
        m_constants.write("resize_scales", core::makeTensor<float>({4}, std::array{1.0f, 1.0f, 3.0f, 3.0f}));
        if (m_form.opset < 11) {
            return {"resize_scales"};
        }
        return {"", "resize_scales"};
    }

    std::string real(const std::string& name, const Names& coded, std::int64_t axis)
    {
        Attributes attributes;
        if (m_form.perChannel) {
            attributes["axis"] = axis;
        }
        m_writer.node("DequantizeLinear", name + "_dequantize", coded, {name + "_real"}, attributes);
        return name + "_real";
    }

    std::string biasOf(const std::string& name, std::int64_t channels, float srcScale)
    {
        return real(name, m_constants.bias(name, channels, srcScale), 0);
    }

    std::string quantized(const std::string& value, float scale, int zeroPoint, const Shape& shape)
    {
        const Names p = m_constants.activation(value, scale, zeroPoint);
        m_writer.node("QuantizeLinear", value + "_quantize", {value, p[0], p[1]}, {value + "_codes"});
        m_writer.node("DequantizeLinear", value + "_dequantize", {value + "_codes", p[0], p[1]},
                      {value + "_real"});
        if (!shape.empty()) {
            m_writer.output(value + "_real", DataType::Float32, shape);
        }
        return value + "_real";
    }

    std::string node(const std::string& type, const std::string& name, const Names& inputs, float scale,
                     int zeroPoint, const Shape& shape, const Attributes& attributes = {})
    {
        m_writer.node(type, name, inputs, {name + "_out"}, attributes);
        return quantized(name + "_out", scale, zeroPoint, shape);
    }

    const Form& m_form;
    io::OnnxWriter m_writer;
    Constants m_constants;
};

std::filesystem::path written(const Form& form, const std::string& kind, const std::string& bytes)
{
    const auto path = support::temporaryFolder() / (std::string(form.name) + "_" + kind + ".onnx");
    io::writeFileAtomically(path, bytes);
    return path;
}

/// What runs in integers, by name of the operator.
void expectInteger(const app::Project& project, const Names& names)
{
    const auto plan = std::make_shared<const core::QuantizationPlan>(core::QuantizationPlan::makeWritten());
    const auto report = project.session->run(plan, {}, {});
    for (const std::string& name : names) {
        const auto layer = std::ranges::find(report->layers, name, [](const auto& l) { return l->name; });
        ASSERT_NE(layer, report->layers.end()) << name;
        EXPECT_EQ((*layer)->effective, core::kInt8) << name << ": " << (*layer)->reason;
        EXPECT_EQ((*layer)->implementation.find("dequantize+"), std::string::npos)
            << name << ": " << (*layer)->implementation;
    }
}

class QOperatorModel : public testing::TestWithParam<Form>
{
};

TEST_P(QOperatorModel, GivesTheCodesOfOnnxRuntime)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    const auto path = written(GetParam(), "qoperator", QOperatorWriter(GetParam()).write());
    const app::Project project = models::open(path, {});
    models::expectSameCodes(runtime, project, path, project.data.evaluation->size(), 99.9);
}

TEST_P(QOperatorModel, RunsInIntegersThroughout)
{
    const auto path = written(GetParam(), "qoperator_report", QOperatorWriter(GetParam()).write());
    expectInteger(
        models::open(path, {}),
        {"conv1", "conv2", "add", "gate", "mul", "leaky", "concat", "mean", "product", "gemm", "softmax"});
}

INSTANTIATE_TEST_SUITE_P(
    Forms, QOperatorModel,
    testing::Values(Form{"opset10_u8", 10, DataType::UInt8, DataType::UInt8, false},
                    Form{"opset13_u8_per_channel", 13, DataType::UInt8, DataType::Int8, true},
                    Form{"opset13_s8_per_channel", 13, DataType::Int8, DataType::Int8, true},
                    Form{"opset19_u8", 19, DataType::UInt8, DataType::Int8, false},
                    Form{"opset21_u8_per_channel", 21, DataType::UInt8, DataType::Int8, true}),
    [](const auto& form) { return std::string(form.param.name); });

class QdqModel : public testing::TestWithParam<Form>
{
};

TEST_P(QdqModel, GivesTheCodesOfOnnxRuntime)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    const auto path = written(GetParam(), "qdq", QdqWriter(GetParam()).write());
    const app::Project project = models::open(path, {});
    models::expectSameCodes(runtime, project, path, project.data.evaluation->size(), 99.9);
}

TEST_P(QdqModel, RunsInIntegersThroughout)
{
    const auto path = written(GetParam(), "qdq_report", QdqWriter(GetParam()).write());
    expectInteger(
        models::open(path, {}),
        {"up", "max", "gate", "swish", "concat", "average", "resize", "mean", "flat", "gemm", "softmax"});
}

INSTANTIATE_TEST_SUITE_P(
    Forms, QdqModel,
    testing::Values(Form{"opset10_u8", 10, DataType::UInt8, DataType::UInt8, false},
                    Form{"opset13_u8_per_channel", 13, DataType::UInt8, DataType::Int8, true},
                    Form{"opset13_s8_per_channel", 13, DataType::Int8, DataType::Int8, true},
                    Form{"opset19_u8_per_channel", 19, DataType::UInt8, DataType::Int8, true},
                    Form{"opset21_s8", 21, DataType::Int8, DataType::Int8, false},
                    Form{"opset21_u8_per_channel", 21, DataType::UInt8, DataType::Int8, true}),
    [](const auto& form) { return std::string(form.param.name); });

} // namespace
