#include "core/base/error.h"
#include "io/data/input_source.h"

#include <algorithm>
#include <fmt/format.h>

namespace io {

namespace {

using core::DataType;
using core::Error;
using core::ErrorKind;

/// What --shape takes to know it: the name of its first open dimension, else its own.
std::string askedFor(const InputSpec& spec)
{
    for (std::size_t axis = 0; axis < spec.shape.size() && axis < spec.dimensionNames.size(); ++axis) {
        if (spec.shape[axis] == core::kDynamic && axis > 0 && !spec.dimensionNames[axis].empty()) {
            return spec.dimensionNames[axis];
        }
    }
    return spec.name;
}

/// The described shape, or the model's with a batch of one.
core::Shape wholeShape(const InputDescription& input, const InputSpec& spec)
{
    core::Shape shape = input.shape.value_or(spec.shape);
    if (!input.shape && !shape.empty() && shape.front() == core::kDynamic) {
        shape.front() = 1;
    }
    if ((!input.shape && !spec.hasShape) || !core::isStatic(shape)) {
        throw Error(
            ErrorKind::ShapeMismatch,
            fmt::format("input {} has the shape {}: give its dimensions with --shape {}=… or the key 'shape'",
                        spec.name, spec.hasShape ? spec.shapeText() : "unknown", askedFor(spec)));
    }
    constexpr std::int64_t kMostElements = std::int64_t{1} << 30;
    if (core::elementCount(shape) > kMostElements) {
        throw Error(ErrorKind::OutOfBudget,
                    fmt::format("input {}: {} has more than {} elements", spec.name, core::toString(shape),
                                kMostElements));
    }
    return shape;
}

/// The same tensor for every sample.
class FixedSource : public InputSource
{
public:
    explicit FixedSource(core::Tensor tensor)
        : m_tensor(std::move(tensor))
    {
    }
    [[nodiscard]] std::optional<std::size_t> size() const override { return std::nullopt; }
    [[nodiscard]] core::Tensor load(std::size_t) const override { return m_tensor; }
    [[nodiscard]] std::string fingerprint() const override
    {
        return fmt::format("fixed {} {} {}\n", core::nameOf(m_tensor.type()),
                           core::toString(m_tensor.shape()),
                           std::string(reinterpret_cast<const char*>(m_tensor.data()), m_tensor.byteCount()));
    }

private:
    core::Tensor m_tensor;
};

core::Tensor filled(const core::Shape& shape, std::span<const double> values, DataType type)
{
    core::TensorBuilder builder(DataType::Float64, shape);
    const auto dst = builder.as<double>();
    for (std::size_t i = 0; i < dst.size(); ++i) {
        dst[i] = values.size() == 1 ? values.front() : values[i];
    }
    return core::castTo(std::move(builder).finish(), type);
}

/// Counter-based: any element of any sample without those before it (the finalizer of SplitMix64).
std::uint64_t mixed(std::uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

class RandomSource : public InputSource
{
public:
    RandomSource(core::Shape shape, const InputDescription& input, const InputSpec& spec)
        : m_shape(std::move(shape))
        , m_seed(mixed(input.seed))
        , m_samples(static_cast<std::size_t>(input.samples))
        , m_type(spec.type)
    {
        for (const char c : spec.name) { // inputs of one model differ
            m_seed = mixed(m_seed ^ static_cast<unsigned char>(c));
        }
    }
    [[nodiscard]] std::optional<std::size_t> size() const override { return m_samples; }
    [[nodiscard]] bool isSynthetic() const override { return true; }
    [[nodiscard]] core::Tensor load(std::size_t index) const override
    {
        core::TensorBuilder builder(DataType::Float32, m_shape);
        const auto dst = builder.as<float>();
        const std::uint64_t start = mixed(m_seed ^ mixed(index));
        for (std::size_t i = 0; i < dst.size(); ++i) {
            dst[i] = core::isFloatingPoint(m_type) ? nearlyNormal(start + 3 * i)
                                                   : static_cast<float>(mixed(start + i) & 1);
        }
        return core::castTo(std::move(builder).finish(), m_type);
    }
    [[nodiscard]] std::string fingerprint() const override
    {
        return fmt::format("random {} {} {}\n", m_seed, core::toString(m_shape), m_samples);
    }

private:
    /// Twelve uniform numbers of 16 bits: variance 12 · 1/12 = 1, mean 12 · (1 − 2⁻¹⁶) / 2 taken off.
    static float nearlyNormal(std::uint64_t counter)
    {
        std::int32_t sum = 0;
        for (std::uint64_t k = 0; k < 3; ++k) {
            const std::uint64_t bits = mixed(counter + k);
            sum += static_cast<std::int32_t>((bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff)
                                             + (bits >> 48));
        }
        return static_cast<float>(sum - 6 * 65535) / 65536.0f;
    }

    core::Shape m_shape;
    std::uint64_t m_seed;
    std::size_t m_samples;
    DataType m_type;
};

} // namespace

InputSourcePtr makeConstant(const InputDescription& input, const InputSpec& spec)
{
    const core::Shape shape = wholeShape(input, spec);
    const std::int64_t count = core::elementCount(shape);
    if (input.value.size() != 1 && static_cast<std::int64_t>(input.value.size()) != count) {
        throw Error(ErrorKind::ShapeMismatch,
                    fmt::format("constant of {} values, input {} takes {}", input.value.size(), spec.name,
                                core::toString(shape)));
    }
    return std::make_shared<FixedSource>(filled(shape, input.value, spec.type));
}

InputSourcePtr makeState(const InputDescription& input, const InputSpec& spec)
{
    return std::make_shared<FixedSource>(
        filled(wholeShape(input, spec), std::span(&input.initial, 1), spec.type));
}

InputSourcePtr makeRandom(const InputDescription& input, const InputSpec& spec)
{
    return std::make_shared<RandomSource>(wholeShape(input, spec), input, spec);
}

} // namespace io
