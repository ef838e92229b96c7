#pragma once

#include "core/session/tensor_capture.h"
#include "io/files/hdf5/image.h"

#include <string>

namespace io {

/// Tensors of both pipelines that a session keeps.
struct SavedTensors
{
    std::shared_ptr<const core::QuantizationPlan> plan; ///< of the quantized ones
    core::CapturedTensors tensors;
};

/// The most that a session keeps of them, in bytes: it is put together in memory.
inline constexpr std::uint64_t kMostTensorBytes = std::uint64_t{512} << 20;

/// One group per sample; in it `fp32` and `quantized`, a dataset for every operator in the order of the table
/// `operators`. Not packed: reading packed numbers takes longer than computing them.
void saveTensors(Hdf5Writer& file, const std::string& path, const SavedTensors& saved);
/// Throws core::Error(FileFormat) where a tensor is missing or the two of a pair differ in shape.
[[nodiscard]] SavedTensors loadTensors(const Hdf5Reader& file, const std::string& path);

} // namespace io
