#pragma once

#include "app/gui/work/batch_service.h"
#include "core/session/network_comparison.h"

#include <memory>

namespace app {

/// Compares every calibration method on the whole network. What is finished has been told.
class ComparisonService : public BatchService
{
    Q_OBJECT

public:
    explicit ComparisonService(RunController* controller, QObject* parent = nullptr);

    void start(std::shared_ptr<const core::QuantizationPlan> plan);

signals:
    void compared(const core::NetworkOutcome& outcome); ///< one method after the other
};

} // namespace app
