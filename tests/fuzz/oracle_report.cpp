#include "core/base/error.h"
#include "core/graph/bind_shapes.h"
#include "io/exports/compare_encodings.h"
#include "io/exports/format.h"
#include "io/reports/report_json.h"
#include "tests/fuzz/our_engine.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace fuzz {

namespace {

using nlohmann::json;

/// Without what is measured in time.
json comparable(const std::string& text)
{
    json report = json::parse(text); // throws at NaN and infinity, which JSON does not have
    report.erase("timing");
    report.erase("threads");
    for (json& op : report["operators"]) {
        op.erase("time_us");
    }
    return report;
}

std::shared_ptr<const core::QuantizationPlan> planOf(const OurModel& model)
{
    return std::make_shared<const core::QuantizationPlan>(
        model.written ? core::QuantizationPlan::makeWritten() : core::QuantizationPlan::makeDefault());
}

/// Null where the network has shapes that cannot be planned ahead, or is refused.
std::optional<OurModel> opened(const Subject& subject, Verdict& verdict, const std::string& oracle)
{
    try {
        OurModel model = openedModel(subject);
        if (core::hasStaticShapes(*model.graph) && !model.graph->inputs().empty()) {
            return model;
        }
        verdict.note(oracle + ": no static shapes, or no inputs");
    } catch (const core::Error&) {
        verdict.note(oracle + ": refused"); // the FP32 oracle judges refusals
    }
    return std::nullopt;
}

std::string reportOf(const OurModel& model, int threads)
{
    return io::reportToJson(*sessionOf(model, threads)->run(planOf(model), {}, {}));
}

void compareReports(const std::string& one, const std::string& many, Verdict& verdict)
{
    try {
        if (comparable(one) != comparable(many)) {
            const json difference = json::diff(comparable(one), comparable(many));
            verdict.find("report", "threads change the numbers", difference[0].dump().substr(0, 200));
        }
    } catch (const json::exception& error) {
        verdict.find("report", "no JSON", error.what());
    }
}

void readBack(const io::ExportFormat& format, const io::ExportSource& source, Verdict& verdict)
{
    const std::string kind = fmt::format("{}", format.name);
    io::Export exported;
    try {
        exported = io::exportAs(format, source);
    } catch (const core::Error& error) {
        verdict.note(fmt::format("export {} refused", kind));
        return;
    }
    if (!format.read) {
        return;
    }
    try {
        const auto found = format.read(exported.files.at(0).content, "export", *source.graph);
        const auto compared = io::compareEncodings(format, io::encodingTable(*source.graph, *source.resolved),
                                                   found, exported.losses);
        for (const auto& difference : compared.differences) {
            if (difference.loss.empty()) {
                verdict.find("export", kind + " reads back otherwise",
                             difference.item + ": " + difference.what);
                return;
            }
        }
    } catch (const std::exception& error) {
        verdict.find("export", kind + " does not read back", error.what());
    }
}

} // namespace

void judgeReport(const Subject& subject, Verdict& verdict)
{
    if (const auto model = opened(subject, verdict, "report")) {
        compareReports(reportOf(*model, 1), reportOf(*model, 3), verdict);
    }
}

void judgeExports(const Subject& subject, Verdict& verdict)
{
    const auto model = opened(subject, verdict, "export");
    if (!model) {
        return;
    }
    const auto session = sessionOf(*model, 1);
    io::ExportSource source;
    source.plan = planOf(*model);
    source.report = session->run(source.plan, {}, {});
    source.graph = session->operators(*source.plan);
    source.resolved =
        std::make_shared<const core::ResolvedPlan>(session->resolve(*source.plan, {}, {}).value());
    source.statistics = session->calibrationStatistics();
    source.model = "model.onnx";
    for (const io::ExportFormat& format : io::exportFormats()) {
        try {
            readBack(format, source, verdict);
        } catch (const std::exception& error) {
            verdict.find("export", fmt::format("{} throws", format.name), error.what());
        }
    }
}

} // namespace fuzz
