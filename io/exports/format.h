#pragma once

#include "core/network/operator_graph.h"
#include "core/plan/plan.h"
#include "core/quantization/resolved_plan.h"
#include "core/report/report.h"
#include "core/statistics/statistics.h"
#include "io/exports/encoding_table.h"

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace io {

/// One thing that the target cannot express, known before anything is written.
struct ExportLoss
{
    std::string item; ///< name of the tensor or operator; empty: the whole network
    std::string what; ///< a phrase: "asymmetric, becomes symmetric: codes below zero stay unused"
    bool operator==(const ExportLoss&) const = default;
};
[[nodiscard]] std::string toString(const ExportLoss& loss); ///< "conv1: asymmetric, …"

/// Everything an export is written from. graph, resolved and plan are always there.
struct ExportSource
{
    std::shared_ptr<const core::OperatorGraph> graph;
    std::shared_ptr<const core::ResolvedPlan> resolved;
    std::shared_ptr<const core::QuantizationPlan> plan;
    std::shared_ptr<const core::Report>
        report; ///< a run under that plan; formats with needsReport throw without it
    /// Calibration statistics by value name; formats with needsStatistics throw without it.
    std::shared_ptr<const std::map<std::string, core::TensorStatistics>> statistics;
    std::filesystem::path model; ///< the file the network came from
    bool isSynthetic = false; ///< whether ranges were chosen on made-up data
    std::vector<ExportLoss>
        narrowed{}; ///< inputs and outputs that a written network has of other shapes or types
};

/// One line per loss, in order of first appearance; of more than `most` items that lose the same only the
/// first ones are named and the others counted. most 0: every one.
[[nodiscard]] std::vector<std::string> summaryOf(std::span<const ExportLoss> losses, std::size_t most);

/// One file of an export. The first is the export itself; others lie beside it.
struct ExportedFile
{
    std::string suffix; ///< appended to the path that the user chose, e.g. ".loader.py"; empty for the first
    std::string content;
};

struct Export
{
    std::vector<ExportedFile> files;
    std::vector<ExportLoss> losses; ///< in graph order
};

/// One target. Each lives in its own file; adding one is that file and its line in formats.cpp.
struct ExportFormat
{
    std::string_view name; ///< as --format takes it: "trt-cache"
    std::string_view title; ///< for people: "TensorRT calibration cache"
    std::string_view extension; ///< proposed, with the dot: ".cache"
    std::string_view help; ///< one line: what loads it
    bool needsReport = false;
    bool needsStatistics = false;
    bool isModel = false; ///< a network that can be run, not a table of settings
    bool keepsActivations = true; ///< whether the file says how activations are quantized,
    bool keepsWeights = true; ///< … how weights are,
    bool keepsOperators = true; ///< … and which operators stay float
    bool keepsRepairs =
        false; ///< whether rewritten weights and biases come along, or the plan that makes them
    bool keepsEverything =
        false; ///< the plan itself, or a file that configures nothing: no target loses anything more
    bool keepsCodes = false; ///< whether the lowest and the highest code can be narrower than their type
    bool keepsFloatOutputs = true; ///< whether an integer operator can be told to write float
    bool keepsWeightGranularity =
        false; ///< without scales of weights: whether there is one per channel or per tensor
    bool isDnnlowp = false; ///< whether the target's arithmetic is DNNLOWP's

    /// Pure: nothing is written to disk. Throws core::Error naming what cannot be exported at all.
    Export (*write)(const ExportSource& source) = nullptr;

    /// The inverse, for import and verification; null where the format keeps too little. The graph turns
    /// names of operators into names of tensors; `file` is for messages. Throws core::Error(FileFormat)
    /// naming file and place.
    EncodingTable (*read)(std::string_view content, std::string_view file,
                          const core::OperatorGraph& graph) = nullptr;
};

/// The export with everything that its format cannot say, changes of weights and biases among it.
[[nodiscard]] Export exportAs(const ExportFormat& format, const ExportSource& source);

/// Every format, in the order that lists show.
[[nodiscard]] std::span<const ExportFormat> exportFormats();

/// Throws core::Error(Usage) listing near misses.
[[nodiscard]] const ExportFormat& exportFormat(std::string_view name);

/// Every file of the export, all of them or none. Returns the paths, the export itself first.
std::vector<std::filesystem::path> writeExport(const Export& exported, const std::filesystem::path& path);

} // namespace io
