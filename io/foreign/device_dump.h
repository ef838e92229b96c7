#pragma once

#include "core/device/device_tensor.h"

#include <filesystem>
#include <vector>

namespace io {

/// Tensors that another runtime wrote down:
///   a folder with index.json: {"format": "noisefloor-tensors/1", "tensors": [{"name", "file"
///     [, "array", "shape", "type", "layout", "scale", "zero_point", "sample"]}]}, files .npy, .npz, .h5 or
///     raw little-endian numbers ("shape" optional, "type" float32 as a rule);
///   a folder with Result_0, Result_1, …: QNN's and SNPE's, raw float32 named after tensors, one folder a
///   sample; any other folder: its .npy, .npz, .h5, .pb (ONNX TensorProto) and .raw (float32), by name; one
///   .npz or .h5.
/// Sizes are held against the files before memory is asked for. Throws core::Error naming file and tensor.
[[nodiscard]] std::vector<core::DeviceTensor> readDeviceDump(const std::filesystem::path& path);

} // namespace io
