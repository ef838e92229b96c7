#pragma once

#include <QString>

#include <filesystem>

namespace app {

/// A path as people read it.
[[nodiscard]] inline QString textOf(const std::filesystem::path& path)
{
    return QString::fromStdString(path.string());
}

[[nodiscard]] inline std::filesystem::path pathOf(const QString& text)
{
    return std::filesystem::path(text.toStdString());
}

} // namespace app
