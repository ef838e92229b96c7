#pragma once

#include "core/graph/written_quantization.h"
#include "core/plan/plan.h"
#include "core/report/results.h"
#include "core/session/session.h"
#include "io/onnx/onnx_reader.h"
#include "io/session/saved_tensors.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace app {

struct ProjectRequest
{
    std::filesystem::path model;
    std::filesystem::path data; ///< empty: seeded random input
    std::map<std::string, core::Shape> shapes; ///< of inputs with dynamic dimensions
    core::SessionOptions options;
    std::size_t calibrationSamples = 0; ///< only the first so many; 0: all
    std::filesystem::path settings{}; ///< with collectors; empty: the user's own, if there are any
};

/// A model with its data, ready to run. The window and the command line open one the same way.
struct Project
{
    std::shared_ptr<const io::OnnxModel> model; ///< as it stands in the file
    std::shared_ptr<const core::Graph> source; ///< its graph; of an already-quantized model the FP32 shadow
    std::shared_ptr<const core::WrittenQuantization> written; ///< null unless the model came quantized
    std::shared_ptr<const core::Graph> graph; ///< shapes bound, constants folded
    core::DataSource data;
    std::shared_ptr<core::Session> session;
    std::shared_ptr<const io::SavedTensors> tensors{}; ///< that its session file kept; null: none
};

/// Calibration methods that the user's settings register; `settings` empty: those of the user, where there is
/// a file.
[[nodiscard]] core::CustomMethods userMethods(const std::filesystem::path& settings);

/// Metrics likewise.
[[nodiscard]] core::CustomMetrics userMetrics(const std::filesystem::path& settings);

/// Throws core::Error naming what is wrong with model, data or shapes.
[[nodiscard]] Project openProject(const ProjectRequest& request);

/// A report with everything that goes with it: the graph of its plan and the statistics behind it.
[[nodiscard]] std::shared_ptr<const core::Results> resultsOf(const core::Session& session,
                                                             std::shared_ptr<const core::Report> report);

/// What the first samples of a run gave, while it goes on.
[[nodiscard]] std::shared_ptr<const core::Results>
earlyResultsOf(const core::Session& session, std::shared_ptr<const core::Report> report,
               std::shared_ptr<const core::StatisticsByValue> evaluation);

/// The plan that a model starts with: as written if it came quantized, else int8 with min-max.
[[nodiscard]] core::QuantizationPlan defaultPlan(const Project& project);
[[nodiscard]] core::QuantizationPlan defaultPlan(const std::filesystem::path& model);

/// "NAME=1,3,320,320" or "batch=1,sequence=128" as --shape takes it: numbers by input or dimension.
[[nodiscard]] std::map<std::string, core::Shape> parseShapes(const std::string& text);

} // namespace app
