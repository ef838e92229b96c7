#pragma once

#include <QDialog>

namespace app {

/// Keys, formulas and words of the window. Stays open beside it.
class HelpDialog : public QDialog
{
    Q_OBJECT

public:
    explicit HelpDialog(QWidget* parent = nullptr);

signals:
    void tourWanted();
};

} // namespace app
