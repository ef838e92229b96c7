#pragma once

#include "core/diagnosis/finding.h"
#include "views/base/value_model.h"

#include <QString>

#include <optional>

class QWidget;

namespace views {

class ValueTable;

// The empty tables of the Doctor dock, their columns explained.
[[nodiscard]] ValueTable* makeFindingsTable(QWidget* parent);
[[nodiscard]] ValueTable* makeProofsTable(QWidget* parent);
[[nodiscard]] ValueTable* makeFixesTable(QWidget* parent);

/// "+18.3", sorted by the number; a dash where there is none.
[[nodiscard]] Cell gainCell(const std::optional<double>& gain);

/// What a fix costs when the network is deployed.
[[nodiscard]] QString costText(core::FixCost cost);

} // namespace views
