#include "io/exports/aimet.h"

#include "core/graph/operator_traits.h"
#include "io/exports/support.h"

namespace io::aimet {

std::int64_t offsetOf(const core::QuantizationParams& params, std::size_t c)
{
    const std::int64_t lowest = params.codes.lowest < 0 ? -(std::int64_t{1} << (params.bits - 1)) : 0;
    return lowest - params.zeroPoint[c];
}

void setType(core::QuantizationParams& params, int bits, bool isSigned)
{
    params.bits = bits;
    params.type = bits <= 8 ? (isSigned ? core::DataType::Int8 : core::DataType::UInt8)
                            : (isSigned ? core::DataType::Int16 : core::DataType::UInt16);
    params.codes = isSigned ? core::CodeRange{-(1 << (bits - 1)), (1 << (bits - 1)) - 1}
                            : core::CodeRange{0, (1 << bits) - 1};
}

void addStep(core::QuantizationParams& params, float scale, std::int64_t offset)
{
    const std::int64_t lowest = params.codes.lowest;
    params.scale.push_back(scale);
    params.zeroPoint.push_back(static_cast<std::int32_t>(lowest - offset));
}

int weightAxis(const core::OperatorGraph& graph, const std::string& tensor)
{
    const auto id = graph.find(readerOf(graph, tensor));
    if (!id) {
        return 0;
    }
    constexpr std::size_t kMatrix = 2;
    return static_cast<int>(core::weightAxes(graph.at(*id).node, kMatrix).result);
}

std::string readerOf(const core::OperatorGraph& graph, const std::string& tensor)
{
    const auto value = graph.graph->findValue(tensor);
    if (!value || graph.value(*value).consumers.empty()) {
        return {};
    }
    const auto op = graph.find(graph.graph->node(graph.value(*value).consumers.front()).name);
    return op ? graph.at(*op).name : std::string();
}

std::vector<ExportLoss> losses(const EncodingTable& table)
{
    auto result = lossesOfFoldedWeights(table);
    append(result,
           lossesOfFloatOperators(
               table, "encodings go by tensor; its output is left without one where nothing else needs it"));
    return result;
}

} // namespace io::aimet
