#pragma once

#include "io/exports/format.h"
#include "io/files/text_format.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What several text formats share.
namespace io {

/// Name of the value that an operator (or input) writes; empty when there is none of that name.
[[nodiscard]] std::string outputOf(const core::OperatorGraph& graph, std::string_view op);

/// The losses of activations in a format that knows one positive magnitude per tensor (symmetric, signed, 8
/// bits).
[[nodiscard]] std::vector<ExportLoss> lossesOfSymmetricFormat(const EncodingTable& table);

/// One loss per operator that is float although the format cannot say so.
[[nodiscard]] std::vector<ExportLoss> lossesOfFloatOperators(const EncodingTable& table,
                                                             const std::string& what);

/// One loss per weight tensor that BatchNormalization was folded into, for formats that go by the names of
/// the file.
[[nodiscard]] std::vector<ExportLoss> lossesOfFoldedWeights(const EncodingTable& table);

/// One loss per operator whose weights or bias are not those of the model's file because the plan repairs
/// them.
[[nodiscard]] std::vector<ExportLoss> lossesOfRepairs(const core::OperatorGraph& graph,
                                                      const core::ResolvedPlan& resolved);

void append(std::vector<ExportLoss>& losses, std::vector<ExportLoss> more);

/// Whether weights are in groups of source channels, for formats that have one scale per channel at most:
/// they are left out, which is added to the losses.
[[nodiscard]] bool losesGroups(const TensorEncoding& weights, std::vector<ExportLoss>& losses);

} // namespace io
