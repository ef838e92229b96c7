#include "core/graph/operator_registry.h"

#include "core/graph/ops/definitions.h"

#include <algorithm>
#include <tuple>

namespace core {

namespace {

std::vector<OperatorDefinition> sortedDefinitions()
{
    using namespace ops;
    std::vector<OperatorDefinition> all;
    for (const auto part : {activationOperators(), arithmeticOperators(),   comparisonOperators(),
                            controlOperators(),    convolutionOperators(),  deformedOperators(),
                            einsumOperators(),     gatheringOperators(),    generatorOperators(),
                            gridOperators(),       linearOperators(),       loopOperators(),
                            lossOperators(),       movementOperators(),     normalizationOperators(),
                            poolingOperators(),    quantizationOperators(), quantizedLinearOperators(),
                            recurrentOperators(),  reductionOperators(),    resizeOperators(),
                            samplingOperators(),   selectionOperators(),    shapeOperators(),
                            signalOperators(),     slicingOperators(),      softmaxOperators(),
                            unaryOperators()}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    std::ranges::sort(all, {}, [](const OperatorDefinition& d) { return std::tie(d.domain, d.type); });
    return all;
}

} // namespace

std::span<const OperatorDefinition> allOperators()
{
    static const std::vector<OperatorDefinition> all = sortedDefinitions();
    return all;
}

const OperatorDefinition* findOperator(std::string_view domain, std::string_view type)
{
    const auto all = allOperators();
    const auto it =
        std::ranges::lower_bound(all, std::tuple(domain, type), {},
                                 [](const OperatorDefinition& d) { return std::tuple(d.domain, d.type); });
    return it != all.end() && it->domain == domain && it->type == type ? &*it : nullptr;
}

} // namespace core
