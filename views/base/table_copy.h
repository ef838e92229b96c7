#pragma once

class QAbstractItemModel;
class QString;
class QTableView;

namespace views {

/// Ctrl+C and the context menu copy the selected rows (all when none is selected) of the visible columns as
/// TSV with a header line: raw numbers where a cell has one, else its text.
void installCopy(QTableView* table);

[[nodiscard]] QString tableAsTsv(const QTableView& table);

} // namespace views
