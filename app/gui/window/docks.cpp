#include "app/gui/window/docks.h"

#include "app/gui/work/comparison_service.h"
#include "app/gui/work/diagnosis_service.h"
#include "app/gui/work/reading_service.h"
#include "app/gui/work/run_controller.h"
#include "app/gui/work/search_service.h"
#include "app/gui/work/sensitivity_service.h"
#include "app/gui/work/workspace.h"
#include "views/channels/channels_view.h"
#include "views/distribution/distribution_view.h"
#include "views/doctor/doctor_view.h"
#include "views/graph/graph_panel.h"
#include "views/inspector/inspector_view.h"
#include "views/messages/messages_view.h"
#include "views/methods/methods_view.h"
#include "views/methods/network_methods.h"
#include "views/operators/operators_view.h"
#include "views/profile/error_profile_view.h"
#include "views/runs/runs_view.h"
#include "views/samples/samples_view.h"
#include "views/samples/tensor_view.h"
#include "views/search/search_view.h"
#include "views/sensitivity/sensitivity_view.h"

#include <array>

namespace app {

namespace {

template <typename View>
views::Panel* makeView(const DockContext& in)
{
    return new View(in.selection, in.window);
}

/// What every view of a long job hears of it, and how it stops it.
template <typename View>
void follow(BatchService* service, View* view)
{
    QObject::connect(view, &View::cancelWanted, service, &BatchService::cancel);
    QObject::connect(service, &BatchService::progressed, view, &View::setProgress);
    QObject::connect(service, &BatchService::busyChanged, view, &View::setBusy);
}

views::Panel* makeDistribution(const DockContext& in)
{
    return new views::DistributionView(in.selection, in.costs, in.window);
}

views::Panel* makeMessages(const DockContext& in) { return new views::MessagesView(in.window); }

views::Panel* makeMethods(const DockContext& in)
{
    auto* const view = new views::MethodsView(in.selection, in.costs, in.window);
    views::NetworkMethods* const network = view->network();
    auto* const service = new ComparisonService(in.controller, in.window);
    QObject::connect(network, &views::NetworkMethods::compareWanted, service,
                     [in, service] { service->start(in.workspace->plan()); });
    QObject::connect(network, &views::NetworkMethods::cancelWanted, service, &BatchService::cancel);
    QObject::connect(service, &ComparisonService::compared, network, &views::NetworkMethods::addOutcome);
    QObject::connect(service, &BatchService::progressed, network, &views::NetworkMethods::setProgress);
    QObject::connect(service, &BatchService::busyChanged, network, &views::NetworkMethods::setComparing);
    return view;
}

views::Panel* makeDoctor(const DockContext& in)
{
    auto* const view = new views::DoctorView(in.selection, in.window);
    auto* const service = new DiagnosisService(in.controller, in.window);
    follow(service, view);
    QObject::connect(view, &views::DoctorView::diagnosisWanted, service,
                     [in, service] { service->start(in.workspace->plan()); });
    QObject::connect(service, &DiagnosisService::ready, view, &views::DoctorView::setDiagnosis);
    QObject::connect(view, &views::DoctorView::baselineWanted, in.workspace, [in] {
        if (!in.workspace->baseline()) { // one that the user pinned stays
            in.workspace->pinBaseline(in.workspace->results());
        }
    });
    return view;
}

views::Panel* makeSensitivity(const DockContext& in)
{
    auto* const view = new views::SensitivityView(in.selection, in.window);
    auto* const service = new SensitivityService(in.controller, in.window);
    follow(service, view);
    QObject::connect(view, &views::SensitivityView::measureWanted, service,
                     [in, service](const core::SensitivityOptions& options) {
                         service->start(in.workspace->plan(), options);
                     });
    QObject::connect(service, &SensitivityService::ready, view, &views::SensitivityView::setTable);
    return view;
}

views::Panel* makeSearch(const DockContext& in)
{
    auto* const view = new views::SearchView(in.window);
    auto* const service = new SearchService(in.controller, in.window);
    follow(service, view);
    QObject::connect(view, &views::SearchView::searchWanted, service,
                     [in, service](const core::SearchGoal& goal, std::size_t trials) {
                         service->start(in.workspace->plan(), goal, trials);
                     });
    QObject::connect(service, &SearchService::advanced, view, &views::SearchView::setRecord);
    return view;
}

views::Panel* makeTensor(const DockContext& in)
{
    auto* const view = new views::TensorView(in.selection, in.window);
    QObject::connect(view, &views::TensorView::tensorsWanted, in.controller,
                     [in](core::OperatorId op, std::size_t sample) {
                         in.controller->requestTensors(in.workspace->results()->report->plan, op, sample);
                     });
    return view;
}

views::Panel* makeSamples(const DockContext& in)
{
    auto* const view = new views::SamplesView(in.selection, in.window);
    auto* const service = new ReadingService(in.controller, in.window);
    QObject::connect(view, &views::SamplesView::readingWanted, service, [in, service](std::size_t item) {
        service->want(in.workspace->results()->report->plan, item);
    });
    QObject::connect(service, &ReadingService::ready, view, &views::SamplesView::setReading);
    QObject::connect(service, &ReadingService::failed, view, &views::SamplesView::setReadingProblem);
    return view;
}

views::Panel* makeRuns(const DockContext& in)
{
    auto* const view = new views::RunsView(in.selection, in.window);
    QObject::connect(view, &views::RunsView::baselineWanted, in.workspace, &Workspace::pinBaseline);
    QObject::connect(view, &views::RunsView::noteEdited, in.workspace, &Workspace::setNote);
    return view;
}

template <typename View>
View& viewIn(views::Panel& panel)
{
    return static_cast<View&>(panel);
}

} // namespace

std::span<const DockRow> dockRows()
{
    constexpr auto kInView = Delivery::When::InView;
    constexpr auto kAlways = Delivery::When::Always;
    // The distribution asks for what the methods cost, which Methods shows too: it comes after them.
    static constexpr std::array kRows{
        DockRow{"operatorsDock", QT_TRANSLATE_NOOP("app::MainWindow", "Operators"), DockPlace::Left, 0,
                kInView, makeView<views::OperatorsView>},
        DockRow{"graphDock", QT_TRANSLATE_NOOP("app::MainWindow", "Graph"), DockPlace::Middle, 1, kInView,
                makeView<views::GraphPanel>},
        DockRow{"distributionDock", QT_TRANSLATE_NOOP("app::MainWindow", "Distribution"), DockPlace::Right, 3,
                kAlways, makeDistribution},
        DockRow{"inspectorDock", QT_TRANSLATE_NOOP("app::MainWindow", "Inspector"), DockPlace::BelowRight, 0,
                kInView, makeView<views::InspectorView>},
        DockRow{"profileDock", QT_TRANSLATE_NOOP("app::MainWindow", "Error profile"), DockPlace::Bottom, 7,
                kInView, makeView<views::ErrorProfileView>},
        DockRow{"doctorDock", QT_TRANSLATE_NOOP("app::MainWindow", "Doctor"), DockPlace::Bottom, 4, kInView,
                makeDoctor},
        DockRow{"sensitivityDock", QT_TRANSLATE_NOOP("app::MainWindow", "Sensitivity"), DockPlace::Bottom, 5,
                kInView, makeSensitivity},
        DockRow{"searchDock", QT_TRANSLATE_NOOP("app::MainWindow", "Search"), DockPlace::Bottom, 6, kInView,
                makeSearch},
        DockRow{"methodsDock", QT_TRANSLATE_NOOP("app::MainWindow", "Methods"), DockPlace::Bottom, 2, kAlways,
                makeMethods},
        DockRow{"channelsDock", QT_TRANSLATE_NOOP("app::MainWindow", "Channels"), DockPlace::Bottom, 8,
                kInView, makeView<views::ChannelsView>},
        DockRow{"tensorDock", QT_TRANSLATE_NOOP("app::MainWindow", "Tensor"), DockPlace::Bottom, 9, kInView,
                makeTensor},
        DockRow{"samplesDock", QT_TRANSLATE_NOOP("app::MainWindow", "Samples"), DockPlace::Bottom, 10,
                kInView, makeSamples},
        DockRow{"runsDock", QT_TRANSLATE_NOOP("app::MainWindow", "Runs"), DockPlace::Bottom, 12, kInView,
                makeRuns, DockNews::Runs},
        DockRow{"messagesDock", QT_TRANSLATE_NOOP("app::MainWindow", "Messages"), DockPlace::Bottom, 11,
                kInView, makeMessages},
    };
    return kRows;
}

std::span<const DockPage> dockPages()
{
    static constexpr std::array kPages{
        DockPage{"Weights", "distributionDock",
                 [](views::Panel& panel) { viewIn<views::DistributionView>(panel).showWeights(); }},
        DockPage{"Over time", "profileDock",
                 [](views::Panel& panel) { viewIn<views::ErrorProfileView>(panel).showTime(true); }},
        DockPage{"Network methods", "methodsDock",
                 [](views::Panel& panel) {
                     viewIn<views::MethodsView>(panel).showPage(views::MethodsView::Page::Network);
                     emit viewIn<views::MethodsView>(panel).network()->compareWanted();
                 }},
        DockPage{kDiagnosisPage, "doctorDock",
                 [](views::Panel& panel) { emit viewIn<views::DoctorView>(panel).diagnosisWanted(); }},
        DockPage{kSearchingPage, "searchDock",
                 [](views::Panel& panel) { viewIn<views::SearchView>(panel).start(); }},
        DockPage{"Truths", "sensitivityDock",
                 [](views::Panel& panel) { viewIn<views::SensitivityView>(panel).start(); }},
    };
    return kPages;
}

} // namespace app
