#include "app/gui/work/diagnosis_service.h"

namespace app {

DiagnosisService::DiagnosisService(RunController* controller, QObject* parent)
    : BatchService(controller, tr("The diagnosis"), parent)
{
}

void DiagnosisService::start(std::shared_ptr<const core::QuantizationPlan> plan)
{
    startJob([this, plan](const Project& project, const views::Jobs::Call& call) {
        const auto diagnosis = core::diagnose(*project.session, plan, {}, call.stop, call.progress);
        if (diagnosis) {
            call.tell([this, diagnosis] { emit ready(diagnosis); });
        }
        return diagnosis != nullptr;
    });
}

} // namespace app
