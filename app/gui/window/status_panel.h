#pragma once

#include "core/report/results.h"
#include "core/session/session.h"

#include <QElapsedTimer>
#include <QWidget>

class QLabel;
class QProgressBar;
class QToolButton;

namespace app {

/// The status bar's content: model and data, accuracy of both pipelines, progress with stage and ETA, Cancel.
class StatusPanel : public QWidget
{
    Q_OBJECT

public:
    explicit StatusPanel(QWidget* parent = nullptr);

    void setSource(const QString& model, const QString& samples);
    void setResults(const core::Results* results, bool stale);
    void setBusy(bool busy);
    void setProgress(const core::Progress& progress);
    void showMessage(const QString& message); ///< for some seconds
    void showWork(const QString& message); ///< until something else is shown
    [[nodiscard]] int percent() const; ///< of the stage; −1 when nothing runs

signals:
    void cancelRequested();

private:
    QLabel* m_source;
    QLabel* m_accuracy;
    QLabel* m_stage;
    QProgressBar* m_bar;
    QToolButton* m_cancel;
    QString m_stageName;
    std::size_t m_stageStart = 0; // items done when the stage was first heard of
    QElapsedTimer m_stageTime;
};

/// "int8 top-1 58.3 % · FP32 59.7 % (−1.4 points) · agreement 93.1 %", or the worst output's SQNR without
/// labels.
[[nodiscard]] QString accuracyText(const core::Report& report);

} // namespace app
