#include "core/graph/ops/definitions.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/strided.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <fmt/format.h>
#include <numbers>
#include <optional>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;
using Complex = std::complex<double>;

DataType typeFrom(const Node& node, std::string_view key)
{
    return dataTypeOfCode(node, node.integer(key, 1));
}

std::vector<ValueInfo> inferWindow(const InferContext& c)
{
    requireInputs(c, 1);
    return {{typeFrom(c.node, "output_datatype"),
             {c.constants[0] ? firstInteger(c.node, *c.constants[0]) : kDynamic}}};
}

/// a0 − a1·cos(2πi/N) + a2·cos(4πi/N), N = size or, for symmetric windows, size − 1.
Outputs cosineWindow(const Node& node, Inputs in, double a0, double a1, double a2)
{
    const std::int64_t size = firstInteger(node, in[0]);
    const double period = static_cast<double>(node.integer("periodic", 1) != 0 ? size : size - 1);
    std::vector<double> values(static_cast<std::size_t>(std::max<std::int64_t>(0, size)));
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double angle = 2.0 * std::numbers::pi * static_cast<double>(i) / period;
        values[i] = a0 - a1 * std::cos(angle) + a2 * std::cos(2.0 * angle);
    }
    return {castTo(makeTensor<double>({size}, values), typeFrom(node, "output_datatype"))};
}

/// The discrete Fourier transform by its definition; the inverse divides by the length.
std::vector<Complex> transformed(const std::vector<Complex>& src, bool isInverse)
{
    const auto n = static_cast<double>(src.size());
    std::vector<Complex> dst(src.size());
    for (std::size_t k = 0; k < src.size(); ++k) {
        for (std::size_t t = 0; t < src.size(); ++t) {
            const double turns = static_cast<double>(k * t % src.size()) / n;
            dst[k] += src[t] * std::polar(1.0, (isInverse ? 2.0 : -2.0) * std::numbers::pi * turns);
        }
        dst[k] /= isInverse ? n : 1.0;
    }
    return dst;
}

struct DftSizes
{
    std::size_t axis = 1;
    std::int64_t length = 0;
    Shape shape;
};

/// The axis is an attribute in opset 17 and an input since 20.
DftSizes dftSizes(const Node& node, const Shape& src, const Integers& length, std::int64_t axis)
{
    if (src.size() < 3 || src.back() < 1 || src.back() > 2) {
        fail(node, fmt::format("src {} does not end in real or complex numbers", toString(src)));
    }
    const bool isHalf = node.integer("onesided", 0) != 0 && node.integer("inverse", 0) != 0;
    if (isHalf && src.back() != 2) {
        fail(node, "the inverse of one side of a spectrum needs complex numbers");
    }
    if (length.values && (length.values->size() != 1 || length.values->front() < 1)) {
        fail(node, "the length of a transform must be one positive number");
    }
    DftSizes s;
    s.axis = static_cast<std::size_t>(normalizedAxis(axis, src.size()));
    if (s.axis + 1 == src.size()) {
        fail(node,
             fmt::format("axis {} of src {} holds real and imaginary part, no signal", axis, toString(src)),
             ErrorKind::InvalidModel);
    }
    s.length = length.isPresent
        ? (length.values && !length.values->empty() ? length.values->front() : kDynamic)
        : src[s.axis];
    const bool isOneSided = node.integer("onesided", 0) != 0;
    s.shape = src;
    if (isOneSided && node.integer("inverse", 0) != 0) { // half of a spectrum in, reals out
        s.length = !length.isPresent ? 2 * (src[s.axis] - 1) : s.length;
        s.shape.back() = 1;
        s.shape[s.axis] = s.length;
        return s;
    }
    s.shape.back() = 2;
    s.shape[s.axis] = s.length < 0 ? kDynamic : isOneSided ? s.length / 2 + 1 : s.length;
    return s;
}

std::vector<ValueInfo> inferDft(const InferContext& c)
{
    requireInputs(c, 1);
    const Shape& src = c.inputs[0].shape;
    const Integers axis = c.node.version < 20 ? Integers{} : integersOf(c, "", 2);
    if (axis.isUnknown()) {
        return {{c.inputs[0].type, Shape(src.size(), kDynamic)}};
    }
    const std::int64_t fallback = c.node.version < 20 ? c.node.integer("axis", 1) : -2;
    return {{c.inputs[0].type,
             dftSizes(c.node, src, integersOf(c, "", 1),
                      axis.values && !axis.values->empty() ? axis.values->front() : fallback)
                 .shape}};
}

Outputs evaluateDft(const Node& node, Inputs in)
{
    const Shape& src = in[0].shape();
    const std::int64_t fallback = node.version < 20 ? node.integer("axis", 1) : -2;
    const std::int64_t axis = node.version >= 20 && hasInput(in, 2) ? firstInteger(node, in[2]) : fallback;
    const DftSizes s = dftSizes(node, src, integersOf(node, in, "", 1), axis);
    const bool isInverse = node.integer("inverse", 0) != 0;
    const std::int64_t parts = src.back();
    const std::int64_t outer = extent(src, 0, s.axis);
    const std::int64_t inner = extent(src, s.axis + 1, src.size() - 1);
    const auto values = doublesOf(in[0]);
    std::vector<double> dst(static_cast<std::size_t>(elementCount(s.shape)));
    for (std::int64_t lane = 0; lane < outer * inner; ++lane) {
        std::vector<Complex> row(static_cast<std::size_t>(s.length));
        for (std::int64_t t = 0; t < std::min(s.length, src[s.axis]); ++t) {
            const std::int64_t at = ((lane / inner * src[s.axis] + t) * inner + lane % inner) * parts;
            row[static_cast<std::size_t>(t)] = {values[static_cast<std::size_t>(at)],
                                                parts == 2 ? values[static_cast<std::size_t>(at + 1)] : 0.0};
        }
        const std::int64_t written = s.shape.back(); // numbers of each element
        if (written
            == 1) { // the other half of a real signal's spectrum is the first, conjugate and in reverse
            for (std::int64_t t = s.length / 2 + 1; t < s.length; ++t) {
                row[static_cast<std::size_t>(t)] = std::conj(row[static_cast<std::size_t>(s.length - t)]);
            }
        }
        row = transformed(row, isInverse);
        for (std::int64_t k = 0; k < s.shape[s.axis]; ++k) {
            const std::int64_t at = ((lane / inner * s.shape[s.axis] + k) * inner + lane % inner) * written;
            dst[static_cast<std::size_t>(at)] = row[static_cast<std::size_t>(k)].real();
            if (written == 2) {
                dst[static_cast<std::size_t>(at + 1)] = row[static_cast<std::size_t>(k)].imag();
            }
        }
    }
    return {castTo(makeTensor<double>(s.shape, dst), in[0].type())};
}

struct StftSizes
{
    std::int64_t step = 1;
    std::int64_t frame = 1;
    Shape shape;
};

StftSizes stftSizes(const Node& node, const Shape& src, std::int64_t step, std::int64_t frame)
{
    if (src.size() < 2 || step < 1 || frame < 1 || src[1] < frame) {
        fail(node, fmt::format("frames of {} every {} do not fit src {}", frame, step, toString(src)));
    }
    if (src.size() > 2 && src[2] != 1 && src[2] != 2) {
        fail(node, fmt::format("the last axis of src {} is neither real nor complex", toString(src)));
    }
    const std::int64_t bins = node.integer("onesided", 1) != 0 ? frame / 2 + 1 : frame;
    return {step, frame, {src[0], (src[1] - frame) / step + 1, bins, 2}};
}

std::vector<ValueInfo> inferStft(const InferContext& c)
{
    requireInputs(c, 2);
    const std::optional<std::int64_t> frame = hasInput(c, 3)
        ? (c.constants[3] ? std::optional(firstInteger(c.node, *c.constants[3])) : std::nullopt)
        : hasInput(c, 2) ? std::optional(elementCount(c.inputs[2].shape))
                         : std::nullopt;
    if (!c.constants[1] || !frame) {
        return {{c.inputs[0].type, Shape(4, kDynamic)}};
    }
    return {{c.inputs[0].type,
             stftSizes(c.node, c.inputs[0].shape, firstInteger(c.node, *c.constants[1]), *frame).shape}};
}

Outputs evaluateStft(const Node& node, Inputs in)
{
    const Shape& src = in[0].shape();
    const std::int64_t frame = hasInput(in, 3) ? firstInteger(node, in[3])
        : hasInput(in, 2)                      ? in[2].count()
                                               : 0;
    const StftSizes s = stftSizes(node, src, firstInteger(node, in[1]), frame);
    const std::int64_t parts = src.size() > 2 ? src[2] : 1;
    const auto values = doublesOf(in[0]);
    const auto window =
        hasInput(in, 2) ? doublesOf(in[2]) : std::vector<double>(static_cast<std::size_t>(frame), 1.0);
    std::vector<double> dst;
    for (std::int64_t row = 0; row < s.shape[0] * s.shape[1]; ++row) {
        const std::int64_t first = row / s.shape[1] * src[1] + row % s.shape[1] * s.step;
        std::vector<Complex> part(static_cast<std::size_t>(frame));
        for (std::size_t t = 0; t < part.size() && t < window.size(); ++t) {
            const auto at = static_cast<std::size_t>((first + static_cast<std::int64_t>(t)) * parts);
            part[t] = Complex(values[at], parts == 2 ? values[at + 1] : 0.0) * window[t];
        }
        part = transformed(part, false);
        for (std::int64_t k = 0; k < s.shape[2]; ++k) {
            dst.push_back(part[static_cast<std::size_t>(k)].real());
            dst.push_back(part[static_cast<std::size_t>(k)].imag());
        }
    }
    return {castTo(makeTensor<double>(s.shape, dst), in[0].type())};
}

std::vector<ValueInfo> inferMel(const InferContext& c)
{
    requireInputs(c, 5);
    const auto number = [&](std::size_t i) {
        return c.constants[i] ? firstInteger(c.node, *c.constants[i]) : kDynamic;
    };
    const std::int64_t length = number(1);
    return {{typeFrom(c.node, "output_datatype"), {length < 0 ? kDynamic : length / 2 + 1, number(0)}}};
}

/// Triangles between band edges that are equally far apart on the mel scale.
Outputs evaluateMel(const Node& node, Inputs in)
{
    const std::int64_t bands = firstInteger(node, in[0]);
    const std::int64_t length = firstInteger(node, in[1]);
    const double rate = firstNumber(node, in[2]);
    const auto mel = [](double hertz) { return 2595.0 * std::log10(1.0 + hertz / 700.0); };
    const double low = mel(firstNumber(node, in[3]));
    const double high = mel(firstNumber(node, in[4]));
    const std::int64_t bins = length / 2 + 1;
    std::vector<std::int64_t> edges(static_cast<std::size_t>(bands + 2));
    const double step = (high - low) / static_cast<double>(bands + 2);
    for (std::size_t i = 0; i < edges.size(); ++i) {
        const double hertz = 700.0 * (std::pow(10.0, (low + static_cast<double>(i) * step) / 2595.0) - 1.0);
        edges[i] = static_cast<std::int64_t>(std::floor(static_cast<double>(length + 1) * hertz / rate));
    }
    std::vector<double> values(static_cast<std::size_t>(bins * bands));
    for (std::int64_t band = 0; band < bands; ++band) {
        const std::int64_t left = edges[static_cast<std::size_t>(band)];
        const std::int64_t centre = edges[static_cast<std::size_t>(band) + 1];
        const std::int64_t right = edges[static_cast<std::size_t>(band) + 2];
        const auto weight = [&](std::int64_t bin) -> double& {
            if (bin < 0 || bin >= bins) {
                fail(node, fmt::format("band {} reaches bin {} of {}", band, bin, bins));
            }
            return values[static_cast<std::size_t>(bin * bands + band)];
        };
        weight(centre) = 1.0;
        for (std::int64_t bin = left; bin < centre; ++bin) {
            weight(bin) = static_cast<double>(bin - left) / static_cast<double>(centre - left);
        }
        for (std::int64_t bin = centre + 1; bin < right; ++bin) {
            weight(bin) = static_cast<double>(right - bin) / static_cast<double>(right - centre);
        }
    }
    return {castTo(makeTensor<double>({bins, bands}, values), typeFrom(node, "output_datatype"))};
}

constexpr OperatorDefinition kSignalOperators[] = {
    {"", "HannWindow", 17, inferWindow,
     [](const Node& n, Inputs in) { return cosineWindow(n, in, 0.5, 0.5, 0.0); }},
    {"", "HammingWindow", 17, inferWindow,
     [](const Node& n, Inputs in) { return cosineWindow(n, in, 25.0 / 46.0, 21.0 / 46.0, 0.0); }},
    {"", "BlackmanWindow", 17, inferWindow,
     [](const Node& n, Inputs in) { return cosineWindow(n, in, 0.42, 0.5, 0.08); }},
    {"", "DFT", 17, inferDft, evaluateDft},
    {"", "STFT", 17, inferStft, evaluateStft},
    {"", "MelWeightMatrix", 17, inferMel, evaluateMel},
};

} // namespace

std::span<const OperatorDefinition> signalOperators() { return kSignalOperators; }

} // namespace core::ops
