#pragma once

#include "core/graph/operator_registry.h"

#include <span>

namespace core::ops {

// The operators of each file of this folder; core/operator_registry.cpp puts them together.
[[nodiscard]] std::span<const OperatorDefinition> activationOperators();
[[nodiscard]] std::span<const OperatorDefinition> arithmeticOperators();
[[nodiscard]] std::span<const OperatorDefinition> comparisonOperators();
[[nodiscard]] std::span<const OperatorDefinition> controlOperators();
[[nodiscard]] std::span<const OperatorDefinition> convolutionOperators();
[[nodiscard]] std::span<const OperatorDefinition> deformedOperators();
[[nodiscard]] std::span<const OperatorDefinition> einsumOperators();
[[nodiscard]] std::span<const OperatorDefinition> gatheringOperators();
[[nodiscard]] std::span<const OperatorDefinition> generatorOperators();
[[nodiscard]] std::span<const OperatorDefinition> gridOperators();
[[nodiscard]] std::span<const OperatorDefinition> linearOperators();
[[nodiscard]] std::span<const OperatorDefinition> loopOperators();
[[nodiscard]] std::span<const OperatorDefinition> lossOperators();
[[nodiscard]] std::span<const OperatorDefinition> movementOperators();
[[nodiscard]] std::span<const OperatorDefinition> normalizationOperators();
[[nodiscard]] std::span<const OperatorDefinition> poolingOperators();
[[nodiscard]] std::span<const OperatorDefinition> quantizationOperators();
[[nodiscard]] std::span<const OperatorDefinition> quantizedLinearOperators();
[[nodiscard]] std::span<const OperatorDefinition> recurrentOperators();
[[nodiscard]] std::span<const OperatorDefinition> reductionOperators();
[[nodiscard]] std::span<const OperatorDefinition> resizeOperators();
[[nodiscard]] std::span<const OperatorDefinition> samplingOperators();
[[nodiscard]] std::span<const OperatorDefinition> selectionOperators();
[[nodiscard]] std::span<const OperatorDefinition> shapeOperators();
[[nodiscard]] std::span<const OperatorDefinition> signalOperators();
[[nodiscard]] std::span<const OperatorDefinition> slicingOperators();
[[nodiscard]] std::span<const OperatorDefinition> softmaxOperators();
[[nodiscard]] std::span<const OperatorDefinition> unaryOperators();

} // namespace core::ops
