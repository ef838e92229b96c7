#pragma once

#include <Qt>

namespace views {

/// Roles that every item model of the application shares.
enum Role
{
    SortRole =
        Qt::UserRole, ///< raw number (double) or text; invalid where there is none: sorts last either way
    HeatRole, ///< 0…1 on the common heat scale; invalid where the cell is not tinted
    OperatorRole, ///< index of the operator, as uint
};

} // namespace views
