#include "tests/core/integer_form_cases.h"

#include <gtest/gtest.h>

namespace {

using namespace core;
using namespace core::forms;

/// Gates in 8 bits are no LSB of FP32: SQNR of every output in dB.
class QuantizedGates : public testing::TestWithParam<Case>
{
};

TEST_P(QuantizedGates, FollowTheFp32Cell)
{
    const auto graph = graphOf(GetParam());
    const Pipeline pipeline(graph);
    Sample sample;
    for (const Shape& shape : GetParam().inputs) {
        sample.inputs.push_back(floats(shape, -1.0f, 1.0f));
    }
    const SampleValues reference = pipeline.runFloat(sample);
    WeightCache weights;
    const ResolvedPlan plan = resolvePlan(*graph, planOf(), statisticsOf(reference), weights);
    const OperatorId id = *graph->find("op");
    ASSERT_EQ(plan.operators[indexOf(id)].kind, QuantizedKind::OwnRange)
        << plan.operators[indexOf(id)].reason;
    EXPECT_EQ(pipeline.quantizedForm(id, plan)->implementation, "quantized-gates");
    SampleValues values(graph->graph->values().size());
    for (std::size_t i = 0; i < graph->operators.size(); ++i) {
        const OperatorId each{static_cast<std::uint32_t>(i)};
        pipeline.runQuantized(each, plan, *pipeline.quantizedForm(each, plan), sample, values);
    }
    for (const ValueId output : graph->at(id).outputs) {
        const Tensor real = toLayout(
            dequantized(values[indexOf(output)], plan.values[indexOf(output)]->params), Layout::RowMajor);
        const auto ours = real.as<float>();
        const Tensor rows = toLayout(reference[indexOf(output)], Layout::RowMajor);
        double error = 0.0;
        double signal = 0.0;
        for (std::size_t i = 0; i < ours.size(); ++i) {
            error += std::pow(static_cast<double>(ours[i]) - rows.as<float>()[i], 2);
            signal += std::pow(static_cast<double>(rows.as<float>()[i]), 2);
        }
        EXPECT_GT(10.0 * std::log10(signal / error), 18.0) << graph->value(output).name;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Recurrent, QuantizedGates,
    testing::Values(Case{"Lstm",
                         "LSTM",
                         {{6, 2, 17}},
                         {{1, floats({1, 64, 17}, -0.3f, 0.3f)},
                          {2, floats({1, 64, 16}, -0.3f, 0.3f)},
                          {3, floats({1, 128}, -0.3f, 0.3f)}},
                         {{"hidden_size", std::int64_t{16}}},
                         14,
                         3},
                    Case{"LstmReverse",
                         "LSTM",
                         {{5, 1, 9}},
                         {{1, floats({1, 32, 9}, -0.5f, 0.5f)}, {2, floats({1, 32, 8}, -0.5f, 0.5f)}},
                         {{"hidden_size", std::int64_t{8}}, {"direction", std::string("reverse")}},
                         14,
                         3},
                    Case{"LstmBothWays",
                         "LSTM",
                         {{4, 2, 5}},
                         {{1, floats({2, 28, 5}, -0.5f, 0.5f)}, {2, floats({2, 28, 7}, -0.5f, 0.5f)}},
                         {{"hidden_size", std::int64_t{7}}, {"direction", std::string("bidirectional")}},
                         14,
                         3},
                    Case{"LstmWithInitialState",
                         "LSTM",
                         {{3, 1, 8}, {1, 1, 16}, {1, 1, 16}},
                         {{1, floats({1, 64, 8}, -0.4f, 0.4f)},
                          {2, floats({1, 64, 16}, -0.4f, 0.4f)},
                          {3, Tensor()},
                          {4, Tensor()}},
                         {{"hidden_size", std::int64_t{16}}},
                         14,
                         3},
                    Case{"Gru",
                         "GRU",
                         {{6, 2, 17}},
                         {{1, floats({1, 48, 17}, -0.3f, 0.3f)},
                          {2, floats({1, 48, 16}, -0.3f, 0.3f)},
                          {3, floats({1, 96}, -0.3f, 0.3f)}},
                         {{"hidden_size", std::int64_t{16}}},
                         14,
                         2},
                    Case{"GruLinearBeforeReset",
                         "GRU",
                         {{6, 1, 9}},
                         {{1, floats({1, 24, 9}, -0.4f, 0.4f)}, {2, floats({1, 24, 8}, -0.4f, 0.4f)}},
                         {{"hidden_size", std::int64_t{8}}, {"linear_before_reset", std::int64_t{1}}},
                         14,
                         2}),
    [](const auto& c) { return c.param.name; });

/// An LSTM of which only the first output is used computes the others all the same: they are no counts.
TEST(IntegerForms, UnusedOutputsOfACellAreNotTakenForCounts)
{
    const auto graph = graphOf({"Lstm",
                                "LSTM",
                                {{3, 1, 4}},
                                {{1, floats({1, 8, 4})}, {2, floats({1, 8, 2})}},
                                {{"hidden_size", std::int64_t{2}}},
                                14,
                                1});
    const Pipeline pipeline(graph);
    Sample sample;
    sample.inputs = {floats({3, 1, 4})};
    WeightCache weights;
    const ResolvedPlan plan = resolvePlan(*graph, planOf(), statisticsOf(pipeline.runFloat(sample)), weights);
    for (std::size_t i = 0; i < graph->operators.size(); ++i) {
        const OperatorId id{static_cast<std::uint32_t>(i)};
        if (graph->at(id).type == "LSTM") {
            const Tensor x =
                quantized(sample.inputs[0], plan.values[indexOf(graph->at(id).inputs[0])]->params);
            std::vector<Tensor> inputs(graph->at(id).inputs.size());
            inputs[0] = x;
            EXPECT_EQ(pipeline.quantizedForm(id, plan)->run(inputs).size(), graph->at(id).outputs.size());
        }
    }
}

} // namespace
