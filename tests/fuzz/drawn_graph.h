#pragma once

#include "core/graph/operator_registry.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace fuzz {

using Attributes = std::map<std::string, core::Attribute, std::less<>>;
using Names = std::vector<std::string>;

struct DrawnGraph;

struct DrawnNode
{
    std::string type;
    std::string domain;
    std::string name;
    Names inputs; ///< empty names: left out
    Names outputs;
    Attributes attributes;
    std::map<std::string, std::shared_ptr<const DrawnGraph>> bodies; ///< attributes that are graphs
};

struct DrawnInput
{
    std::string name;
    std::vector<core::Tensor> samples; ///< all of one type and shape
    bool hasDynamicBatch = false; ///< its first dimension is declared without a value
};

struct DrawnConstant
{
    std::string name;
    core::Tensor tensor;
    bool isAlsoInput = false; ///< listed among the graph's inputs, as models before IR version 4 do
};

/// A model with its data, as plain values: what is drawn, judged, shrunk and written as a case.
struct DrawnGraph
{
    int opset = 17;
    std::vector<DrawnInput> inputs;
    std::vector<DrawnConstant> constants;
    std::vector<DrawnNode> nodes;
    Names outputs;
    std::set<std::string> forms; ///< what was drawn besides operators: "constant: computed", "rank 5", …
    bool isExtreme =
        false; ///< holds 1e±20, infinity or NaN: sums may overflow in one order and not in another

    [[nodiscard]] std::size_t samples() const { return inputs.empty() ? 1 : inputs[0].samples.size(); }
};

/// Serialized ModelProto. Outputs are declared with the types and shapes given, without where one is missing.
[[nodiscard]] std::string modelBytes(const DrawnGraph& graph,
                                     const std::map<std::string, core::ValueInfo>& outputs);

/// One line: "opset 13: x f32[1,3] → Relu → y".
[[nodiscard]] std::string toString(const DrawnGraph& graph);

} // namespace fuzz
