#pragma once

#include "core/graph/graph.h"
#include "core/graph/written_quantization.h"
#include "core/plan/repair_settings.h"
#include "core/plan/runtime.h"
#include "kernels/shape/post_operation.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace core {

enum class OperatorId : std::uint32_t
{
};
[[nodiscard]] constexpr std::size_t indexOf(OperatorId id) { return static_cast<std::size_t>(id); }

/// One unit of the pipeline: an ONNX node with what was fused into it (BatchNormalization folded into weights
/// and bias, a residual Add, an activation). Operators of type `Input` stand for the graph's inputs.
struct Operator
{
    std::string name; ///< of its anchor node; of the input for type Input
    std::string type; ///< of its anchor node, or "Input"
    Node node; ///< the anchor: attributes; inputs of the fused operator are below
    std::vector<NodeId> nodes; ///< all ONNX nodes it stands for, in order
    std::vector<std::string> nodeNames;
    std::vector<ValueId>
        inputs; ///< activations and constants as the anchor reads them; weights may be replaced
    std::optional<std::size_t>
        residual; ///< index into inputs of the fused Add's other operand (always the last)
    kernels::Activation activation;
    std::vector<float> upperBounds; ///< of its result by channel, behind the activation; empty: none
    std::vector<ValueId> outputs; ///< values of the graph that it writes
    std::string group; ///< the pattern it was recognised as or is part of ("attention", …), or empty
    int depth = 0; ///< longest path from an input, in operators

    /// Constants of the fused operator by position in `inputs`: folded weights and bias replace the graph's.
    std::vector<std::optional<Tensor>> constants;

    /// The value that stands for the operator in tables and reports: its first output that is used.
    [[nodiscard]] ValueId result() const;
};

/// Which linear operators are equalized against what writes their source: operator over type over all.
struct EqualizationWishes
{
    Equalization all;
    std::map<std::string, Equalization> types;
    std::map<std::string, Equalization> operators; ///< by name of the operator or of an inner node

    [[nodiscard]] const Equalization& of(const Operator& op) const;
    [[nodiscard]] bool isEmpty() const { return *this == EqualizationWishes{}; }
    bool operator==(const EqualizationWishes&) const = default;
};

/// Which Sigmoid and Tanh are DNNLOWP's tables of codes (its convention): operator over type over all. A
/// table reads codes, so it stays apart from the product before it.
struct TableWishes
{
    bool all = false;
    std::map<std::string, bool> types;
    std::map<std::string, bool> operators; ///< by name of the node

    [[nodiscard]] bool of(const Node& node) const;
    bool operator==(const TableWishes&) const = default;
};

struct FusionOptions
{
    bool enabled = true; ///< false: every ONNX node is an operator of its own
    bool fuseResidual = true;
    FusedFunctions functions = FusedFunctions::None;
    bool fuseRelu = false; ///< into a Sum of any number of operands, or a BatchNormalization
    TableWishes tables;
    /// Anchors whose residual Add must stay apart although fuseResidual is set, or the other way round.
    std::map<std::string, bool> residualByName;
    /// Of a quantized model: values that it quantizes are not fused away.
    std::shared_ptr<const WrittenQuantization> written;
    EqualizationWishes equalize; ///< rewrites constants and bounds of operators; the FP32 function stays
    bool operator==(const FusionOptions&) const = default;
};

/// Two operators whose weights were scaled against each other.
struct EqualizedPair
{
    OperatorId producer{};
    OperatorId consumer{};
    std::vector<float> scale; ///< by channel between them: what the producer's was divided by
};

/// Operators in execution order: inputs first.
struct OperatorGraph
{
    std::shared_ptr<const Graph> graph;
    FusionOptions options;
    std::shared_ptr<const WrittenQuantization>
        written; ///< what the model says; null unless it came quantized
    std::vector<Operator> operators;
    std::vector<std::optional<OperatorId>> producerOf; ///< by ValueId
    std::vector<std::vector<OperatorId>> consumersOf; ///< by ValueId, each operator once
    std::vector<EqualizedPair> equalized; ///< in graph order of the readers

    [[nodiscard]] const Operator& at(OperatorId id) const { return operators[indexOf(id)]; }
    [[nodiscard]] const Value& value(ValueId id) const { return graph->value(id); }
    [[nodiscard]] std::optional<OperatorId>
    find(std::string_view name) const; ///< by operator or inner node name
};

/// Fuses a graph whose shapes are static and whose constants are folded.
[[nodiscard]] std::shared_ptr<const OperatorGraph> fuseOperators(std::shared_ptr<const Graph> graph,
                                                                 const FusionOptions& options);

} // namespace core
