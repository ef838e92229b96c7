#include "app/gui/work/comparison_service.h"

namespace app {

ComparisonService::ComparisonService(RunController* controller, QObject* parent)
    : BatchService(controller, tr("The comparison of methods"), parent)
{
}

void ComparisonService::start(std::shared_ptr<const core::QuantizationPlan> plan)
{
    startJob([this, plan](const Project& project, const views::Jobs::Call& call) {
        const auto methods = core::methodsToCompare(core::Variants::Leave);
        const auto onOutcome = [&](const core::NetworkOutcome& outcome) {
            call.tell([this, outcome] { emit compared(outcome); });
        };
        // One that a preview pushes aside starts over and finds what it finished.
        return core::compareOnNetwork(*project.session, *plan, methods, call.stop, call.progress, onOutcome);
    });
}

} // namespace app
