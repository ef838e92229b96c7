#include "io/exports/definitions.h"
#include "io/plans/plan_json.h"

namespace io {

ExportFormat planFormat()
{
    return {.name = "plan",
            .title = "Noisefloor plan",
            .extension = ".plan.json",
            .help = "our own wishes, for --plan and the window",
            .keepsRepairs = true,
            .keepsEverything = true,
            .write = [](const ExportSource& source) {
                return Export{{{"", planToJson(*source.plan) + "\n"}}, {}};
            }};
}

} // namespace io
