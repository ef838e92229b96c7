#pragma once

#include "core/graph/graph.h"
#include "io/data/description.h"
#include "io/data/input_source.h"

#include <map>
#include <string>
#include <vector>

namespace io {

/// The model's inputs in their order, with the dimensions that --shape gives: of an input by its name, or of
/// all that the file calls by one name ("batch": one number). A dimension that one input's shape gives holds
/// for all of its name. Throws core::Error for a name that is neither, with near misses, and for a shape that
/// contradicts the model or another.
[[nodiscard]] std::vector<InputSpec> inputSpecs(const core::Graph& graph,
                                                const std::map<std::string, core::Shape>& shapes);

/// A line for every dimension that the file calls by one name and that these shapes of the inputs make
/// unequal.
[[nodiscard]] std::vector<std::string> unequalDimensions(const core::Graph& graph,
                                                         const std::vector<core::Shape>& shapes);

/// The entry of each input, in the order of the model. Throws core::Error for one that is missing, unknown,
/// given twice or without a name where there are several.
[[nodiscard]] std::vector<InputDescription> entriesOf(const DataDescription& description,
                                                      const std::vector<InputSpec>& specs);

/// The entries for calibration: calibration.path replaces the path that the inputs with files share.
[[nodiscard]] std::vector<InputDescription> calibrationEntries(std::vector<InputDescription> entries,
                                                               const CalibrationDescription& calibration,
                                                               const std::string& file);

} // namespace io
