#pragma once

#include "core/measure/prepared_network.h"
#include "core/sensitivity/output_effect.h"
#include "core/session/session.h"
#include "core/tensor/dataset.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace core {

/// Answers what a change of the plan does to the network's outputs, over the first samples of the evaluation
/// data. Holds the samples and what both pipelines gave on them (as far as the session's budget reaches; the
/// rest is computed again), so that a question costs only the operators whose results differ from the base
/// plan's. Values equal those of a whole run bit for bit, sums but for their order. Not to be used from two
/// threads at once; works on several itself. Lives no longer than its session.
class OutputProbe
{
public:
    OutputProbe(Session& session, QuantizationPlan base, std::size_t samples);

    /// Calibrates and runs both pipelines once. False when stopped.
    [[nodiscard]] bool begin(const std::stop_token& stop, const ProgressCallback& progress);

    [[nodiscard]] const PreparedNetwork& network() const { return *m_base; }
    [[nodiscard]] const OutputEffect& base() const { return m_effect; } ///< of the base plan
    [[nodiscard]] std::size_t samples() const { return m_samples; }

    /// Under another plan of the same fusion. None when stopped.
    [[nodiscard]] std::optional<OutputEffect> under(const QuantizationPlan& plan,
                                                    const std::stop_token& stop);
    [[nodiscard]] std::optional<OutputEffect> under(const PreparedNetwork& network,
                                                    const std::stop_token& stop);

    /// Leave-one-in: the FP32 network with only this operator on codes. None when stopped. `sampleLimit` 0:
    /// all.
    [[nodiscard]] std::optional<OutputEffect> withOnly(OperatorId op, const std::stop_token& stop,
                                                       std::size_t sampleLimit = 0);

    /// Everything computed for one sample; `quantized` under the base plan.
    struct Values
    {
        std::shared_ptr<const Pipeline> pipeline;
        Sample sample; ///< states as the FP32 pipeline fed them back
        Sample quantizedSample; ///< states as the quantized pipeline fed them back
        SampleValues fp32;
        SampleValues quantized;
    };
    [[nodiscard]] Values values(std::size_t sample) const;

    /// The base plan with one operator (or input) in FP32.
    [[nodiscard]] QuantizationPlan without(OperatorId op) const;

private:
    struct Held
    {
        Sample sample;
        Sample quantizedSample;
        SampleValues fp32; ///< all of them, or the outputs only
        SampleValues quantized; ///< all of them, or none
        MemoryBudget::Reservation fp32Bytes; ///< empty where not all is held
        MemoryBudget::Reservation quantizedBytes;
    };
    class Counter;

    void runBase(std::size_t sample, Feedback& feedback);
    [[nodiscard]] SampleValues runUnder(const PreparedNetwork& network, const Pipeline& pipeline,
                                        const Held& held, const Sample& sample) const;

    Session& m_session;
    const QuantizationPlan m_plan;
    const std::size_t m_samples;
    std::shared_ptr<const PreparedNetwork> m_base;
    std::vector<Held> m_held; ///< by sample
    OutputEffect m_effect;
};

} // namespace core
