#pragma once

#include <QString>

#include <vector>

namespace app {

/// A model with the data it was opened with last.
struct RecentFile
{
    QString model;
    QString data; ///< empty: synthetic input
    bool operator==(const RecentFile&) const = default;
};

/// Newest first, at most ten, kept in the settings; models that are gone are left out.
[[nodiscard]] std::vector<RecentFile> recentFiles();
void rememberFile(const RecentFile& file);

} // namespace app
