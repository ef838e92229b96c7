#pragma once

#include "core/plan/plan.h"
#include "core/report/report.h"
#include "core/report/results.h"
#include "core/tensor/shape.h"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace io {

struct SavedTensors; // io/session/saved_tensors.h

/// One finished run of a session.
struct SavedRun
{
    std::int64_t number = 0;
    std::string finished; ///< ISO 8601
    std::string label; ///< the edit that led to it
    std::string note;
    std::shared_ptr<const core::Report> report;
};

/// One plan of the undo history and the edit that led to it (empty for the first).
struct SavedPlan
{
    std::string label;
    std::shared_ptr<const core::QuantizationPlan> plan;
};

/// Everything that a window had worked out: opening it again computes nothing.
struct SessionFile
{
    std::filesystem::path model;
    std::string modelSha256;
    std::filesystem::path data; ///< empty: seeded random input
    std::string dataFingerprint;
    std::map<std::string, core::Shape> shapes; ///< of inputs with dynamic dimensions
    std::int64_t sampleLimit = 0;
    std::vector<SavedPlan> history; ///< oldest first; never empty
    std::size_t current = 0; ///< index of the plan in force
    core::StatisticsByValue calibration;
    core::StatisticsByValue evaluation;
    std::vector<SavedRun> runs;
    std::optional<std::int64_t> baseline; ///< number of the pinned run
    std::string layout; ///< of the window, as text; opaque
    std::shared_ptr<const SavedTensors> tensors{}; ///< null unless they were asked for

    // Of a file that was read; never written.
    std::filesystem::path folder{}; ///< where it lies
    std::vector<std::string>
        lost{}; ///< what was damaged and is not here, in words; never empty where any byte is not as it was
};

/// The bytes of a session file (`.nfs`): 512 bytes of text that name format, version and the SHA-256 of the
/// rest, which HDF5 skips as a user block; then HDF5, laid out as resources/session/README.md tells. Paths
/// of model and data are written relative to `folder` where they lie below it.
[[nodiscard]] std::string sessionToBytes(const SessionFile& session, const std::filesystem::path& folder);

/// Inverse, also of version 1. Of a damaged file (its checksum does not match) every part that is whole by
/// its own checksum, with the rest in `lost`; version 1 has no such checksums. Throws core::Error(FileFormat)
/// naming what is wrong: no session file, written by a newer version, damaged where it names its model, or an
/// object missing. Nothing is allocated for what the file claims
/// before its checksum has matched, and no object of more than a gibibyte is read; behind a forged checksum
/// every object is held against what is stored of it (Hdf5Reader).
[[nodiscard]] SessionFile sessionFromBytes(std::string_view bytes, const std::filesystem::path& folder);

/// To and from disk; writing goes through a temporary file, fsync and rename. Errors name the file.
void writeSession(const SessionFile& session, const std::filesystem::path& path);
[[nodiscard]] SessionFile readSession(const std::filesystem::path& path);

} // namespace io
