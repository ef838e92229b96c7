#pragma once

#include "app/gui/work/batch_service.h"
#include "views/base/search_record.h"

#include <memory>

namespace app {

/// Searches precisions and methods. Every trial is in a journal before it is shown, so a search that was
/// stopped, or whose program was killed, goes on where it was when it is started again from the same plan.
class SearchService : public BatchService
{
    Q_OBJECT

public:
    explicit SearchService(RunController* controller, QObject* parent = nullptr);

    void start(std::shared_ptr<const core::QuantizationPlan> plan, const core::SearchGoal& goal,
               std::size_t trials);

signals:
    void advanced(std::shared_ptr<const views::SearchRecord> record); ///< after every trial
};

} // namespace app
