#pragma once

#include "app/common/import_file.h"
#include "app/common/project.h"
#include "app/gui/window/delivery.h"
#include "app/gui/window/docks.h"
#include "app/gui/work/file_writer.h"
#include "app/gui/work/run_controller.h"
#include "app/gui/work/workspace.h"
#include "views/base/selection.h"
#include "views/base/tensor_costs.h"
#include "views/base/theme.h"

#include <QMainWindow>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

class QMenu;

class QMessageBox;

namespace views {
class Panel;
class SampleBadge;
} // namespace views

namespace app {

class ComparisonService;
class DiagnosisService;
class SearchService;
class SensitivityService;
class StatusPanel;

/// The window: docks around one selection, one workspace and one run controller.
class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    enum class Layout
    {
        Remembered,
        Default
    };

    explicit MainWindow(Layout layout = Layout::Remembered, QWidget* parent = nullptr);

    /// Empty samples: seeded random input. A plan of null is the one that the model starts with.
    void openProject(const std::filesystem::path& model, const std::filesystem::path& samples,
                     std::shared_ptr<const core::QuantizationPlan> plan = nullptr,
                     const std::map<std::string, core::Shape>& shapes = {});
    void openFile(const std::filesystem::path& file); ///< a session, or a model with the data it had last
    /// `model`: where the model of the session lies now; empty: as the session says, or beside it.
    void openSession(const std::filesystem::path& file, const std::filesystem::path& model = {});
    /// Answers through writer(). Without `tensors` those that the session came with are kept.
    void saveSession(const std::filesystem::path& file,
                     const std::shared_ptr<const io::SavedTensors>& tensors = nullptr);
    /// The same, with what every operator writes for the first samples, so that it shows without being
    /// computed.
    void saveSessionWithTensors(const std::filesystem::path& file, std::size_t samples);
    /// A plan from what another tool wrote, as `import --format` names it; one undo step. Answers through the
    /// workspace.
    void importPlanFile(const std::filesystem::path& file, const std::string& format);
    void applyPlanFile(const std::filesystem::path& file);
    void saveHtml(const std::filesystem::path& file); ///< answers through pageWriter()
    void setAsksBeforeLeaving(bool asks) { m_asksBeforeLeaving = asks; } ///< windows of tests do not
    void setPaletteChoice(views::PaletteChoice choice);
    bool selectOperator(const QString& name); ///< false when there is none of that name
    /// By name or title of the table of docks, or by one of dockPages(), which may start work. False when
    /// there is none.
    bool raiseDock(const QString& name);

    [[nodiscard]] Workspace* workspace() { return &m_workspace; }
    [[nodiscard]] RunController* controller() { return &m_controller; }
    [[nodiscard]] ComparisonService* comparison() const;
    [[nodiscard]] DiagnosisService* diagnosis() const;
    [[nodiscard]] SearchService* search() const;
    [[nodiscard]] SensitivityService* sensitivity() const;
    [[nodiscard]] views::TensorCostsService* costs() { return &m_costs; }
    [[nodiscard]] views::Selection* selection() { return &m_selection; }
    [[nodiscard]] Delivery* delivery() { return &m_delivery; } ///< of new results to the docks
    [[nodiscard]] FileWriter* writer() { return &m_writer; } ///< of sessions
    [[nodiscard]] FileWriter* pageWriter() { return &m_pageWriter; } ///< of HTML reports

public slots:
    void openDialog();
    void openSample();
    void openDataDialog();
    void openShapeDialog();
    void exportDialog();
    void saveHtmlDialog();
    void saveSessionAgain(); ///< to the file it has, else asks
    void saveSessionDialog();
    void showHelp();
    void startTour();
    void resetLayout();

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void makeDocks();
    void connectDocks();
    void makeActions();
    void makeMethodMenu(QMenu* menu);
    void connectWorkspace();
    void connectController();
    void connectWriters();
    /// The view of a dock, or what works for one.
    template <typename Part>
    [[nodiscard]] Part* part() const
    {
        return findChild<Part*>();
    }
    QAction* addKey(QMenu* menu, const QString& text, const QKeySequence& key,
                    const std::function<void()>& run);
    void showResults();
    void applyImported(const io::ImportedPlan& imported, const QString& file);
    void showAbout();
    QMessageBox* showFailure(const QString& message);
    void showSource(); ///< of the project just opened
    void showSession(const ReopenedSession& session);
    [[nodiscard]] std::string layoutText() const;
    void restoreLayout(const std::string& text);
    void updateTitle();
    void selectWorst();
    void requestSample();
    void leaveFilterOrSample();
    void copyCommand();
    void openPlanDialog();
    void fillRecentMenu(QMenu* menu);
    void clearFilters();

    views::Selection m_selection;
    Workspace m_workspace;
    views::TensorCostsService m_costs;
    /// What was asked for last; it is shown once it could be opened.
    struct Opening
    {
        std::filesystem::path model;
        std::filesystem::path data;
        std::map<std::string, core::Shape> shapes{};
        std::shared_ptr<const core::QuantizationPlan> plan{};
    };
    [[nodiscard]] Opening subject() const; ///< what is shown; before anything is, what was asked for
    void openDataDialog(const Opening& subject);
    void openShapeDialog(const Opening& subject);
    void showOpened(const std::shared_ptr<const core::QuantizationPlan>& plan);
    void showOpenFailure(const QString& message, bool modelIsReadable);
    [[nodiscard]] bool mayLeave(); ///< asks about edits that no session holds; false: stay

    Opening m_asked;
    bool m_asksBeforeLeaving = false;
    std::filesystem::path m_model;
    std::filesystem::path m_data;
    std::filesystem::path m_session; ///< the file it was saved to or opened from; empty: none yet
    std::filesystem::path m_opening; ///< the session file asked for last
    std::map<std::string, core::Shape> m_shapes; ///< of inputs with dynamic dimensions, as the user gave them
    views::SampleBadge* m_badge = nullptr;
    StatusPanel* m_status = nullptr;
    Delivery m_delivery;
    QMenu* m_viewMenu = nullptr;
    QAction* m_runAction = nullptr;
    struct Dock
    {
        const DockRow* row;
        QDockWidget* widget;
        views::Panel* panel;
    };
    std::vector<Dock> m_docks; // in the order of the table
    QPalette m_systemPalette;
    std::optional<core::OperatorId> m_worst; // selected by the window, not by the user
    FileWriter m_writer; // joins before what it reports to is destroyed
    bool m_closesWhenWritten = false;
    FileWriter m_pageWriter; // its own: a report must not supersede a session
    RunController m_controller; // behind all that it reports to: it joins before they are destroyed
};

} // namespace app
