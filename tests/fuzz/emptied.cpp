#include "tests/fuzz/emptied.h"

#include <algorithm>

namespace fuzz {

namespace {

constexpr double kEverywhere = 0.5; ///< share in which all inputs lose that dimension, not one axis of one
constexpr double kConstants = 0.4; ///< share of those in which constants lose it, too

core::Tensor ofLengthZero(const core::Tensor& tensor, const core::Shape& shape)
{
    return core::TensorBuilder(tensor.type(), shape).finish();
}

core::Shape without(core::Shape shape, std::int64_t dimension)
{
    std::ranges::replace(shape, dimension, std::int64_t{0});
    return shape;
}

} // namespace

DrawnGraph emptied(DrawnGraph graph, Random& random)
{
    std::vector<DrawnInput*> candidates;
    for (DrawnInput& input : graph.inputs) {
        if (input.samples[0].rank() > 0) {
            candidates.push_back(&input);
        }
    }
    if (candidates.empty()) {
        return graph;
    }
    DrawnInput& chosen = *random.pick(candidates);
    core::Shape shape = chosen.samples[0].shape();
    const auto axis = static_cast<std::size_t>(random.between(0, std::ssize(shape) - 1));
    const std::int64_t dimension = shape[axis];
    const auto setShape = [](DrawnInput& input, const core::Shape& to) {
        for (core::Tensor& sample : input.samples) {
            sample = ofLengthZero(sample, to);
        }
    };
    graph.forms.insert("zero length");
    if (!random.chance(kEverywhere)) {
        shape[axis] = 0;
        setShape(chosen, shape);
        return graph;
    }
    for (DrawnInput* input : candidates) {
        const core::Shape& before = input->samples[0].shape();
        if (std::ranges::find(before, dimension) != before.end()) {
            setShape(*input, without(before, dimension));
        }
    }
    if (random.chance(kConstants)) {
        for (DrawnConstant& constant : graph.constants) {
            const core::Shape& before = constant.tensor.shape();
            if (core::isFloatingPoint(constant.tensor.type())
                && std::ranges::find(before, dimension) != before.end()) {
                constant.tensor = ofLengthZero(constant.tensor, without(before, dimension));
            }
        }
    }
    return graph;
}

} // namespace fuzz
