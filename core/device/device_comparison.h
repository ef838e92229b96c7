#pragma once

#include "core/device/device_tensor.h"
#include "core/device/divergence_kind.h"
#include "core/measure/prepared_network.h"
#include "core/session/session.h"

#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace core {

/// What a device wrote for one operator, against both of our pipelines.
struct DeviceRow
{
    OperatorId op{};
    std::string tensor; ///< as the dump calls it
    double toFloatDb = 0.0; ///< signal to error against FP32; infinite where equal
    double toInt8Db = 0.0; ///< against our quantized pipeline
    double ownDb = 0.0; ///< against our integer form on the device's own inputs: its own error alone
    double mostLsb = 0.0; ///< largest difference from our quantized pipeline, in LSB of ours; 0 of floats
    std::string arrangement; ///< how it lies
    bool departs = false; ///< from our form on its own inputs
};

struct DeviceComparison
{
    std::vector<DeviceRow> rows; ///< in execution order, the worst of the samples
    std::vector<std::string> unmatched; ///< tensors of the dump that are no operator's result
    std::vector<std::string> notes;
    std::optional<OperatorId> first; ///< the first operator that departs although its inputs are taken over
    std::size_t firstSample = 0;
    Divergence divergence; ///< of that one
    std::size_t samples = 0;
};

/// Every operator's integer form runs on what the device wrote for its inputs (or, where the dump has no such
/// tensor, on what follows from the last that it has), so that an error is charged where it arises. None when
/// stopped. Throws core::Error naming a tensor that does not fit, or a sample that the data does not have.
[[nodiscard]] std::optional<DeviceComparison> compareDevice(Session& session, const QuantizationPlan& plan,
                                                            std::span<const DeviceTensor> tensors,
                                                            const std::stop_token& stop,
                                                            const ProgressCallback& progress);

} // namespace core
