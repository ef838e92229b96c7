#pragma once

#include "core/graph/graph.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace io {

/// TensorProto.DataType of an element type.
[[nodiscard]] int onnxTypeNumber(core::DataType type);

/// Builds a ModelProto node by node.
class OnnxWriter
{
public:
    OnnxWriter();
    ~OnnxWriter();

    /// `dimensionNames`: of open dimensions, by axis.
    void input(const std::string& name, core::DataType type, const core::Shape& shape,
               const std::vector<std::string>& dimensionNames = {});
    void output(const std::string& name, core::DataType type, const core::Shape& shape);
    /// Written once; a second tensor of that name is ignored.
    void initializer(const std::string& name, const core::Tensor& tensor);
    /// Codes held as int8 or uint8, each within four bits: INT4 or UINT4, two per byte, the first in the low
    /// half.
    void fourBitInitializer(const std::string& name, const core::Tensor& codes);
    void node(const std::string& type, const std::string& name, const std::vector<std::string>& inputs,
              const std::vector<std::string>& outputs,
              const std::map<std::string, core::Attribute, std::less<>>& attributes = {},
              const std::string& domain = {});

    /// Whether two tensors, or two nodes, were given one name.
    [[nodiscard]] bool hasCollision() const;

    /// Opset of ai.onnx; graph name; other domains are imported at version 1.
    [[nodiscard]] std::string finish(const std::string& graphName, int opset) const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace io
