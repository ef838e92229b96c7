#pragma once

#include "core/graph/graph.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace io {

/// One node in its opset-13 form.
struct NodeForm
{
    std::string type;
    std::map<std::string, core::Attribute, std::less<>> attributes;
    std::vector<std::string> inputs;
    std::map<std::string, core::Tensor> constants; ///< inputs that were attributes, by name
};

/// What a node of an older opset is called and given in opset 13, e.g. Clip's bounds as inputs. `shape` is
/// that of its first input, `type` its element type, `dst` the shape of its result. Throws core::Error naming
/// a node that has no one-to-one form.
[[nodiscard]] NodeForm opset13Form(const core::Node& node, std::vector<std::string> inputs,
                                   const core::Shape& shape, const core::Shape& dst = {},
                                   core::DataType type = core::DataType::Float32);

/// Rows and columns of a Softmax, LogSoftmax or Hardmax of an opset before 13 whose vectors go over several
/// axes: in opset 13 it stands between two Reshapes. None where one axis says the same.
[[nodiscard]] std::optional<core::Shape> flattenedRows(const core::Node& node, const core::Shape& shape);

/// The same node from opset 13 in opset 21: axes and counts that became inputs.
[[nodiscard]] NodeForm opset21Form(NodeForm form, const core::Node& node, std::size_t outputs);

} // namespace io
