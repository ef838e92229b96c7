#pragma once

#include "app/gui/work/batch_service.h"
#include "core/sensitivity/sensitivity_table.h"

#include <memory>

namespace app {

/// Measures the sensitivity of every operator. Effects that are known stay known while the window is open, so
/// a measurement that was stopped goes on where it was.
class SensitivityService : public BatchService
{
    Q_OBJECT

public:
    explicit SensitivityService(RunController* controller, QObject* parent = nullptr);

    void start(std::shared_ptr<const core::QuantizationPlan> plan, const core::SensitivityOptions& options);

signals:
    void ready(std::shared_ptr<const core::SensitivityTable> table);

private:
    class Effects;
    std::shared_ptr<Effects> m_effects; ///< used by one job at a time
};

} // namespace app
