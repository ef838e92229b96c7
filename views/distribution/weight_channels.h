#pragma once

#include "core/network/operator_graph.h"
#include "core/report/report.h"

#include <memory>
#include <span>
#include <stop_token>
#include <vector>

namespace views {

/// The constant weights of an operator by output channel, and what quantization makes of each.
class WeightChannels
{
public:
    static constexpr int kMapBins = 128;

    /// Null where the operator has no constant float weights of two or more dimensions, or when stopped.
    [[nodiscard]] static std::shared_ptr<const WeightChannels>
    of(const core::Operator& op, const core::QuantizedTensorInfo& info, const std::stop_token& stop = {});

    [[nodiscard]] std::size_t count() const { return m_perChannel.size(); }
    [[nodiscard]] core::Range span() const { return m_span; } ///< of all channels, and zero
    [[nodiscard]] std::span<const float> values(std::size_t channel) const;
    [[nodiscard]] core::QuantizationParams params(std::size_t channel) const; ///< one scale
    /// ‖w_c−ŵ_c‖₂ / ‖w_c‖₂; 0 for a channel of zeros.
    [[nodiscard]] double relativeL2(std::size_t channel) const { return m_perChannel[channel].relativeL2; }
    [[nodiscard]] core::Range range(std::size_t channel) const { return m_perChannel[channel].range; }
    /// Share of the representable codes that the channel's values span.
    [[nodiscard]] double codesUsed(std::size_t channel) const;
    /// Counts in kMapBins equal bins over span().
    [[nodiscard]] std::span<const int> map(std::size_t channel) const;
    [[nodiscard]] std::size_t worst() const; ///< highest relativeL2

private:
    struct Channel
    {
        std::size_t first = 0; ///< into m_values
        std::size_t size = 0;
        core::Range range;
        double relativeL2 = 0.0;
    };
    void measure(Channel& channel, std::size_t index);

    core::QuantizationParams m_params;
    core::Range m_span;
    std::vector<float> m_values; ///< channel after channel
    std::vector<int> m_map;
    std::vector<Channel> m_perChannel;
};

} // namespace views
