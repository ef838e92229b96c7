#include "tests/fuzz/draw_values.h"

#include <limits>

namespace fuzz {

namespace {

using core::DataType;

double ordinary(Random& random) { return random.normal(); }

double drawReal(Random& random, Values values, double constant)
{
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    switch (values) {
    case Values::Normal:
        return ordinary(random);
    case Values::Positive:
        return random.real(0.1, 4.0);
    case Values::Unit:
        return random.real(-1.0, 1.0);
    case Values::SmallIntegers:
        return 0.5 * static_cast<double>(random.between(-8, 8));
    case Values::Zeros:
        return 0.0;
    case Values::Constant:
        return constant;
    case Values::SignedZeros:
        return random.chance(0.3) ? (random.chance(0.5) ? -0.0 : 0.0) : ordinary(random);
    case Values::Subnormal:
        return random.chance(0.5) ? 1e-40 * ordinary(random) : 0.0;
    case Values::Huge:
        return 1e20 * ordinary(random);
    case Values::Tiny:
        return 1e-20 * ordinary(random);
    case Values::Infinite:
        return random.chance(0.15) ? (random.chance(0.5) ? kInfinity : -kInfinity) : ordinary(random);
    case Values::NotANumber:
        return random.chance(0.15) ? std::numeric_limits<double>::quiet_NaN() : ordinary(random);
    }
    return 0.0;
}

} // namespace

std::string_view nameOf(Values values)
{
    constexpr std::string_view kNames[] = {"normal", "positive", "unit",     "small integers",
                                           "zeros",  "constant", "±0",       "subnormal",
                                           "1e20",   "1e-20",    "infinity", "NaN"};
    return kNames[static_cast<std::size_t>(values)];
}

bool isExtreme(Values values)
{
    return values == Values::Huge || values == Values::Infinite || values == Values::NotANumber
        || values == Values::Tiny || values == Values::Subnormal;
}

Values drawValues(Random& random)
{
    if (random.chance(0.8)) {
        return random.pick(
            {Values::Normal, Values::Normal, Values::Positive, Values::Unit, Values::SmallIntegers});
    }
    return random.pick({Values::Zeros, Values::Constant, Values::SignedZeros, Values::Subnormal, Values::Huge,
                        Values::Tiny, Values::Infinite, Values::NotANumber});
}

core::Tensor drawTensor(Random& random, DataType type, const core::Shape& shape, Values values)
{
    if (!core::isFloatingPoint(type)) {
        const bool isUnsigned = type == DataType::UInt8 || type == DataType::UInt16
            || type == DataType::UInt32 || type == DataType::UInt64;
        const std::int64_t low = type == DataType::Bool || isUnsigned ? 0 : -9;
        return drawIntegers(random, type, shape, low, type == DataType::Bool ? 1 : 20);
    }
    std::vector<float> floats(static_cast<std::size_t>(core::elementCount(shape)));
    const double constant = random.real(-2.0, 2.0);
    for (float& value : floats) {
        value = static_cast<float>(drawReal(random, values, constant));
    }
    return core::castTo(core::makeTensor<float>(shape, floats), type);
}

core::Tensor drawIntegers(Random& random, DataType type, const core::Shape& shape, std::int64_t low,
                          std::int64_t high)
{
    std::vector<double> values(static_cast<std::size_t>(core::elementCount(shape)));
    for (double& value : values) {
        value = static_cast<double>(random.between(low, high));
    }
    return tensorOf(type, shape, values);
}

core::Tensor tensorOf(DataType type, const core::Shape& shape, const std::vector<double>& values)
{
    return core::castTo(core::makeTensor<double>(shape, values), type);
}

core::Tensor int64s(const std::vector<std::int64_t>& values)
{
    return core::makeTensor<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}

} // namespace fuzz
