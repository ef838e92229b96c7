// The docks of the main window: what is where.
#include "app/gui/window/main_window.h"

#include "views/channels/channels_view.h"
#include "views/distribution/distribution_view.h"
#include "views/doctor/doctor_view.h"
#include "views/graph/graph_view.h"
#include "views/inspector/inspector_view.h"
#include "views/messages/messages_view.h"
#include "views/methods/methods_view.h"
#include "views/operators/operators_view.h"
#include "views/profile/error_profile_view.h"
#include "views/runs/runs_view.h"
#include "views/samples/samples_view.h"
#include "views/samples/tensor_view.h"
#include "views/search/search_view.h"
#include "views/sensitivity/sensitivity_view.h"

#include <QDockWidget>

namespace app {

namespace {

constexpr int kLeastDockHeight = 90;

} // namespace

QDockWidget* MainWindow::addDock(const QString& name, const QString& title, QWidget* content)
{
    auto* const dock = new QDockWidget(title, this);
    dock->setObjectName(name);
    dock->setWidget(content);
    m_docks.push_back(dock);
    return dock;
}

void MainWindow::makeDocks()
{
    // No central widget: every part of the window is a dock that can be closed and found again.
    auto* const none = new QWidget(this);
    none->setObjectName(QStringLiteral("noCentralWidget"));
    none->setMaximumSize(0, 0);
    none->hide();
    setCentralWidget(none);
    m_operators = new views::OperatorsView(&m_selection, this);
    m_distribution = new views::DistributionView(&m_selection, &m_costs, this);
    m_inspector = new views::InspectorView(&m_selection, this);
    m_graph = new views::GraphView(&m_selection, this);
    m_profile = new views::ErrorProfileView(&m_selection, this);
    m_methods = new views::MethodsView(&m_selection, &m_costs, this);
    m_channels = new views::ChannelsView(&m_selection, this);
    m_samples = new views::SamplesView(&m_selection, this);
    m_runs = new views::RunsView(&m_selection, this);
    m_tensor = new views::TensorView(&m_selection, this);
    m_doctor = new views::DoctorView(&m_selection, this);
    m_sensitivity = new views::SensitivityView(&m_selection, this);
    m_search = new views::SearchView(this);
    m_messages = new views::MessagesView(this);
    addDock(QStringLiteral("operatorsDock"), tr("Operators"), m_operators);
    addDock(QStringLiteral("graphDock"), tr("Graph"), m_graph);
    addDock(QStringLiteral("distributionDock"), tr("Distribution"), m_distribution);
    addDock(QStringLiteral("inspectorDock"), tr("Inspector"), m_inspector);
    addDock(QStringLiteral("profileDock"), tr("Error profile"), m_profile);
    addDock(QStringLiteral("doctorDock"), tr("Doctor"), m_doctor);
    addDock(QStringLiteral("sensitivityDock"), tr("Sensitivity"), m_sensitivity);
    addDock(QStringLiteral("searchDock"), tr("Search"), m_search);
    addDock(QStringLiteral("methodsDock"), tr("Methods"), m_methods);
    addDock(QStringLiteral("channelsDock"), tr("Channels"), m_channels);
    addDock(QStringLiteral("tensorDock"), tr("Tensor"), m_tensor);
    addDock(QStringLiteral("samplesDock"), tr("Samples"), m_samples);
    addDock(QStringLiteral("runsDock"), tr("Runs"), m_runs);
    addDock(QStringLiteral("messagesDock"), tr("Messages"), m_messages);
    connect(m_operators, &views::OperatorsView::queryChanged, m_graph, &views::GraphView::setQuery);
}

void MainWindow::resetLayout()
{
    for (QDockWidget* const dock : m_docks) {
        removeDockWidget(dock);
    }
    // Operators | Graph | Distribution over Inspector; below all of them the profile and its tabs.
    enum
    {
        Operators,
        Graph,
        Distribution,
        Inspector,
        Profile
    };
    addDockWidget(Qt::TopDockWidgetArea, m_docks[Operators]);
    splitDockWidget(m_docks[Operators], m_docks[Graph], Qt::Horizontal);
    splitDockWidget(m_docks[Graph], m_docks[Distribution], Qt::Horizontal);
    splitDockWidget(m_docks[Distribution], m_docks[Inspector], Qt::Vertical);
    addDockWidget(Qt::BottomDockWidgetArea, m_docks[Profile]);
    for (std::size_t i = Profile + 1; i < m_docks.size(); ++i) {
        tabifyDockWidget(m_docks[Profile], m_docks[i]);
    }
    for (QDockWidget* const dock : m_docks) {
        dock->setFloating(false);
        dock->show();
    }
    m_docks[Profile]->raise();
    for (std::size_t i = Profile; i < m_docks.size(); ++i) {
        // Else the dock that needs most room just now would decide about the height of all, and it would grow
        // with every longer text in one of them.
        m_docks[i]->widget()->setMinimumHeight(kLeastDockHeight);
    }
    const int w = width();
    resizeDocks({m_docks[Operators], m_docks[Graph], m_docks[Distribution]},
                {w * 37 / 100, w * 20 / 100, w * 43 / 100}, Qt::Horizontal);
    resizeDocks({m_docks[Distribution], m_docks[Inspector]}, {height() * 53 / 100, height() * 17 / 100},
                Qt::Vertical);
    resizeDocks({m_docks[Operators], m_docks[Profile]}, {height() * 70 / 100, height() * 30 / 100},
                Qt::Vertical);
}

bool MainWindow::raiseDock(const QString& name)
{
    if (name.compare(tr("Weights"), Qt::CaseInsensitive) == 0) {
        m_distribution->showWeights();
        return raiseDock(QStringLiteral("distributionDock"));
    }
    if (name.compare(tr("Over time"), Qt::CaseInsensitive) == 0) {
        m_profile->showTime(true);
        return raiseDock(QStringLiteral("profileDock"));
    }
    if (name.compare(tr("Network methods"), Qt::CaseInsensitive) == 0) {
        m_methods->showPage(views::MethodsView::Page::Network);
        m_controller.compareMethods(m_workspace.plan());
        return raiseDock(QStringLiteral("methodsDock"));
    }
    if (name.compare(tr("Diagnosis"), Qt::CaseInsensitive) == 0) {
        m_diagnosis.start(m_workspace.plan());
        return raiseDock(QStringLiteral("doctorDock"));
    }
    if (name.compare(tr("Searching"), Qt::CaseInsensitive) == 0) {
        m_search->start();
        return raiseDock(QStringLiteral("searchDock"));
    }
    if (name.compare(tr("Truths"), Qt::CaseInsensitive) == 0) {
        m_sensitivity->start();
        return raiseDock(QStringLiteral("sensitivityDock"));
    }
    for (QDockWidget* const dock : m_docks) {
        if (dock->objectName() == name || dock->windowTitle().compare(name, Qt::CaseInsensitive) == 0) {
            dock->show();
            dock->raise();
            return true;
        }
    }
    return false;
}

} // namespace app
