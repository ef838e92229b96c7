#pragma once

#include "core/graph/graph.h"
#include "core/metrics/metric.h"
#include "core/tensor/dataset.h"
#include "io/data/description.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace io {

struct DataRequest
{
    std::filesystem::path path; ///< description, folder, .h5, .npy, .npz; empty: seeded random input
    std::map<std::string, core::Shape> shapes; ///< --shape NAME=…: fixes dynamic dimensions
    std::size_t calibrationSamples = 0; ///< calibrate on the first so many items only; 0: as described
    core::CustomMetrics metrics{}; ///< that descriptions may name: the user's own
};

/// Opens data for a model whose inputs may still have dynamic dimensions. Labels are checked when an output's
/// number of classes is known (see checkLabels).
/// Throws core::Error naming file, dataset or key, with shapes on both sides when they do not fit.
[[nodiscard]] core::DataSource openData(const core::Graph& graph, const DataRequest& request);
/// The same from a description that is not in a file (yet).
[[nodiscard]] core::DataSource openData(const core::Graph& graph, const DataDescription& description,
                                        const std::map<std::string, core::Shape>& shapes,
                                        const core::CustomMetrics& metrics = {});

/// What openData would open: the description in the file, or what is concluded from a folder or an array
/// file.
[[nodiscard]] DataDescription describeData(const core::Graph& graph, const DataRequest& request);

/// Throws core::Error naming the first sample whose label lies outside [0, classes). openData does it when
/// the model says how many classes there are; otherwise it is due as soon as the shape of the output is
/// known.
void checkLabels(const core::Dataset& data, std::int64_t classes);
/// The same with the classes of the labelled output of a graph whose shapes are bound; nothing without
/// labels.
void checkLabels(const core::DataSource& data, const core::Graph& bound, const std::string& file);

/// Static shapes of the graph's inputs, in their order, for these samples: dynamic batch = 1, the rest from
/// the data or from request.shapes. Throws core::Error when a dimension stays unknown, saying how to give it.
[[nodiscard]] std::vector<core::Shape>
boundInputShapes(const core::Graph& graph, const core::DataSource& data, const DataRequest& request);

} // namespace io
