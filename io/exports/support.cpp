#include "io/exports/support.h"

#include <fmt/format.h>

namespace io {

std::string outputOf(const core::OperatorGraph& graph, std::string_view op)
{
    const auto id = graph.find(op);
    const core::ValueId result = id ? graph.at(*id).result() : core::kNoValue;
    return result == core::kNoValue ? std::string() : graph.value(result).name;
}

std::vector<ExportLoss> lossesOfSymmetricFormat(const EncodingTable& table)
{
    std::vector<ExportLoss> losses;
    for (const TensorEncoding& tensor : table.activations) {
        if (tensor.params.bits != 8) {
            losses.push_back({tensor.tensor, fmt::format("{} bits become 8", tensor.params.bits)});
        } else if (!isSymmetric(tensor.params)) {
            const core::Range range = tensor.params.range();
            const double most = largestMagnitude(tensor.params);
            losses.push_back(
                {tensor.tensor,
                 fmt::format("asymmetric {:.6g}…{:.6g} becomes symmetric ±{:.6g}: steps {:.3g} times as wide",
                             range.min, range.max, most, most / 127.0 / tensor.params.scale[0])});
        }
    }
    return losses;
}

std::vector<ExportLoss> lossesOfFloatOperators(const EncodingTable& table, const std::string& what)
{
    std::vector<ExportLoss> losses;
    for (const OperatorEncoding& op : table.operators) {
        if (op.isFloat) {
            losses.push_back({op.name, "stays float: " + what});
        }
    }
    return losses;
}

std::vector<ExportLoss> lossesOfFoldedWeights(const EncodingTable& table)
{
    std::vector<ExportLoss> losses;
    for (const TensorEncoding& tensor : table.weights) {
        if (tensor.folded) {
            losses.push_back({tensor.tensor,
                              "scales are those of the weights with BatchNormalization folded in: fold it in "
                              "the model, too"});
        }
    }
    return losses;
}

std::vector<ExportLoss> lossesOfRepairs(const core::OperatorGraph& graph, const core::ResolvedPlan& resolved)
{
    std::vector<ExportLoss> losses;
    for (const core::EqualizedPair& pair : graph.equalized) {
        losses.push_back({graph.at(pair.consumer).name,
                          fmt::format("cannot express weights equalized with {}: ranges and scales are those "
                                      "of the rewritten network",
                                      graph.at(pair.producer).name)});
    }
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        const auto& weights = resolved.operators[i].weights;
        if (weights && !weights->dead.isEmpty()) {
            losses.push_back({graph.operators[i].name, "cannot express zeroed weights of dead channels"});
        }
        if (weights && !weights->biasShift.empty()) {
            losses.push_back({graph.operators[i].name, "cannot express a corrected bias"});
        }
        if (weights && weights->isRoundedByMask) {
            losses.push_back({graph.operators[i].name, "cannot express learnt rounding"});
        }
    }
    return losses;
}

void append(std::vector<ExportLoss>& losses, std::vector<ExportLoss> more)
{
    losses.insert(losses.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

bool losesGroups(const TensorEncoding& weights, std::vector<ExportLoss>& losses)
{
    if (weights.params.group == 0) {
        return false;
    }
    losses.push_back({weights.tensor,
                      fmt::format("weights in groups of {} source channels: left out, the format has one "
                                  "scale per channel at most",
                                  weights.params.group)});
    return true;
}

} // namespace io
