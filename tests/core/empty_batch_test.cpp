// A batch of no items, as upstream takes it: nothing in, nothing out. What holds no element is known when the
// shapes are, so that no kernel is asked.
#include "tests/core/integer_form_cases.h"

#include <gtest/gtest.h>

namespace {

using namespace core;
using namespace core::forms;
using Ints = std::vector<std::int64_t>;

Tensor scalars(const std::vector<float>& values)
{
    return makeTensor<float>({static_cast<std::int64_t>(values.size())}, values);
}

class EmptyBatch : public testing::TestWithParam<Case>
{
};

TEST_P(EmptyBatch, GivesAnEmptyResult)
{
    const auto full = graphOf(GetParam());
    Case none = GetParam();
    for (Shape& shape : none.inputs) {
        shape[0] = 0;
    }
    const auto graph = graphOf(none);
    EXPECT_FALSE(graph->find("op"));
    const Value& before = full->graph->value(full->graph->outputs()[0]);
    const Value& after = graph->graph->value(graph->graph->outputs()[0]);
    Shape expected = before.shape;
    expected[0] = 0;
    EXPECT_EQ(after.type, before.type);
    EXPECT_EQ(after.shape, expected);
    ASSERT_TRUE(after.constant);
    EXPECT_EQ(after.constant->shape(), expected);
    EXPECT_EQ(after.constant->count(), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, EmptyBatch,
    testing::Values(Case{"Conv", "Conv", {{2, 5, 7, 6}}, {{1, floats({4, 5, 3, 3})}, {2, floats({4})}}},
                    Case{"ConvTranspose", "ConvTranspose", {{2, 5, 7, 6}}, {{1, floats({5, 4, 3, 3})}}},
                    Case{"Gemm", "Gemm", {{2, 5}}, {{1, floats({5, 3})}, {2, floats({3})}}},
                    Case{"MatMul", "MatMul", {{2, 4, 5}}, {{1, floats({5, 3})}}},
                    Case{"MatMulOfTwo", "MatMul", {{2, 4, 5}, {2, 5, 3}}},
                    Case{"MatMulByMatrices", "MatMul", {{2, 3, 4, 5}}, {{1, floats({3, 5, 6})}}},
                    Case{"Add", "Add", {{2, 5, 4, 4}, {2, 5, 4, 4}}}, Case{"Mul", "Mul", {{2, 5}, {2, 5}}},
                    Case{"Sum", "Sum", {{2, 5}, {2, 5}, {2, 5}}},
                    Case{"Concat", "Concat", {{2, 3}, {2, 5}}, {}, {{"axis", std::int64_t{1}}}},
                    Case{"Relu", "Relu", {{2, 5, 4, 4}}}, Case{"Sigmoid", "Sigmoid", {{2, 5}}},
                    Case{"MaxPool", "MaxPool", {{2, 5, 6, 6}}, {}, {{"kernel_shape", Ints{2, 2}}}},
                    Case{"AveragePool", "AveragePool", {{2, 5, 6, 6}}, {}, {{"kernel_shape", Ints{2, 2}}}},
                    Case{"GlobalAveragePool", "GlobalAveragePool", {{2, 5, 6, 6}}},
                    Case{"ReduceMean", "ReduceMean", {{2, 5, 6}}, {}, {{"axes", Ints{2}}}},
                    Case{"Softmax", "Softmax", {{2, 5}}, {}, {{"axis", std::int64_t{-1}}}},
                    Case{"BatchNormalization",
                         "BatchNormalization",
                         {{2, 3, 4, 4}},
                         {{1, scalars({1, 2, 3})},
                          {2, scalars({1, 2, 3})},
                          {3, scalars({0, 1, 0})},
                          {4, scalars({1, 4, 1})}}},
                    Case{"LayerNormalization",
                         "LayerNormalization",
                         {{2, 3, 4}},
                         {{1, scalars({1, 1, 2, 1})}, {2, scalars({0, 1, 0, 1})}},
                         {},
                         17},
                    Case{"GroupNormalization",
                         "GroupNormalization",
                         {{2, 4, 3}},
                         {{1, scalars({1, 1, 2, 1})}, {2, scalars({0, 1, 0, 1})}},
                         {{"num_groups", std::int64_t{2}}},
                         21},
                    Case{"Transpose", "Transpose", {{2, 5, 4}}, {}, {{"perm", Ints{0, 2, 1}}}},
                    Case{"Flatten", "Flatten", {{2, 5, 4}}},
                    Case{"LRN", "LRN", {{2, 5, 4, 4}}, {}, {{"size", std::int64_t{3}}}}),
    [](const auto& c) { return c.param.name; });

} // namespace
