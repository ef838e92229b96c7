#include "io/reports/check_reports.h"

#include "core/report/metric_words.h"
#include "core/report/non_finite.h"
#include "core/report/precision_word.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace io {

namespace {

std::string xmlText(const std::string& text)
{
    std::string result;
    for (const char c : text) {
        switch (c) {
        case '&':
            result += "&amp;";
            break;
        case '<':
            result += "&lt;";
            break;
        case '>':
            result += "&gt;";
            break;
        case '"':
            result += "&quot;";
            break;
        default:
            result += c;
        }
    }
    return result;
}

std::string tableText(const std::string& text)
{
    std::string result;
    for (const char c : text) {
        result += c == '|' ? std::string("\\|") : c == '\n' ? std::string(" ") : std::string(1, c);
    }
    return result;
}

std::string row(std::string_view what, const std::string& fp32, const std::string& quantized,
                const std::string& lost)
{
    return fmt::format("| {} | {} | {} | {} |\n", what, fp32, quantized, lost);
}

std::string pointsWords(double drop, const std::optional<core::ConfidenceInterval>& interval)
{
    return fmt::format("{:.2f} points{}", drop, interval ? ", " + core::intervalWords(*interval) : "");
}

std::string qualityTable(const core::Report& report)
{
    std::string text;
    if (const auto& a = report.accuracy; a && a->labelled) {
        text +=
            row("top-1", fmt::format("{:.2f} %", a->fp32.top1), fmt::format("{:.2f} %", a->quantized.top1),
                pointsWords(a->fp32.top1 - a->quantized.top1, a->intervals.top1Drop));
    }
    if (const auto& metric = report.metric) {
        text += row(metric->info.name, core::metricValueWords(metric->info, metric->fp32.value),
                    core::metricValueWords(metric->info, metric->quantized.value),
                    metric->drop.value ? pointsWords(*metric->drop.value, metric->drop.interval) : "-");
    }
    if (const auto& a = report.accuracy) {
        text += row("same class", "", fmt::format("{:.2f} %", a->top1Agreement),
                    a->intervals.agreement ? core::intervalWords(*a->intervals.agreement) : "");
    }
    for (const core::OutputReport& output : report.outputs) {
        text += row(fmt::format("SQNR of {}", tableText(output.name)), "",
                    core::decibelWords(output.error) + " dB",
                    output.sqnrInterval ? core::intervalWords(*output.sqnrInterval) : "");
    }
    return text.empty()
        ? text
        : fmt::format("| | FP32 | {} | lost |\n|---|---|---|---|\n{}", core::precisionWord(report), text);
}

} // namespace

std::string checksToJunit(const core::Report& report, const std::vector<CheckedCondition>& checks)
{
    const auto failures = std::ranges::count_if(checks, &CheckedCondition::isMet);
    std::string text = fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{0}\" "
                                   "failures=\"{1}\">\n<testsuite name=\"noisefloor: {2}\" tests=\"{0}\" "
                                   "failures=\"{1}\" errors=\"0\">\n",
                                   checks.size(), failures, xmlText(report.modelFile));
    for (const CheckedCondition& check : checks) {
        text += fmt::format("<testcase classname=\"{}\" name=\"not {}\"", xmlText(report.modelFile),
                            xmlText(check.text));
        text += check.isMet ? fmt::format("><failure message=\"{} holds\">{}</failure></testcase>\n",
                                          xmlText(check.text), xmlText(check.detail))
                            : std::string("/>\n");
    }
    return text + "</testsuite>\n</testsuites>\n";
}

std::string checksToSarif(const core::Report& report, const std::vector<CheckedCondition>& checks)
{
    using SarifJson = nlohmann::ordered_json;
    SarifJson results = SarifJson::array();
    for (const CheckedCondition& check : checks) {
        if (check.isMet) {
            results.push_back(
                {{"ruleId", "fail-if"},
                 {"level", "error"},
                 {"message",
                  {{"text",
                    fmt::format("{} holds{}{}", check.text, check.detail.empty() ? "" : ": ",
                                check.detail)}}},
                 {"locations",
                  {{{"physicalLocation", {{"artifactLocation", {{"uri", report.modelFile}}}}}}}}});
        }
    }
    const SarifJson rule{{"id", "fail-if"},
                         {"shortDescription", {{"text", "Quantization loses more than is allowed"}}}};
    const SarifJson driver{{"name", "Noisefloor"}, {"rules", SarifJson::array({rule})}};
    const SarifJson run{{"tool", {{"driver", driver}}}, {"results", results}};
    return SarifJson{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                     {"version", "2.1.0"},
                     {"runs", SarifJson::array({run})}}
               .dump(1)
        + "\n";
}

std::string reportToMarkdown(const core::Report& report, const std::vector<CheckedCondition>& checks)
{
    std::string text =
        fmt::format("### {}: {} of {} operators, {}{} samples\n\n", tableText(report.modelFile),
                    core::precisionWord(report), report.layers.size(), report.samples,
                    report.synthetic ? " synthetic" : "");
    for (const CheckedCondition& check : checks) {
        text += fmt::format("- {} `{}`{}{}\n", check.isMet ? "❌" : "✅", check.text,
                            check.detail.empty() ? "" : ": ", check.detail);
    }
    text += (checks.empty() ? "" : "\n") + qualityTable(report);
    std::vector<std::string> lines = core::accuracyLines(report);
    if (report.metric) {
        const auto more = core::metricLines(*report.metric, core::precisionWord(report));
        lines.insert(lines.end(), more.begin(), more.end());
    }
    text += lines.empty() ? "" : "\n";
    for (const std::string& line : lines) {
        text += fmt::format("- {}\n", line.substr(line.find_first_not_of(' ')));
    }
    std::vector<std::shared_ptr<const core::LayerReport>> worst;
    std::ranges::copy_if(report.layers, std::back_inserter(worst),
                         [](const auto& layer) { return layer->isolated.has_value(); });
    std::ranges::stable_sort(worst, std::greater<>{},
                             [](const auto& layer) { return layer->isolated->relativeL2.value_or(0.0); });
    text += "\n| worst operators | isolated dB |\n|---|---|\n";
    constexpr std::size_t kMost = 5;
    for (std::size_t i = 0; i < std::min(worst.size(), kMost); ++i) {
        text +=
            fmt::format("| {} | {} |\n", tableText(worst[i]->name), core::decibelWords(*worst[i]->isolated));
    }
    return text;
}

} // namespace io
