#pragma once

#include "views/base/settings_fields.h"

#include <QWidget>

#include <vector>

class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QToolButton;

namespace views {

/// The settings of one or many operators as fields: those of the output and of the weights side by side, the
/// rare ones on demand. One line below says what the field under the mouse or with the focus is for.
class InspectorForm : public QWidget
{
    Q_OBJECT

public:
    explicit InspectorForm(QWidget* parent = nullptr);

    /// `applying`: what holds for each operator; a field where they differ shows none of its choices. `own`:
    /// what is set for each itself; such fields are bold. `inherits`: all take the params of their input.
    void show(const std::vector<core::OperatorSettings>& applying,
              const std::vector<core::OperatorSettings>& own, bool inherits);

signals:
    void chosen(const views::SettingsField& field, const QString& value);
    /// Of a method that has a parameter: the method with that parameter, as a plan writes it.
    void parameterChosen(const views::SettingsField& field, const QString& value);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Row
    {
        const SettingsField* field = nullptr;
        QComboBox* box = nullptr;
        QLabel* label = nullptr;
        QDoubleSpinBox* parameter = nullptr; ///< of methods
        QLabel* parameterLabel = nullptr;
    };
    QFormLayout* makeHalf(class QHBoxLayout* halves);
    Row makeRow(const SettingsField& field, QFormLayout* form);
    void addParameter(Row& row, QFormLayout* form);
    void showRow(const Row& row, const std::vector<core::OperatorSettings>& applying,
                 const std::vector<core::OperatorSettings>& own);
    void showParameter(const Row& row, const std::optional<core::CalibrationMethod>& method);
    void showRare();

    std::vector<Row> m_rows;
    QToolButton* m_more;
    QLabel* m_help;
    bool m_showing = false;
};

} // namespace views
