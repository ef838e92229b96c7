#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace core {

/// Channels of a convolution or matrix product that carry nothing but zeros get zero weights before the
/// weights are quantized, so that what the training left there does not set the scale of the others.
struct ZeroDeadChannels
{
    enum class Kind : std::uint8_t
    {
        Off,
        Provable, ///< dead whatever the input: the FP32 function stays exactly the same
        Calibrated, ///< also those that are 0 in every calibration sample: other data may wake them
    };
    Kind kind = Kind::Off;

    ZeroDeadChannels() = default;
    ZeroDeadChannels(bool on)
        : kind(on ? Kind::Provable : Kind::Off)
    {
    } // NOLINT(google-explicit-constructor): true as in JSON
    ZeroDeadChannels(Kind which)
        : kind(which)
    {
    } // NOLINT(google-explicit-constructor)
    bool operator==(const ZeroDeadChannels&) const = default;
};

/// Source channels of an operator divided by scales s_c that its weights are multiplied by and the weights,
/// bias and bounds of what writes them are divided by: the same FP32 function.
struct Equalization
{
    bool automatic = false; ///< scales from the weights (cross-layer equalization)
    std::vector<float> scale; ///< given instead: one per source channel, > 0

    Equalization() = default;
    Equalization(bool on)
        : automatic(on)
    {
    } // NOLINT(google-explicit-constructor)
    Equalization(std::vector<float> given)
        : scale(std::move(given))
    {
    } // NOLINT(google-explicit-constructor)
    [[nodiscard]] bool isOn() const { return automatic || !scale.empty(); }
    bool operator==(const Equalization&) const = default;
};

/// What is subtracted from the bias of a quantized operator so that its result has the mean of the FP32 one.
struct BiasCorrection
{
    enum class Kind : std::uint8_t
    {
        None,
        Analytic, ///< Σ_k (W_q − W)·E[x_k], means of the FP32 calibration data (Nagel et al. 2019)
        Given, ///< `error`
    };
    Kind kind = Kind::None;
    std::vector<float>
        error; ///< of Given: mean of quantized minus FP32 before the activation, one per result channel
    bool operator==(const BiasCorrection&) const = default;
};

/// Learnt rounding: one bit per weight, least significant bit first; set: up, else down.
struct RoundingMask
{
    std::shared_ptr<const std::vector<std::uint8_t>> bits; ///< null: rounded to nearest

    [[nodiscard]] bool isSet() const { return bits != nullptr; }
    [[nodiscard]] bool isUp(std::size_t i) const { return ((*bits)[i / 8] >> (i % 8) & 1) != 0; }
    bool operator==(const RoundingMask& other) const
    {
        return bits == other.bits || (bits && other.bits && *bits == *other.bits);
    }
};

} // namespace core
