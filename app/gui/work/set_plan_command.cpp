#include "app/gui/work/set_plan_command.h"

namespace app {

SetPlanCommand::SetPlanCommand(Plan before, Plan after, const QString& label, QString mergeKey,
                               std::function<void(Plan)> apply)
    : QUndoCommand(label)
    , m_before(std::move(before))
    , m_after(std::move(after))
    , m_mergeKey(std::move(mergeKey))
    , m_apply(std::move(apply))
{
}

bool SetPlanCommand::mergeWith(const QUndoCommand* other)
{
    const auto* const next = dynamic_cast<const SetPlanCommand*>(other);
    if (!next || next->m_mergeKey != m_mergeKey) {
        return false;
    }
    m_after = next->m_after;
    setText(next->text());
    return true;
}

} // namespace app
