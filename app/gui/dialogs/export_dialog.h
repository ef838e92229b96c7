#pragma once

#include "app/gui/work/export_service.h"

#include <QDialog>

class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;

namespace app {

/// Chooses a format, tells what it cannot express before anything is written, writes, reads the file back and
/// says whether it holds what the plan says.
class ExportDialog : public QDialog
{
    Q_OBJECT

public:
    /// The dialog must not outlive the controller.
    ExportDialog(RunController* controller, std::filesystem::path model,
                 std::shared_ptr<const core::QuantizationPlan> plan,
                 std::shared_ptr<const core::Report> report, QWidget* parent = nullptr);

    [[nodiscard]] bool isBusy() const { return m_service.isBusy(); }

signals:
    void settled(); ///< losses, a verdict or a problem are shown

private:
    void choose();
    void browse();
    [[nodiscard]] std::filesystem::path exportFolder() const; ///< the last one, else home
    [[nodiscard]] bool mayOverwrite();
    void showLosses();
    void showVerdict(const io::Verification& verification);
    [[nodiscard]] static QString describe(const io::Execution& run);

    std::filesystem::path m_model;
    std::shared_ptr<const core::QuantizationPlan> m_plan;
    std::shared_ptr<const core::Report> m_report;
    QListWidget* m_formats;
    QLabel* m_help;
    QLabel* m_lossesTitle;
    QListWidget* m_losses;
    QLineEdit* m_path;
    QPushButton* m_write;
    QString m_agreed; ///< a file that may be replaced
    QLabel* m_verdict;
    ExportService m_service;
};

} // namespace app
