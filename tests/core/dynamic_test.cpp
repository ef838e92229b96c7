#include "core/calibration/collector.h"
#include "core/execution/dynamic_executable.h"
#include "core/execution/pipeline.h"
#include "core/measure/calibration_pass.h"
#include "core/quantization/resolved_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace {

using core::GraphBuilder;
using core::Shape;
using core::Tensor;

std::vector<float> normalValues(std::size_t count, unsigned seed)
{
    std::mt19937 generator(seed);
    std::normal_distribution<float> normal(0.2f, 1.0f);
    std::vector<float> values(count);
    std::ranges::generate(values, [&] { return normal(generator); });
    return values;
}

Tensor tensor(Shape shape, unsigned seed)
{
    const auto values = normalValues(static_cast<std::size_t>(core::elementCount(shape)), seed);
    return core::makeTensor<float>(std::move(shape), std::span<const float>(values));
}

core::ValueId add(GraphBuilder& b, const std::string& type, const std::string& name,
                  std::vector<core::ValueId> inputs, Shape shape,
                  std::map<std::string, core::Attribute, std::less<>> attributes = {})
{
    const core::ValueId output = b.value(name + "_out");
    b.declare(output, core::DataType::Float32, std::move(shape));
    core::Node node;
    node.name = name;
    node.type = type;
    node.version = 13;
    node.inputs = std::move(inputs);
    node.outputs = {output};
    node.attributes = std::move(attributes);
    b.node(std::move(node));
    return output;
}

/// A network with everything that runs it, under activation.method=dynamic.
struct Network
{
    std::shared_ptr<const core::OperatorGraph> graph;
    std::unique_ptr<core::Pipeline> pipeline;
    core::Sample sample;
    core::WeightCache weights;
    core::ResolvedPlan plan;

    Network(GraphBuilder&& b, const Tensor& input, core::Scheme scheme)
        : graph(core::fuseOperators(std::make_shared<const core::Graph>(std::move(b).finish()), {}))
        , pipeline(std::make_unique<core::Pipeline>(graph))
        , sample{{input}, {}, 1}
    {
        auto wish = core::QuantizationPlan::makeDefault();
        wish.defaults.activation.method = core::parseCalibrationMethod("dynamic");
        wish.defaults.activation.scheme = scheme;
        // Calibrated on something else: a dynamic value must not care.
        auto statistics = core::statisticsOfValues(*graph, sample,
                                                   pipeline->runFloat({{tensor(input.shape(), 99)}, {}, 1}));
        plan = core::resolvePlan(*graph, wish, statistics, weights);
    }

    core::SampleValues run()
    {
        core::SampleValues values(graph->graph->values().size());
        for (std::size_t i = 0; i < graph->operators.size(); ++i) {
            const auto id = static_cast<core::OperatorId>(i);
            pipeline->runQuantized(id, plan, *pipeline->quantizedForm(id, plan), sample, values);
        }
        return values;
    }
};

/// What ONNX's DynamicQuantizeLinear would hand on, as reals.
std::vector<double> quantizedByItself(std::span<const float> x, core::Scheme scheme)
{
    double min = 0.0;
    double max = 0.0;
    for (const float v : x) {
        min = std::min<double>(min, v);
        max = std::max<double>(max, v);
    }
    const bool symmetric = scheme == core::Scheme::Symmetric;
    const double scale = static_cast<float>(symmetric ? std::max(-min, max) / 127.0 : (max - min) / 255.0);
    const double zero = symmetric ? 0.0 : std::clamp(std::nearbyint(-min / scale), 0.0, 255.0);
    std::vector<double> result;
    for (const float v : x) {
        const double code = std::nearbyint(v / static_cast<float>(scale)) + zero;
        result.push_back(scale
                         * (std::clamp(code, symmetric ? -127.0 : 0.0, symmetric ? 127.0 : 255.0) - zero));
    }
    return result;
}

TEST(Dynamic, AConvolutionQuantizesItsInputByItsOwnRange)
{
    for (const core::Scheme scheme : {core::Scheme::Asymmetric, core::Scheme::Symmetric}) {
        GraphBuilder b;
        const auto x = b.input("x", core::DataType::Float32, {1, 3, 5, 5});
        b.output(add(b, "Conv", "conv",
                     {x, b.constant("w", tensor({4, 3, 3, 3}, 1)), b.constant("b", tensor({4}, 2))},
                     {1, 4, 5, 5},
                     {{"kernel_shape", std::vector<std::int64_t>{3, 3}},
                      {"pads", std::vector<std::int64_t>{1, 1, 1, 1}}}));
        Network net(std::move(b), tensor({1, 3, 5, 5}, 7), scheme);
        const core::Operator& op = net.graph->operators[1];
        const core::ResolvedOperator& resolved = net.plan.operators[1];
        EXPECT_EQ(resolved.effective, core::kInt8);
        EXPECT_FALSE(resolved.writesCodes);
        EXPECT_TRUE(resolved.weights->bias.empty());

        const auto real = quantizedByItself(net.sample.inputs[0].as<float>(), scheme);
        const Tensor y = core::toLayout(net.run()[core::indexOf(op.outputs[0])], core::Layout::RowMajor);
        const auto bias = op.constants[2]->as<float>();
        for (std::size_t o = 0; o < 4; ++o) {
            for (int row = 0; row < 5; ++row) {
                for (int column = 0; column < 5; ++column) {
                    double sum = bias[o];
                    for (std::size_t k = 0; k < 27; ++k) {
                        const int i = row + static_cast<int>(k / 3 % 3) - 1;
                        const int j = column + static_cast<int>(k % 3) - 1;
                        if (i >= 0 && i < 5 && j >= 0 && j < 5) {
                            const double w = static_cast<double>(resolved.weights->params.scale[o])
                                * resolved.weights->codes[o * 27 + k];
                            sum += w * real[k / 9 * 25 + static_cast<std::size_t>(i * 5 + j)];
                        }
                    }
                    const auto at = o * 25 + static_cast<std::size_t>(row * 5 + column);
                    EXPECT_NEAR(y.as<float>()[at], sum, 1e-4);
                }
            }
        }
    }
}

TEST(Dynamic, AMatrixProductDoesSoToo)
{
    GraphBuilder b;
    const auto x = b.input("x", core::DataType::Float32, {2, 6});
    b.output(add(b, "Gemm", "fc", {x, b.constant("w", tensor({3, 6}, 1)), b.constant("b", tensor({3}, 2))},
                 {2, 3}, {{"transB", std::int64_t{1}}}));
    Network net(std::move(b), tensor({2, 6}, 7), core::Scheme::Asymmetric);
    const auto real = quantizedByItself(net.sample.inputs[0].as<float>(), core::Scheme::Asymmetric);
    const core::QuantizedWeights& w = *net.plan.operators[1].weights;
    const core::SampleValues values = net.run();
    const auto y = values[core::indexOf(net.graph->operators[1].outputs[0])].as<float>();
    for (std::size_t row = 0; row < 2; ++row) {
        for (std::size_t o = 0; o < 3; ++o) {
            double sum = net.graph->operators[1].constants[2]->as<float>()[o];
            for (std::size_t k = 0; k < 6; ++k) {
                sum += static_cast<double>(w.params.scale[o]) * w.codes[o * 6 + k] * real[row * 6 + k];
            }
            EXPECT_NEAR(y[row * 3 + o], sum, 1e-5);
        }
    }
}

core::ValueId pointwise(GraphBuilder& b, const std::string& name, core::ValueId x, unsigned seed)
{
    return add(b, "Conv", name, {x, b.constant(name + "_w", tensor({2, 2, 1, 1}, seed))}, {1, 2, 4, 4},
               {{"kernel_shape", std::vector<std::int64_t>{1, 1}}});
}

TEST(Dynamic, FallsBackToMinMaxWhereCodesAreReadAndSaysWhy)
{
    GraphBuilder b;
    const auto x = b.input("x", core::DataType::Float32, {1, 2, 4, 4});
    const auto first = pointwise(b, "first", x, 1);
    const auto pooled = add(b, "GlobalAveragePool", "pool", {first}, {1, 2, 1, 1});
    b.output(pooled);
    const Network net(std::move(b), tensor({1, 2, 4, 4}, 3), core::Scheme::Asymmetric);
    EXPECT_TRUE(net.plan.values[core::indexOf(x)]->isDynamic);
    EXPECT_FALSE(net.plan.values[core::indexOf(first)]->isDynamic);
    EXPECT_EQ(net.plan.values[core::indexOf(first)]->method.name, "minmax");
    EXPECT_TRUE(net.plan.operators[1].writesCodes); // read at run time, written with params known beforehand
    ASSERT_EQ(net.plan.warnings.size(), 1u);
    EXPECT_THAT(net.plan.warnings[0],
                testing::AllOf(testing::HasSubstr("first_out"), testing::HasSubstr("pool")));
}

TEST(Dynamic, OperatorsThatOnlyMoveCodesMoveFloatsInstead)
{
    GraphBuilder b;
    const auto x = b.input("x", core::DataType::Float32, {1, 2, 4, 4});
    const auto moved = add(b, "Transpose", "move", {pointwise(b, "first", x, 1)}, {1, 2, 4, 4},
                           {{"perm", std::vector<std::int64_t>{0, 1, 3, 2}}});
    const auto last = pointwise(b, "last", moved, 2);
    b.output(last);
    Network net(std::move(b), tensor({1, 2, 4, 4}, 3), core::Scheme::Asymmetric);
    EXPECT_TRUE(net.plan.values[core::indexOf(moved)]->isDynamic);
    EXPECT_TRUE(net.plan.warnings.empty());
    const Tensor y = net.run()[core::indexOf(last)];
    const Tensor reference = net.pipeline->runFloat(net.sample)[core::indexOf(last)];
    double error = 0.0;
    double signal = 0.0;
    const Tensor same = core::toLayout(y, reference.layout());
    for (std::size_t i = 0; i < same.as<float>().size(); ++i) {
        error += std::pow(same.as<float>()[i] - reference.as<float>()[i], 2);
        signal += std::pow(reference.as<float>()[i], 2);
    }
    EXPECT_GT(error, 0.0);
    EXPECT_LT(std::sqrt(error / signal), 0.02);
}

TEST(Dynamic, CollectsWhatItCosts)
{
    const auto collector = core::makeCollector(core::parseCalibrationMethod("dynamic"), "x", {});
    core::TensorStatistics statistics;
    for (const float size : {1.0f, 100.0f}) {
        auto values = normalValues(1000, 4);
        std::ranges::transform(values, values.begin(), [&](float v) { return size * v; });
        collector->add(values);
        statistics.merge(core::statisticsOf(values, {0, 1}));
    }
    const core::CalibrationTarget target{core::Scheme::Asymmetric, 8};
    const auto cost = collector->cost(target);
    ASSERT_TRUE(cost);
    EXPECT_NEAR(cost->signalSquared, statistics.total.sumOfSquares, 1e-6 * statistics.total.sumOfSquares);
    // One range for both samples rounds the small one a hundred times coarser than its own range does.
    const auto fixed = core::quantizationCost(
        statistics,
        core::chooseActivationParams(core::calibrate(statistics, {"minmax", std::nullopt}, target),
                                     target.scheme, 8));
    EXPECT_LT(cost->roundSquared, 0.6 * fixed.roundSquared);
}

} // namespace
