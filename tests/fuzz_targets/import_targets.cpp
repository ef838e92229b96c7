#include "app/common/export_source.h"
#include "app/common/project.h"
#include "core/base/error.h"
#include "io/exports/format.h"
#include "io/exports/import_plan.h"
#include "tests/fuzz_targets/fuzz_target.h"
#include "tests/support/two_products.h"

#include <memory>

namespace fuzz_targets {

namespace {

/// A project of two linear operators, and what every format writes of it.
struct Subject
{
    std::shared_ptr<const core::OperatorGraph> graph;
    core::QuantizationPlan plan;
    std::vector<std::pair<const io::ExportFormat*, std::string>> files;
};

Subject makeSubject()
{
    app::ProjectRequest request;
    request.model = fileOf(support::twoProducts(), "subject.onnx");
    request.options.threads = 1;
    const app::Project project = app::openProject(request);
    const auto plan = std::make_shared<const core::QuantizationPlan>(app::defaultPlan(project));
    Subject subject{project.session->operators(*plan), *plan, {}};
    for (const io::ExportFormat& format : io::exportFormats()) {
        if (format.read) {
            const auto source = app::exportSource(project, request.model, plan, format, {}, {});
            subject.files.emplace_back(&format, io::exportAs(format, *source).files.front().content);
        }
    }
    return subject;
}

} // namespace

std::vector<FuzzTarget> importTargets()
{
    static const Subject subject = makeSubject();
    std::vector<FuzzTarget> targets;
    for (const auto& [format, file] : subject.files) {
        const auto read = [format = format](std::string_view bytes) {
            const io::EncodingTable table = format->read(bytes, "import", *subject.graph);
            static_cast<void>(io::planFrom(table, *subject.graph, subject.plan));
        };
        targets.push_back({"import_" + std::string(format->name), read, {file}});
    }
    return targets;
}

} // namespace fuzz_targets
