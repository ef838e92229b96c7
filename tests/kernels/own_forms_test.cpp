#include "kernels/float/channel_lookup.h"
#include "kernels/float/elementwise_linear.h"
#include "kernels/int8/quantized_normalization.h"
#include "kernels/int8/quantized_recurrent.h"
#include "kernels/int8/quantized_resize.h"
#include "kernels/int8/quantized_softmax.h"
#include "kernels/int8/quantized_sum.h"

#include <cmath>
#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace {

using kernels::QuantizedFormat;
using Bytes = std::vector<std::byte>;

/// Seeded codes, formats and sizes around the vector width.
class Random
{
public:
    explicit Random(unsigned seed)
        : m_engine(seed)
    {
    }
    int between(int low, int high) { return std::uniform_int_distribution<int>(low, high)(m_engine); }
    float real(float low, float high) { return std::uniform_real_distribution<float>(low, high)(m_engine); }
    QuantizedFormat format()
    {
        const float scale = real(0.001f, 0.2f);
        return between(0, 1) ? kernels::formatU8(scale, between(0, 255))
                             : kernels::formatS8(scale, between(-128, 127));
    }
    Bytes codes(std::size_t count)
    {
        Bytes bytes(count);
        for (std::byte& byte : bytes) {
            byte = static_cast<std::byte>(between(0, 255));
        }
        return bytes;
    }
    std::vector<float> reals(std::size_t count)
    {
        std::vector<float> values(count);
        for (float& value : values) {
            value = real(-2.0f, 2.0f);
        }
        return values;
    }

private:
    std::mt19937 m_engine;
};

constexpr int kSizes[] = {1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 129};

TEST(QuantizedSum, EqualsItsTwinForAnyNumberOfOperands)
{
    Random random(1);
    for (const int size : kSizes) {
        for (int count = 1; count <= 5; ++count) {
            const auto elements = static_cast<std::size_t>(size) * 20;
            std::vector<Bytes> codes;
            std::vector<kernels::SumOperand> operands;
            for (int k = 0; k < count; ++k) { // every third one repeats
                codes.push_back(random.codes(k % 3 == 2 ? static_cast<std::size_t>(size) : elements));
            }
            for (const Bytes& bytes : codes) {
                operands.push_back({bytes, random.format()});
            }
            const QuantizedFormat format = random.format();
            Bytes fast(elements);
            Bytes twin(elements);
            kernels::sum(operands, fast, format);
            kernels::referenceSum(operands, twin, format);
            EXPECT_EQ(fast, twin) << size << " x " << count;
        }
    }
}

TEST(QuantizedSum, OfNothingWritesNothing)
{
    const kernels::SumOperand empty{};
    kernels::sum({&empty, 1}, {}, kernels::formatU8(1.0f));
}

TEST(QuantizedReduction, EqualsItsTwinAlongEveryAxis)
{
    Random random(2);
    for (const int n : kSizes) {
        for (const int inner : {1, 3, 32, 33}) {
            for (const int outer : {0, 1, 4}) {
                const Bytes src = random.codes(static_cast<std::size_t>(outer * n * inner));
                const QuantizedFormat from = random.format();
                const QuantizedFormat to = random.format();
                const double factor = n % 2 ? 1.0 : 1.0 / n;
                Bytes fast(static_cast<std::size_t>(outer * inner));
                Bytes twin = fast;
                kernels::reduceSum(src, from, outer, n, inner, factor, fast, to);
                kernels::referenceReduce(src, from, outer, n, inner, factor, twin, to);
                EXPECT_EQ(fast, twin) << outer << "x" << n << "x" << inner;
            }
        }
    }
}

TEST(ChannelLookup, EqualsItsTwinInBothLayouts)
{
    Random random(3);
    for (const int channels : kSizes) {
        std::vector<kernels::LookupTable> tables(static_cast<std::size_t>(channels));
        for (auto& table : tables) {
            for (auto& entry : table) {
                entry = static_cast<std::uint8_t>(random.between(0, 255));
            }
        }
        for (const std::size_t stride : {1u, 5u, 33u}) {
            const Bytes src = random.codes(static_cast<std::size_t>(channels) * stride * 2);
            Bytes fast(src.size());
            Bytes twin(src.size());
            const kernels::ChannelLayout layout{static_cast<std::size_t>(channels), stride};
            kernels::lookupPerChannel(src, layout, tables, fast);
            kernels::referenceLookup(src, layout, tables, twin);
            EXPECT_EQ(fast, twin) << channels << " stride " << stride;
        }
    }
}

TEST(ElementwiseLinear, EqualsItsTwinInBothLayouts)
{
    Random random(9);
    for (const int channels : kSizes) {
        const auto factor = random.reals(static_cast<std::size_t>(channels));
        const auto addend = random.reals(static_cast<std::size_t>(channels));
        for (const std::size_t stride : {1u, 5u, 33u}) {
            for (const std::size_t batch : {0u, 2u}) {
                const auto src = random.reals(static_cast<std::size_t>(channels) * stride * batch);
                std::vector<float> fast(src.size());
                std::vector<float> twin(src.size());
                const kernels::ChannelLayout layout{static_cast<std::size_t>(channels), stride};
                kernels::elementwiseLinear(src, layout, factor, addend, fast);
                kernels::referenceElementwiseLinear(src, layout, factor, addend, twin);
                EXPECT_EQ(fast, twin) << channels << " stride " << stride;
            }
        }
    }
}

// FP32 against double: a result may fall to the other side of a tie, one LSB away.
TEST(QuantizedNormalization, LiesWithinOneLsbOfItsTwinAndRarelyDiffers)
{
    Random random(4);
    std::size_t differing = 0;
    std::size_t total = 0;
    for (const int length : kSizes) {
        for (const std::size_t stride : {1u, 4u}) {
            const std::size_t elements = static_cast<std::size_t>(length) * stride;
            const Bytes src = random.codes(elements * 3);
            const auto gamma = random.reals(stride == 1 ? elements : static_cast<std::size_t>(length));
            const auto beta = random.between(0, 1) ? random.reals(gamma.size()) : std::vector<float>{};
            const QuantizedFormat from = random.format();
            const QuantizedFormat to = random.format();
            Bytes fast(src.size());
            Bytes twin(src.size());
            kernels::normalize({elements, stride}, 1e-5f, src, from, gamma, beta, fast, to);
            kernels::referenceNormalize({elements, stride}, 1e-5f, src, from, gamma, beta, twin, to);
            for (std::size_t i = 0; i < src.size(); ++i) {
                const bool isSigned = to.type == kernels::ElementType::S8;
                const int a =
                    isSigned ? static_cast<std::int8_t>(fast[i]) : static_cast<std::uint8_t>(fast[i]);
                const int b =
                    isSigned ? static_cast<std::int8_t>(twin[i]) : static_cast<std::uint8_t>(twin[i]);
                ASSERT_LE(std::abs(a - b), 1);
                differing += a != b ? 1 : 0;
                ++total;
            }
        }
    }
    EXPECT_LE(differing, total / 1000);
}

TEST(QuantizedNormalization, OfAConstantBlockIsBeta)
{
    const Bytes src(8, std::byte{200});
    const std::vector<float> gamma(8, 3.0f);
    const std::vector<float> beta(8, 0.5f);
    Bytes dst(8);
    kernels::normalize({8, 1}, 1e-5f, src, kernels::formatU8(0.1f, 3), gamma, beta, dst,
                       kernels::formatU8(0.1f, 0));
    EXPECT_EQ(dst, Bytes(8, std::byte{5}));
}

int codeOf(std::byte byte, const QuantizedFormat& format)
{
    return format.type == kernels::ElementType::S8 ? static_cast<int>(static_cast<std::int8_t>(byte))
                                                   : static_cast<int>(byte);
}

TEST(QuantizedSoftmax, EqualsItsTwinAlongEveryAxis)
{
    Random random(6);
    for (const int n : {1, 2, 15, 16, 17, 33, 255, 256, 257, 1000}) {
        for (const int inner : {1, 2, 33}) {
            for (const int outer : {0, 1, 3}) {
                const kernels::SoftmaxShape shape{static_cast<std::size_t>(outer),
                                                  static_cast<std::size_t>(n),
                                                  static_cast<std::size_t>(inner)};
                const Bytes src = random.codes(static_cast<std::size_t>(outer * n * inner));
                const QuantizedFormat from = random.format();
                const QuantizedFormat to = random.format();
                Bytes fast(src.size());
                Bytes twin(src.size());
                kernels::QuantizedSoftmax(shape, from, to).execute(src, fast);
                kernels::referenceSoftmax(shape, src, from, twin, to);
                ASSERT_EQ(fast, twin) << outer << "x" << n << "x" << inner;
            }
        }
    }
}

// The table's 2^-30 moves a result across a tie at most.
TEST(QuantizedSoftmax, IsTheRealSoftmaxRounded)
{
    Random random(7);
    std::size_t differing = 0;
    std::size_t total = 0;
    for (int round = 0; round < 200; ++round) {
        const auto n = static_cast<std::size_t>(random.between(1, 300));
        const Bytes src = random.codes(n);
        const QuantizedFormat from = random.format();
        const QuantizedFormat to = kernels::formatU8(1.0f / 255.0f);
        Bytes dst(n);
        kernels::QuantizedSoftmax({1, n, 1}, from, to).execute(src, dst);
        double sum = 0.0;
        for (const std::byte byte : src) {
            sum += std::exp(static_cast<double>(from.scale) * codeOf(byte, from));
        }
        for (std::size_t i = 0; i < n; ++i) {
            const double real = std::exp(static_cast<double>(from.scale) * codeOf(src[i], from)) / sum;
            const int expected = static_cast<int>(std::nearbyint(real / static_cast<double>(to.scale)));
            ASSERT_LE(std::abs(codeOf(dst[i], to) - expected), 1);
            differing += codeOf(dst[i], to) != expected ? 1 : 0;
            ++total;
        }
    }
    EXPECT_LE(differing, total / 10000);
}

std::vector<kernels::LinearTap> randomTaps(Random& random, int src, int dst)
{
    std::vector<kernels::LinearTap> taps;
    for (int i = 0; i < dst; ++i) {
        const int lower = random.between(0, src - 1);
        const float weight = random.between(0, 3) == 0 ? 0.0f : random.real(0.0f, 1.0f);
        taps.push_back({lower, std::min(lower + 1, src - 1), weight});
    }
    return taps;
}

TEST(QuantizedResize, EqualsItsTwinFromOneToThreeAxes)
{
    Random random(8);
    for (const int channels : {1, 3, 15, 16, 17, 33}) {
        for (int axes = 1; axes <= 3; ++axes) {
            for (const int batch : {0, 1, 2}) {
                kernels::ResizeShape shape;
                shape.batch = batch;
                shape.channels = channels;
                std::array<std::vector<kernels::LinearTap>, 3> taps{{{{}}, {{}}, {{}}}};
                std::size_t in = static_cast<std::size_t>(batch * channels);
                std::size_t out = in;
                for (std::size_t k = 3 - static_cast<std::size_t>(axes); k < 3; ++k) {
                    shape.src[k] = random.between(1, 6);
                    shape.dst[k] = random.between(1, 9);
                    taps[k] =
                        randomTaps(random, static_cast<int>(shape.src[k]), static_cast<int>(shape.dst[k]));
                    in *= static_cast<std::size_t>(shape.src[k]);
                    out *= static_cast<std::size_t>(shape.dst[k]);
                }
                const Bytes src = random.codes(in);
                const QuantizedFormat from = random.format();
                const QuantizedFormat to = random.format();
                Bytes fast(out);
                Bytes twin(out);
                kernels::resizeLinear(shape, {taps[0], taps[1], taps[2]}, src, from, fast, to);
                kernels::referenceResizeLinear(shape, {taps[0], taps[1], taps[2]}, src, from, twin, to);
                ASSERT_EQ(fast, twin) << axes << " axes, batch " << batch << ", " << channels << " channels";
            }
        }
    }
}

// 0.25·8 + 0.75·10 = 9.5 and 0.75·8 + 0.25·10 = 8.5: ties to even.
TEST(QuantizedResize, RoundsTiesToEven)
{
    const Bytes src{std::byte{8}, std::byte{10}};
    const std::vector<kernels::LinearTap> taps{{0, 1, 0.25f}, {0, 1, 0.5f}, {0, 1, 0.75f}};
    const std::vector<kernels::LinearTap> one{{}};
    kernels::ResizeShape shape;
    shape.src[2] = 2;
    shape.dst[2] = 3;
    Bytes dst(3);
    const auto format = kernels::formatU8(0.1f);
    kernels::resizeLinear(shape, {one, one, taps}, src, format, dst, format);
    EXPECT_EQ(dst, (Bytes{std::byte{8}, std::byte{9}, std::byte{10}}));
}

kernels::QuantizedRecurrentSpec recurrentSpec(Random& random, kernels::RecurrentCell cell, int input,
                                              int hidden)
{
    kernels::QuantizedRecurrentSpec spec;
    spec.cell = cell;
    spec.input = input;
    spec.hidden = hidden;
    spec.x = random.format();
    spec.linearBeforeReset = random.between(0, 1) == 1;
    const int rows = (cell == kernels::RecurrentCell::Lstm ? 4 : 3) * hidden;
    for (int row = 0; row < rows; ++row) {
        for (int i = 0; i < input; ++i) {
            spec.weights.push_back(static_cast<std::int8_t>(random.between(-127, 127)));
        }
        for (int i = 0; i < hidden; ++i) {
            spec.recurrence.push_back(static_cast<std::int8_t>(random.between(-127, 127)));
        }
        spec.weightScale.push_back(random.real(0.0005f, 0.01f));
        spec.recurrenceScale.push_back(random.real(0.0005f, 0.01f));
        spec.bias.push_back(random.real(-1.0f, 1.0f));
        spec.recurrenceBias.push_back(random.real(-1.0f, 1.0f));
    }
    return spec;
}

TEST(QuantizedRecurrent, EqualsItsTwinOverManySteps)
{
    Random random(5);
    for (const auto cell : {kernels::RecurrentCell::Lstm, kernels::RecurrentCell::Gru}) {
        for (const int hidden : {1, 15, 16, 17, 33}) {
            const auto spec = recurrentSpec(random, cell, hidden + 3, hidden);
            const auto n = static_cast<std::size_t>(hidden);
            kernels::RecurrentState fast{std::vector<std::int8_t>(n), std::vector<float>(n)};
            kernels::RecurrentState twin = fast;
            for (int step = 0; step < 20; ++step) {
                const Bytes x = random.codes(n + 3);
                kernels::recurrentStep(spec, x, fast);
                kernels::referenceRecurrentStep(spec, x, twin);
                ASSERT_EQ(fast.hidden, twin.hidden) << hidden << " step " << step;
                ASSERT_EQ(fast.cell, twin.cell) << hidden << " step " << step;
            }
        }
    }
}

} // namespace
