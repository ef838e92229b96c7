#pragma once

#include <QMenu>

#include <cstddef>
#include <functional>

namespace app {

/// How much memory the window may use, from the user's settings; the default of the command line without.
[[nodiscard]] std::size_t memoryBytes();

/// A choice of that, kept in the settings. `chosen`: what holds from now on; `kept`: bytes kept just now to
/// save time, told when the menu opens.
void makeMemoryMenu(QMenu* menu, const std::function<void(std::size_t bytes)>& chosen,
                    const std::function<std::size_t()>& kept);

} // namespace app
