#pragma once

#include "views/operators/operators_model.h"

namespace views {

/// How a column of the operators is titled and explained. Titles carry the unit, help the formula; both are
/// translated in the context OperatorsModel.
struct OperatorColumn
{
    const char* title;
    const char* help;
    bool numeric;
    bool shown; ///< by default
};

[[nodiscard]] const OperatorColumn& columnOf(OperatorsModel::Column column);

} // namespace views
