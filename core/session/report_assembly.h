#pragma once

#include "core/session/ready_network.h"

#include <memory>

namespace core {

/// What a report says besides what was measured.
struct ReportSource
{
    const ModelInfo& model;
    const DataSource& data;
    std::size_t samples = 0; ///< evaluated
    int threads = 0; ///< as asked for
};

/// From the network's caches, which hold all that the plan needs. Without timing.analysisMsPerSample.
[[nodiscard]] std::shared_ptr<Report> assembleReport(const ReadyNetwork& ready,
                                                     std::shared_ptr<const QuantizationPlan> plan,
                                                     const ReportSource& source);

} // namespace core
