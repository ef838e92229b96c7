#pragma once

#include "io/exports/encoding_table.h"
#include "io/exports/format.h"

#include <cstdint>
#include <string>
#include <string_view>

/// What AIMET's three versions share. 0.6.1 and 1.0.0 write real = scale × (q + offset) with q unsigned.
namespace io::aimet {

/// −zeroPoint of unsigned codes; signed codes are shifted by half their range first.
[[nodiscard]] std::int64_t offsetOf(const core::QuantizationParams& params, std::size_t c);

/// Inverse. A symmetric encoding with the offset of the middle gives signed codes with zero point 0.
void addStep(core::QuantizationParams& params, float scale, std::int64_t offset);
void setType(core::QuantizationParams& params, int bits, bool isSigned);

/// Axis of the channels of a weight; none in the graph: 0.
[[nodiscard]] int weightAxis(const core::OperatorGraph& graph, const std::string& tensor);
/// The operator that reads a weight; empty when there is none.
[[nodiscard]] std::string readerOf(const core::OperatorGraph& graph, const std::string& tensor);

/// What no version can say.
[[nodiscard]] std::vector<ExportLoss> losses(const EncodingTable& table);

} // namespace io::aimet
