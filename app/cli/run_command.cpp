#include "app/cli/command.h"
#include "app/cli/fail_if.h"
#include "app/cli/run_options.h"
#include "app/cli/signals.h"
#include "app/common/saved_session.h"
#include "core/base/error.h"
#include "core/measure/metric_suggestion.h"
#include "core/report/conversion_share.h"
#include "core/report/metric_words.h"
#include "core/report/non_finite.h"
#include "core/report/precision_word.h"
#include "core/session/network_comparison.h"
#include "io/reports/report_html.h"
#include "io/reports/report_json.h"

#include <algorithm>
#include <chrono>
#include <fmt/chrono.h>
#include <fmt/core.h>

namespace cli {

namespace {

struct RunCommand
{
    RunOptions options;
    std::size_t sensitivity = 0;
    std::string report;
    std::string csv;
    std::string session;
    std::size_t sessionTensors = 0; ///< samples whose tensors the session keeps
    std::string html;
    std::string failIf;
    std::string junit;
    std::string sarif;
    std::string markdown;
};

std::string decibels(const std::optional<core::ErrorMetrics>& m)
{
    if (!m) {
        return "-";
    }
    return core::decibelWords(*m);
}

/// Names of what lost most, and how much.
std::string worstSamples(const core::MetricReport& metric, const core::Dataset& data)
{
    constexpr std::size_t kMostNamed = 5;
    std::string text;
    for (std::size_t i = 0; i < std::min(metric.worst.size(), kMostNamed); ++i) {
        const core::ItemLoss& lost = metric.worst[i];
        text += fmt::format(
            "{}{} ({:.4g}{}{})", i == 0 ? "" : ", ",
            lost.item < data.size() ? data.sampleName(lost.item) : fmt::format("#{}", lost.item), lost.loss,
            metric.info.unit.empty() ? "" : " ", metric.info.unit == "%" ? "points" : metric.info.unit);
    }
    return text;
}

void printSummary(const core::Report& report, const core::Dataset& data)
{
    fmt::print("{}: {} operators, {}{} samples, {}\n", report.modelFile, report.layers.size(), report.samples,
               report.synthetic ? " synthetic" : "", report.isa);
    if (const auto& a = report.accuracy) {
        if (a->labelled) {
            fmt::print("top-1 FP32 {:.2f} %, {} {:.2f} %; top-5 {:.2f} %, {:.2f} %; ", a->fp32.top1,
                       core::precisionWord(report), a->quantized.top1, a->fp32.top5, a->quantized.top5);
        }
        fmt::print("agreement {:.2f} % of {} items, {} ties\n", a->top1Agreement, a->samples, a->ties);
        for (const std::string& line : core::accuracyLines(report)) {
            fmt::print("{}\n", line);
        }
    }
    if (report.metric) {
        for (const std::string& line : core::metricLines(*report.metric, core::precisionWord(report))) {
            fmt::print("{}\n", line);
        }
        if (const std::string worst = worstSamples(*report.metric, data); !worst.empty()) {
            fmt::print("  worst samples: {}\n", worst);
        }
    }
    if (const auto share = core::conversionShare(report)) {
        fmt::print(
            "of the quantized network's time: quantize {:.1f} %, dequantize {:.1f} %, requantize {:.1f} "
            "%\n",
            share->quantize, share->dequantize, share->requantize);
    }
    for (const core::OutputReport& output : report.outputs) {
        fmt::print("{} ({}): SQNR {}{}{}\n", output.name, output.kind, decibels(output.error),
                   core::nonFiniteName(output.error).empty() ? " dB" : ", the worst there is",
                   output.sqnrInterval ? ", " + core::intervalWords(*output.sqnrInterval) : std::string());
    }
    std::vector<std::shared_ptr<const core::LayerReport>> worst;
    std::ranges::copy_if(report.layers, std::back_inserter(worst),
                         [](const auto& l) { return l->isolated.has_value(); });
    std::ranges::stable_sort(worst, std::greater<>{},
                             [](const auto& l) { return l->isolated->relativeL2.value_or(0.0); });
    if (const auto bad =
            std::ranges::count_if(report.layers, [](const auto& l) { return core::isNonFinite(*l); })) {
        fmt::print("NaN or infinity in {} of {} operators\n", bad, report.layers.size());
    }
    const bool hasShadow = std::ranges::any_of(worst, [](const auto& l) { return !!l->pipelineShadow; });
    fmt::print("\nworst by isolated relative L2   isolated dB{}  accumulated dB  at output dB\n",
               hasShadow ? "  in pipeline dB" : "");
    for (std::size_t i = 0; i < std::min<std::size_t>(worst.size(), 10); ++i) {
        fmt::print("{:<32}{:>11}{}{:>16}{:>14}\n", worst[i]->name, decibels(worst[i]->isolated),
                   hasShadow ? fmt::format("{:>16}", decibels(worst[i]->pipelineShadow)) : std::string(),
                   decibels(worst[i]->accumulated), decibels(worst[i]->atOutput));
    }
    for (const std::string& warning : report.warnings) {
        fmt::print("warning: {}\n", warning);
    }
}

void offerMetric(const core::Report& report, const core::OperatorGraph& graph)
{
    if (report.metric || report.accuracy) {
        return;
    }
    if (const std::string fitting = core::suggestedMetric(graph); !fitting.empty()) {
        fmt::print("a metric that fits: \"metric\": {}; set it in the data description (help metric)\n",
                   fitting);
    }
}

void writeChecks(const RunCommand& command, const core::Report& report,
                 const std::vector<io::CheckedCondition>& checks)
{
    if (!command.junit.empty()) {
        writeOutput(command.options, command.junit, io::checksToJunit(report, checks));
    }
    if (!command.sarif.empty()) {
        writeOutput(command.options, command.sarif, io::checksToSarif(report, checks));
    }
    if (!command.markdown.empty()) {
        writeOutput(command.options, command.markdown, io::reportToMarkdown(report, checks));
    }
}

/// False when stopped.
bool saveSession(const RunCommand& command, const app::Project& project,
                 const std::shared_ptr<const core::Report>& report, const std::stop_token& stop)
{
    io::SessionFile session = app::describeProject(requestOf(command.options), project);
    session.history = {{"", report->plan}};
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    session.runs = {{1, fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", now), "command line", "", report}};
    if (command.sessionTensors > 0) {
        if (!command.options.quiet) {
            const auto bytes =
                core::capturedBytes(*project.session->operators(*report->plan), command.sessionTensors);
            fmt::print("tensors of {} samples in FP32 and quantized: {:.1f} MB of the session\n",
                       command.sessionTensors, static_cast<double>(bytes) / 1e6);
        }
        session.tensors = app::captureForSession(project, report->plan, command.sessionTensors, stop);
        if (!session.tensors) {
            return false;
        }
    }
    io::writeSession(session, command.session);
    if (!command.options.quiet) {
        fmt::print("wrote {}\n", command.session);
    }
    return true;
}

/// A line on stderr for what the first samples say.
core::EarlyReport earlyLines(const RunOptions& options, std::size_t samples)
{
    if (!options.progress || options.quiet) {
        return {};
    }
    return [samples](const std::shared_ptr<const core::Report>& report, const auto&) {
        const core::OutputReport* const output = core::decisiveOutput(*report);
        std::string words;
        if (output) {
            words =
                fmt::format(": {} ({}) SQNR {:.2f} dB", output->name, output->kind, *output->error.sqnrDb);
            if (const auto& interval = output->sqnrInterval) {
                words += fmt::format(", 95 %: {:.2f} … {:.2f}", interval->lower, interval->upper);
            }
        }
        fmt::print(stderr, "\nfirst {} of {} samples{}\n", report->samples, samples, words);
    };
}

int run(const RunCommand& command)
{
    const auto condition = command.failIf.empty() ? std::nullopt : std::optional(parseFailIf(command.failIf));
    const auto asked = planOf(command.options);
    const app::Project project = openProject(command.options);
    const auto plan = boundTo(project, command.options, asked);
    const std::stop_token stop = interruption();
    auto report = project.session->run(plan, stop, progressOf(command.options), core::RunScope::Everything,
                                       earlyLines(command.options, project.session->evaluatedSamples()));
    if (report && command.sensitivity > 0) {
        report =
            project.session->addSensitivity(report, command.sensitivity, stop, progressOf(command.options));
    }
    if (!report) {
        return cancelled();
    }
    if (!command.report.empty()) {
        writeOutput(command.options, command.report, io::reportToJson(*report));
    }
    if (!command.csv.empty()) {
        writeOutput(command.options, command.csv, io::reportToCsv(*report));
    }
    if (!command.session.empty() && !saveSession(command, project, report, stop)) {
        return cancelled();
    }
    if (!command.html.empty()) {
        const std::string page = io::reportToHtml(*app::resultsOf(*project.session, report), stop);
        if (page.empty()) {
            return cancelled();
        }
        writeOutput(command.options, command.html, page);
    }
    const auto graph = project.session->operators(*report->plan);
    if (!command.options.quiet) {
        printSummary(*report, *project.data.evaluation);
        offerMetric(*report, *graph);
    }
    writeChecks(command, *report,
                condition ? checkedConditions(*condition, *report, graph.get())
                          : std::vector<io::CheckedCondition>{});
    if (condition && holds(*condition, *report, graph.get())) {
        fmt::print(stderr, "noisefloor-cli: --fail-if holds: {}\n", command.failIf);
        return CheckFailed;
    }
    return Done;
}

void addOptions(Options& options, RunCommand& command)
{
    command.options.runsAgain = false; // one pass over the samples
    addRunOptions(options, command.options);
    addCalibrationSamples(options, command.options);
    addShadow(options, command.options);
    options.value("--sensitivity", &command.sensitivity,
                  "Also measure each operator's error at the output, over the first N evaluation samples");
    addOutput(options, command.options, "--report", command.report, "Write the report (.json)");
    addOutput(options, command.options, "--csv", command.csv, "Write one line per operator (.csv)");
    addOutput(options, command.options, "--session", command.session,
              "Write plan, statistics and report to a session file (.nfs) that the window opens");
    options.value("--session-tensors", &command.sessionTensors,
                  "Keep the tensors of the first N samples in the session, FP32 and quantized, so that "
                  "they show without "
                  "being computed (off; at most 512 MiB)");
    addOutput(options, command.options, "--html", command.html,
              "Write one self-contained page with plots and sortable tables (.html)");
    options.value("--fail-if", &command.failIf,
                  "Exit with 1 when it holds, e.g. \"output.sqnr_db<30 or top1_drop>1\", "
                  "\"map_drop.upper>1\" (the upper end of the 95 % interval)");
    addOutput(options, command.options, "--junit", command.junit,
              "Write the conditions of --fail-if as test cases of JUnit (.xml)");
    addOutput(options, command.options, "--sarif", command.sarif,
              "Write those that hold as results of SARIF 2.1.0 (.sarif)");
    addOutput(options, command.options, "--markdown", command.markdown,
              "Write a summary for a merge request (.md)");
}

} // namespace

Command runCommand()
{
    return makeCommand<RunCommand>(
        "run", "Run FP32 and int8 side by side and report the error of every operator", addOptions, run);
}

} // namespace cli
