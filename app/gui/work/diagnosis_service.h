#pragma once

#include "app/gui/work/batch_service.h"
#include "core/diagnosis/diagnose.h"

#include <memory>

namespace app {

/// Diagnoses a plan.
class DiagnosisService : public BatchService
{
    Q_OBJECT

public:
    explicit DiagnosisService(RunController* controller, QObject* parent = nullptr);

    void start(std::shared_ptr<const core::QuantizationPlan> plan);

signals:
    void ready(std::shared_ptr<const core::Diagnosis> diagnosis);
};

} // namespace app
