#pragma once

#include "views/operators/operators_model.h"

#include <optional>

namespace views {

/// What a numeric column says of an operator; none when it was not measured or the column is text.
[[nodiscard]] std::optional<double> cellNumber(const core::LayerReport& layer, OperatorsModel::Column column);
[[nodiscard]] QString cellText(const core::LayerReport& layer, OperatorsModel::Column column);
/// 0…1 of the colour scale; none for columns without.
[[nodiscard]] std::optional<double> cellHeat(const core::LayerReport& layer, OperatorsModel::Column column);

} // namespace views
