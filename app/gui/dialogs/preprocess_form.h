#pragma once

#include "io/data/preprocess.h"

#include <QWidget>

class QComboBox;
class QLineEdit;
class QSpinBox;

namespace app {

/// Every field of a preprocessing, each with what it does as tooltip.
class PreprocessForm : public QWidget
{
    Q_OBJECT

public:
    explicit PreprocessForm(QWidget* parent = nullptr);

    void setPreprocess(const io::Preprocess& preprocess); ///< silent
    /// As edited. Text that is no list of numbers is told by problem() and left out here.
    [[nodiscard]] io::Preprocess preprocess() const;
    [[nodiscard]] QString problem() const; ///< one sentence, or empty

signals:
    void edited();

private:
    void showFields();

    io::Preprocess m_origin; ///< fields that the form does not show stay as they were
    QComboBox* m_resize;
    QLineEdit* m_resizeValue;
    QComboBox* m_cut;
    QSpinBox* m_cutWidth;
    QSpinBox* m_cutHeight;
    QComboBox* m_color;
    QComboBox* m_layout;
    QLineEdit* m_mean;
    QLineEdit* m_std;
    bool m_silent = false;
};

} // namespace app
