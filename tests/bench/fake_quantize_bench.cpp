// What the backward pass of a fake quantization keeps of the forward: a mask of one bit per element,
// PyTorch's mask of one byte, or the input itself. Forward and backward of a million elements, per tensor and
// per channel.
#include "kernels/codes/fake_quantize.h"
#include "tests/bench/benches.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fmt/core.h>
#include <random>
#include <vector>

namespace bench {

namespace {

using Floats = std::vector<float>;

constexpr std::size_t kChannels = 64;
constexpr std::size_t kCount = std::size_t{1} << 20;

/// Activations, the gradient that comes back, and params that clip a few percent.
struct Work
{
    explicit Work(bool isPerChannel)
        : scale(isPerChannel ? kChannels : 1)
        , zeroPoint(scale.size(), 128)
    {
        std::mt19937 random(5);
        std::normal_distribution<float> normal;
        std::ranges::generate(x, [&] { return normal(random); });
        std::ranges::generate(gradient, [&] { return normal(random); });
        for (std::size_t c = 0; c < scale.size(); ++c) {
            scale[c] = 2.0f / 127.0f * (1.0f + 0.01f * static_cast<float>(c));
        }
        layout = {scale.size(), kCount / kChannels};
    }
    [[nodiscard]] kernels::FakeQuantizeParams params() const { return {scale, zeroPoint, 0, 255, layout}; }
    [[nodiscard]] std::size_t channelOf(std::size_t i) const { return i / layout.stride % layout.channels; }

    Floats x = Floats(kCount);
    Floats gradient = Floats(kCount);
    Floats scale;
    std::vector<std::int32_t> zeroPoint;
    kernels::ChannelLayout layout;
};

struct Answer
{
    Floats y = Floats(kCount);
    Floats dX = Floats(kCount);
    std::size_t keptBytes = 0;
    bool operator==(const Answer& other) const { return y == other.y && dX == other.dX; }
};

/// Keeps a bit per element: the kernels of ours.
struct PackedMask
{
    std::vector<std::uint64_t> mask = std::vector<std::uint64_t>(kernels::maskWords(kCount));

    void run(const Work& work, Answer& answer)
    {
        kernels::fakeQuantize(work.x, work.params(), answer.y, mask);
        kernels::fakeQuantizeBackward(work.gradient, mask, answer.dX);
        answer.keptBytes = mask.size() * sizeof mask[0];
    }
};

/// Code without zero point and before clamping, and whether it fits.
struct Coded
{
    float code;
    bool isInside;
};

Coded codeOf(float x, float inverse, float lowest, float highest)
{
    const float code = std::nearbyint(x * inverse);
    return {code, code >= lowest && code <= highest};
}

/// Calls f(begin, end, channel) for runs of one channel.
template <typename F>
void alongChannels(const Work& work, F f)
{
    const std::size_t run = work.scale.size() == 1 ? kCount : work.layout.stride;
    for (std::size_t begin = 0; begin < kCount; begin += run) {
        f(begin, begin + run, work.scale.size() == 1 ? 0 : work.channelOf(begin));
    }
}

/// Keeps a byte per element, as PyTorch's cached mask.
struct ByteMask
{
    std::vector<std::uint8_t> mask = std::vector<std::uint8_t>(kCount);

    void run(const Work& work, Answer& answer)
    {
        alongChannels(work, [&](std::size_t begin, std::size_t end, std::size_t c) {
            const float inverse = 1.0f / work.scale[c];
            const auto lowest = static_cast<float>(0 - work.zeroPoint[c]);
            const auto highest = static_cast<float>(255 - work.zeroPoint[c]);
            for (std::size_t i = begin; i < end; ++i) {
                const auto [code, isInside] = codeOf(work.x[i], inverse, lowest, highest);
                mask[i] = isInside ? 1 : 0;
                answer.y[i] = std::min(std::max(code, lowest), highest) * work.scale[c];
            }
        });
        for (std::size_t i = 0; i < kCount; ++i) {
            answer.dX[i] = mask[i] ? work.gradient[i] : 0.0f;
        }
        answer.keptBytes = mask.size();
    }
};

/// Keeps the input and computes the codes again.
struct KeptInput
{
    Floats kept = Floats(kCount);

    void run(const Work& work, Answer& answer)
    {
        alongChannels(work, [&](std::size_t begin, std::size_t end, std::size_t c) {
            const float inverse = 1.0f / work.scale[c];
            const auto lowest = static_cast<float>(0 - work.zeroPoint[c]);
            const auto highest = static_cast<float>(255 - work.zeroPoint[c]);
            for (std::size_t i = begin; i < end; ++i) {
                kept[i] = work.x[i];
                answer.y[i] =
                    std::min(std::max(codeOf(work.x[i], inverse, lowest, highest).code, lowest), highest)
                    * work.scale[c];
            }
        });
        alongChannels(work, [&](std::size_t begin, std::size_t end, std::size_t c) {
            const float inverse = 1.0f / work.scale[c];
            const auto lowest = static_cast<float>(0 - work.zeroPoint[c]);
            const auto highest = static_cast<float>(255 - work.zeroPoint[c]);
            for (std::size_t i = begin; i < end; ++i) {
                answer.dX[i] = codeOf(kept[i], inverse, lowest, highest).isInside ? work.gradient[i] : 0.0f;
            }
        });
        answer.keptBytes = kept.size() * sizeof kept[0];
    }
};

template <typename Other>
void against(benchmark::State& state, Results& results, const char* other, bool isPerChannel)
{
    const Work work(isPerChannel);
    PackedMask packed;
    Other plain;
    Answer ours;
    Answer theirs;
    packed.run(work, ours);
    plain.run(work, theirs);
    const auto clipped = static_cast<std::size_t>(std::ranges::count(ours.dX, 0.0f));
    if (!(ours == theirs) || clipped < kCount / 1000 || clipped > kCount / 4) {
        return state.SkipWithError("both ways must give the same values and gradients, and clip something");
    }
    const char* granularity = isPerChannel ? "per channel" : "per tensor";
    results.add(
        {fmt::format("fake quantize {}: bytes kept, a packed mask / {}", granularity, other),
         static_cast<double>(ours.keptBytes) / static_cast<double>(theirs.keptBytes),
         0.0,
         0.0,
         {},
         fmt::format("{:.3f} / {:.3f} bytes per element", static_cast<double>(ours.keptBytes) / kCount,
                     static_cast<double>(theirs.keptBytes) / kCount)});
    compareInTurn(
        state, results, fmt::format("fake quantize {}: time, a packed mask / {}", granularity, other), 0.0,
        [&] { return timed([&] { packed.run(work, ours); }); },
        [&] { return timed([&] { plain.run(work, theirs); }); });
}

} // namespace

void registerFakeQuantize(Results& results)
{
    for (const bool isPerChannel : {false, true}) {
        const std::string suffix = isPerChannel ? "per_channel" : "per_tensor";
        const auto add = [&](const std::string& name,
                             void (*run)(benchmark::State&, Results&, const char*, bool), const char* other) {
            benchmark::RegisterBenchmark(
                ("fake_quantize/" + name + "/" + suffix).c_str(),
                [=, &results](benchmark::State& state) { run(state, results, other, isPerChannel); })
                ->UseManualTime()
                ->Unit(benchmark::kMillisecond)
                ->Iterations(25);
        };
        add("byte_mask", &against<ByteMask>, "a byte mask");
        add("kept_input", &against<KeptInput>, "the input kept");
    }
}

} // namespace bench
