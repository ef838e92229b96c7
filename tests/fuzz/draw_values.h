#pragma once

#include "core/tensor/tensor.h"
#include "tests/fuzz/random.h"

#include <string_view>
#include <vector>

namespace fuzz {

using Types = std::vector<core::DataType>;

/// What an input or a constant holds.
enum class Values : std::uint8_t
{
    Normal, ///< around 0, of size 1
    Positive, ///< 0.1 to 4
    Unit, ///< −1 to 1
    SmallIntegers, ///< −4 to 4, ties and equal values among them
    Zeros,
    Constant,
    SignedZeros, ///< among ordinary values
    Subnormal,
    Huge, ///< around 1e20
    Tiny, ///< around 1e-20
    Infinite, ///< ±infinity among ordinary values
    NotANumber, ///< NaN among ordinary values
};

[[nodiscard]] std::string_view nameOf(Values values);
/// Whether sums of them may overflow or are no numbers.
[[nodiscard]] bool isExtreme(Values values);

/// Mostly ordinary; one in five of the other kinds.
[[nodiscard]] Values drawValues(Random& random);

[[nodiscard]] core::Tensor drawTensor(Random& random, core::DataType type, const core::Shape& shape,
                                      Values values);

/// Integers in [low, high] of an integer type, or whole numbers of a real type.
[[nodiscard]] core::Tensor drawIntegers(Random& random, core::DataType type, const core::Shape& shape,
                                        std::int64_t low, std::int64_t high);

/// Whole numbers as a tensor of that type.
[[nodiscard]] core::Tensor tensorOf(core::DataType type, const core::Shape& shape,
                                    const std::vector<double>& values);
/// A vector of int64.
[[nodiscard]] core::Tensor int64s(const std::vector<std::int64_t>& values);

} // namespace fuzz
