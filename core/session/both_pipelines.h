#pragma once

#include "core/execution/pipeline.h"
#include "core/measure/prepared_network.h"
#include "core/network/sequence.h"
#include "core/tensor/dataset.h"

#include <optional>
#include <stop_token>

namespace core {

/// The first sample whose states decide those of `sample`.
[[nodiscard]] std::size_t sequenceStart(const PreparedNetwork& network, const Dataset& data,
                                        std::size_t sample);

struct BothValues
{
    SampleValues fp32;
    SampleValues quantized;
};

/// Both pipelines on one sample, the quantized one up to `last`. Feeds the states back. None when stopped.
[[nodiscard]] std::optional<BothValues> runBoth(const PreparedNetwork& network, const Dataset& data,
                                                std::size_t sample, std::optional<OperatorId> last,
                                                Feedback& states, const std::stop_token& stop);

} // namespace core
