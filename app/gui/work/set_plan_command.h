#pragma once

#include "core/plan/plan.h"

#include <QUndoCommand>

#include <functional>
#include <memory>

namespace app {

/// One step of undo: the plan before and after. Steps with one non-empty merge key melt into one.
class SetPlanCommand : public QUndoCommand
{
public:
    using Plan = std::shared_ptr<const core::QuantizationPlan>;

    SetPlanCommand(Plan before, Plan after, const QString& label, QString mergeKey,
                   std::function<void(Plan)> apply);
    void undo() override { m_apply(m_before); }
    void redo() override { m_apply(m_after); }
    [[nodiscard]] const Plan& after() const { return m_after; }
    [[nodiscard]] int id() const override { return m_mergeKey.isEmpty() ? -1 : 1; }
    bool mergeWith(const QUndoCommand* other) override;

private:
    Plan m_before;
    Plan m_after;
    QString m_mergeKey;
    std::function<void(Plan)> m_apply;
};

} // namespace app
