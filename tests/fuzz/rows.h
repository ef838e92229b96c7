#pragma once

#include "tests/fuzz/draw.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

using Ints = std::vector<std::int64_t>;

inline Ints drawInts(Draw& d, std::int64_t count, std::int64_t low, std::int64_t high)
{
    Ints values(static_cast<std::size_t>(count));
    std::ranges::generate(values, [&] { return d.random.between(low, high); });
    return values;
}

/// Length of value `x` along `axis`, which may count from the end.
inline std::int64_t lengthAt(Draw& d, const std::string& x, std::int64_t axis)
{
    return d.shape(x)[static_cast<std::size_t>(axis < 0 ? axis + d.rank(x) : axis)];
}

/// How one operator is drawn. What it takes besides, it makes itself.
struct Row
{
    std::string_view domain; ///< empty for ai.onnx
    std::string_view type;
    int since; ///< lowest opset drawn
    void (*draw)(Draw& d, const Row& row);
    bool accumulates = false; ///< sums many terms: 1e20 and infinity may come out otherwise in another order
    int until = 99; ///< highest opset that still has it
};

[[nodiscard]] std::span<const Row> elementwiseRows();
[[nodiscard]] std::span<const Row> unaryRows();
[[nodiscard]] std::span<const Row> activationRows();
[[nodiscard]] std::span<const Row> linearRows();
[[nodiscard]] std::span<const Row> poolingRows();
[[nodiscard]] std::span<const Row> normalizationRows();
[[nodiscard]] std::span<const Row> reductionRows();
[[nodiscard]] std::span<const Row> movementRows();
[[nodiscard]] std::span<const Row> shapeRows();
[[nodiscard]] std::span<const Row> gatheringRows();
[[nodiscard]] std::span<const Row> selectionRows();
[[nodiscard]] std::span<const Row> generatorRows();
[[nodiscard]] std::span<const Row> quantizedRows();
[[nodiscard]] std::span<const Row> recurrentRows();
[[nodiscard]] std::span<const Row> samplingRows();
[[nodiscard]] std::span<const Row> signalRows();
[[nodiscard]] std::span<const Row> controlRows();
/// Operators that runtimes fuse, which our engine takes apart; drawn on request (`fused`, or by their type).
[[nodiscard]] std::span<const Row> fusedRows();
/// Chains that fusions and patterns catch; their type is a name in angle brackets.
[[nodiscard]] std::span<const Row> chainRows();

[[nodiscard]] const std::vector<const Row*>& allRows();
/// Null for an operator that no row draws by itself.
[[nodiscard]] const Row* findRow(std::string_view domain, std::string_view type);

struct DrawRequest
{
    std::uint64_t seed = 0;
    std::string_view operatorType; ///< only graphs with it; empty: any; "fused": any of those
    bool isEmptied = false; ///< over tensors of length zero, whatever the seed says
};
[[nodiscard]] DrawnGraph drawGraph(const DrawRequest& request);

} // namespace fuzz
