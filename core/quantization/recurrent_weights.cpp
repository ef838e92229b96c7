#include "core/quantization/recurrent_weights.h"

#include "core/quantization/scheme.h"
#include "core/quantization/weight_quantization.h"

#include <algorithm>
#include <fmt/format.h>

namespace core {

namespace {

/// What the kernels have a form for; the rest is said.
WeightSettings possible(const WeightSettings& wish, std::string& notice)
{
    const auto say = [&](const std::string& what) { notice += (notice.empty() ? "" : ", ") + what; };
    WeightSettings settings = wish;
    if (*wish.bits > 8) {
        say(fmt::format("{} bits become 8", *wish.bits));
        settings.bits = 8;
    }
    if (*wish.scheme != Scheme::Symmetric) {
        say("asymmetric becomes symmetric");
        settings.scheme = Scheme::Symmetric;
    }
    if (wish.convention.value_or(Convention::Noisefloor) != Convention::Noisefloor) {
        say(fmt::format("convention {} becomes noisefloor", toString(*wish.convention)));
        settings.convention.reset();
    }
    const auto kind = wish.granularity->kind;
    if (kind != Granularity::Kind::PerTensor && kind != Granularity::Kind::PerChannel) {
        say(toString(*wish.granularity) + " becomes per-channel");
        settings.granularity = Granularity{};
    }
    return settings;
}

RecurrentMatrix quantize(const Tensor& matrix, const WeightSettings& settings)
{
    const auto directions = static_cast<std::size_t>(matrix.shape()[0]);
    const auto rows = static_cast<std::size_t>(matrix.shape()[1]);
    const auto columns = static_cast<std::size_t>(matrix.shape()[2]);
    const bool perTensor = settings.granularity->kind == Granularity::Kind::PerTensor;
    const std::size_t together = perTensor ? rows : 1; // rows that share a scale
    RecurrentMatrix result;
    for (std::size_t first = 0; first < directions * rows; first += together) {
        const auto values = matrix.as<float>().subspan(first * columns, together * columns);
        const auto part = quantizeOperand(
            makeTensor<float>({static_cast<std::int64_t>(together), matrix.shape()[2]}, values), settings);
        result.codes.insert(result.codes.end(), part->codes.begin(), part->codes.end());
        result.scale.insert(result.scale.end(), together, part->params.scale[0]);
    }
    return result;
}

} // namespace

RecurrentWeights quantizeRecurrentWeights(const Operator& op, const WeightSettings& wish)
{
    RecurrentWeights result;
    const WeightSettings settings = possible(wish, result.notice);
    result.input = quantize(*op.constants[1], settings);
    result.hidden = quantize(*op.constants[2], settings);
    result.bits = effectiveBits(settings);
    result.method = toString(*settings.method);
    result.granularity = toString(*settings.granularity);
    return result;
}

} // namespace core
