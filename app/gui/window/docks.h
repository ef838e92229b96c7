#pragma once

#include "app/gui/window/delivery.h"

#include <QCoreApplication>

#include <span>

class QWidget;

namespace views {
class Panel;
class Selection;
class TensorCostsService;
} // namespace views

namespace app {

class RunController;
class Workspace;

/// Where a dock stands in the default layout.
enum class DockPlace
{
    Left,
    Middle,
    Right,
    BelowRight,
    Bottom ///< tabs over each other, the first in front
};

/// What a dock is told of.
enum class DockNews
{
    Results,
    Runs ///< the list of all of them
};

/// What a panel is made with. A service that works for it becomes a child of `window`.
struct DockContext
{
    views::Selection* selection;
    views::TensorCostsService* costs;
    Workspace* workspace;
    RunController* controller;
    QWidget* window;
};

/// A dock: a row of the table, in the order of the View menu and of the tabs.
struct DockRow
{
    const char* name; ///< object name
    const char* title; ///< in the context app::MainWindow
    DockPlace place;
    int turn; ///< in which new results reach it: 0 is at once, the others one by one
    Delivery::When when;
    views::Panel* (*make)(const DockContext&);
    DockNews news = DockNews::Results;
};

[[nodiscard]] std::span<const DockRow> dockRows();

/// What the command line calls a page of a dock, or work that is started there.
struct DockPage
{
    const char* name;
    const char* dock; ///< object name
    void (*show)(views::Panel&);
};

[[nodiscard]] std::span<const DockPage> dockPages();

/// Pages that the menus open.
inline constexpr const char* kDiagnosisPage = "Diagnosis";
inline constexpr const char* kSearchingPage = "Searching";

} // namespace app
