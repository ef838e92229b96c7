#pragma once

#include "core/tensor/shape.h"
#include "io/data/preprocess.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace io {

enum class InputKind
{
    Images,
    Hdf5,
    Npy,
    Npz,
    Audio,
    Constant,
    State,
    Random
};

/// Where one input of the model comes from. Which fields count depends on the kind.
struct InputDescription
{
    std::string name; ///< of the model's input; may be empty when there is one
    InputKind kind = InputKind::Random;
    std::filesystem::path path;
    std::string array; ///< "dataset" of an HDF5 file, "array" of an .npz
    std::int64_t window = 0; ///< samples per execution
    std::int64_t hop = 0;
    std::int64_t context = 0; ///< samples before the window, zero before the recording
    std::vector<double> value;
    std::string from; ///< the output that is fed back
    double initial = 0;
    std::optional<core::Shape> shape;
    std::uint64_t seed = 1;
    std::int64_t samples = 16;
};

enum class LabelKind
{
    Csv,
    Hdf5,
    Npz,
    Npy
};

struct LabelDescription
{
    LabelKind kind = LabelKind::Npy;
    std::filesystem::path path;
    std::string column; ///< of a CSV
    std::string array; ///< dataset of an HDF5 file, array of an .npz; empty for an .npy
    std::int64_t offset = 0;
    std::string output; ///< the model's output they belong to; empty: its single one
};

/// The user's own number, as the description writes it; see metric_kinds.h.
struct MetricDescription
{
    std::string json;
    std::filesystem::path folder; ///< that its paths are relative to
};

struct CalibrationDescription
{
    std::filesystem::path path; ///< empty: `first` counts
    std::string array; ///< as in InputDescription; empty: the same as the input's
    std::optional<std::int64_t> first;
};

/// A noisefloor-data/1 file, or what was concluded from a folder or array file given directly.
struct DataDescription
{
    std::string file; ///< for messages
    std::vector<InputDescription> inputs;
    Preprocess preprocess;
    std::optional<LabelDescription> labels;
    std::optional<CalibrationDescription> calibration;
    std::vector<std::string> warnings;
    std::optional<MetricDescription> metric{};
};

/// Strict: an unknown key, kind or value, or keys that contradict each other, throw core::Error naming where
/// and near misses. Paths are taken relative to `folder`.
[[nodiscard]] DataDescription parseDescription(std::string_view json, const std::string& file,
                                               const std::filesystem::path& folder);

} // namespace io
