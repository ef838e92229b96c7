#pragma once

#include <QDialog>

class QLabel;
class QPushButton;

namespace app {

/// Five minutes on the built-in sample: from the drop in accuracy to its cause, the fix and the export.
/// Stands beside the window, which stays usable; every step brings the dock forward that it speaks of.
class Tour : public QDialog
{
    Q_OBJECT

public:
    explicit Tour(QWidget* parent = nullptr);

    void start(); ///< from the beginning, on the sample
    [[nodiscard]] int step() const { return m_step; }
    [[nodiscard]] QString dock() const; ///< object name of what the step speaks of
    [[nodiscard]] static int steps();

signals:
    void sampleWanted();
    void dockWanted(const QString& name);

private:
    void go(int step);
    void leaveInView(const QWidget* dock); ///< moves aside when it covers what it speaks of

    int m_step = 0;
    QLabel* m_title;
    QLabel* m_text;
    QPushButton* m_back;
    QPushButton* m_next;
};

} // namespace app
