#pragma once

#include "core/diagnosis/diagnose.h"

#include <QWidget>

#include <memory>
#include <string>

class QLabel;

namespace views {

class ValueTable;

/// What one operator's error at the network's output is made of: the parts that add up, then single factors.
/// Says so where the operator was not split.
class ErrorFactorsView : public QWidget
{
    Q_OBJECT

public:
    explicit ErrorFactorsView(QWidget* parent = nullptr);

    /// Of the operator of that name; a null diagnosis clears.
    void setOperator(const std::shared_ptr<const core::Diagnosis>& diagnosis, const std::string& name);

private:
    QLabel* m_heading;
    ValueTable* m_rows;
};

} // namespace views
