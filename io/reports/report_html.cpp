#include "io/reports/report_html.h"

#include "core/calibration/method_comparison.h"
#include "core/report/cause.h"
#include "core/report/conversion_share.h"
#include "core/report/metric_words.h"
#include "core/report/precision_word.h"
#include "core/session/network_comparison.h"
#include "io/plans/plan_json.h"
#include "io/reports/causes.h"
#include "io/reports/page.h"
#include "io/reports/plots.h"
#include "io/reports/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <iterator>
#include <thread>
#include <vector>

namespace io {

namespace {

using html::escaped;

constexpr std::size_t kWorst = 10;
constexpr std::size_t kPictured = 8;

struct Comparison
{
    const core::LayerReport* layer = nullptr;
    std::vector<core::MethodOutcome> methods;
};

template <typename... Args>
void add(std::string& html, fmt::format_string<Args...> format, Args&&... args)
{
    fmt::format_to(std::back_inserter(html), format, std::forward<Args>(args)...);
}

/// Methods compared on every tensor that has a range of its own, in the order of the network. Each tensor is
/// independent of the others, so they are shared out between threads.
std::vector<Comparison> compareAll(const core::Results& results, const std::stop_token& stop)
{
    const core::Report& report = *results.report;
    std::vector<Comparison> comparisons;
    for (const auto& layer : report.layers) {
        if (results.calibrated(layer->output) && layer->activation && !layer->inheritsActivation) {
            comparisons.push_back({layer.get(), {}});
        }
    }
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < comparisons.size() && !stop.stop_requested(); i = next++) {
            const core::LayerReport& layer = *comparisons[i].layer;
            const core::OperatorSettings settings = layer.type == "Input"
                ? report.plan->settingsForInput(layer.name)
                : report.plan->settingsFor(layer.name, layer.type);
            const core::CalibrationTarget target{
                settings.activation.scheme.value_or(core::Scheme::Asymmetric),
                settings.activation.bits.value_or(8)};
            comparisons[i].methods = core::compareMethods(*results.calibrated(layer.output), target, stop);
        }
    };
    {
        std::vector<std::jthread> others;
        for (unsigned k = 1;
             k < std::min<std::size_t>(std::thread::hardware_concurrency(), comparisons.size()); ++k) {
            others.emplace_back(work);
        }
        work();
    } // joins
    std::erase_if(comparisons, [](const Comparison& comparison) { return comparison.methods.empty(); });
    return comparisons;
}

double badness(const core::LayerReport& layer)
{
    const auto& error = layer.atOutput ? layer.atOutput : layer.isolated;
    return error ? error->relativeL2.value_or(0.0) : -1.0;
}

std::vector<const core::LayerReport*> worstFirst(const core::Report& report)
{
    std::vector<const core::LayerReport*> layers;
    for (const auto& layer : report.layers) {
        if (badness(*layer) >= 0.0) {
            layers.push_back(layer.get());
        }
    }
    std::ranges::stable_sort(layers, std::greater{},
                             [](const core::LayerReport* layer) { return badness(*layer); });
    return layers;
}

void card(std::string& html, const std::string& value, std::string_view what, std::string_view kind = "")
{
    add(html, "<div class=\"card\"><span>{}</span><b class=\"{}\">{}</b></div>", what, kind, value);
}

void metricCards(std::string& html, const core::Report& report)
{
    const core::MetricReport& metric = *report.metric;
    card(html, core::metricValueWords(metric.info, metric.quantized.value),
         escaped(fmt::format("{} {} (FP32 {}, truth: {})", core::precisionWord(report), metric.info.name,
                             core::metricValueWords(metric.info, metric.fp32.value),
                             metric.isAgainstFloat ? "FP32" : "labels")));
    if (metric.drop.value) {
        const std::string telling = core::tellingWords(metric.drop, metric.neededItems);
        card(html,
             metric.info.unit == "%" ? fmt::format("{:.2f} points", *metric.drop.value)
                                     : core::metricValueWords(metric.info, metric.drop.value),
             escaped(fmt::format("{} lost{}{}{}", metric.info.name, metric.drop.interval ? "; " : "",
                                 metric.drop.interval ? core::intervalWords(*metric.drop.interval) : "",
                                 telling.empty() ? "" : "; " + telling)),
             telling.empty() && *metric.drop.value > 0.0 ? "bad" : "good");
    }
}

void header(std::string& html, const core::Report& report, const std::vector<const core::LayerReport*>& worst)
{
    add(html, "<h1>{}</h1><p class=\"sub\">{} ONNX nodes · {} operators · {}{} samples · {} · Noisefloor</p>",
        escaped(report.modelFile), report.modelNodes, report.layers.size(), report.samples,
        report.synthetic ? " synthetic" : "", escaped(report.isa));
    html += "<nav><a href=\"#worst\">Worst operators</a><a href=\"#profile\">Error profile</a><a "
            "href=\"#distributions\">"
            "Distributions</a><a href=\"#operators\">All operators</a><a "
            "href=\"#thresholds\">Thresholds</a><a href=\"#plan\">"
            "Plan and data</a><a href=\"#terms\">Terms</a></nav><div class=\"cards\">";
    if (report.accuracy && report.accuracy->labelled) {
        const double drop = report.accuracy->fp32.top1 - report.accuracy->quantized.top1;
        card(
            html, fmt::format("{:.1f} %", report.accuracy->quantized.top1),
            fmt::format("{} top-1 (FP32 {:.1f} %)", core::precisionWord(report), report.accuracy->fp32.top1));
        const auto& interval = report.accuracy->intervals.top1Drop;
        card(html, fmt::format("{:.1f} points", drop),
             interval ? "top-1 lost; " + core::intervalWords(*interval) : std::string("top-1 lost"),
             drop > 1.0 ? "bad" : "good");
    }
    if (report.metric) {
        metricCards(html, report);
    }
    if (report.accuracy) {
        card(html, fmt::format("{:.1f} %", report.accuracy->top1Agreement),
             fmt::format("same class as FP32, of {} samples", report.accuracy->samples));
    }
    if (const core::OutputReport* const output = core::decisiveOutput(report)) {
        card(html, html::decibelText(*output->error.sqnrDb) + " dB",
             fmt::format("SQNR of {} ({})", escaped(output->name), escaped(output->kind)));
    }
    if (const auto share = core::conversionShare(report)) {
        card(html, fmt::format("{:.1f} %", share->quantize + share->dequantize + share->requantize),
             fmt::format("of the quantized time converts: quantize {:.1f}, dequantize {:.1f}, requantize "
                         "{:.1f} %",
                         share->quantize, share->dequantize, share->requantize));
    }
    if (!worst.empty()) {
        const std::string_view word = core::wordFor(core::causeOf(*worst.front()));
        card(html, escaped(worst.front()->name),
             fmt::format("worst operator{}{}", word.empty() ? "" : ": ", word), "name");
    }
    html += "</div>";
    if (!report.warnings.empty()) {
        html += "<div class=\"panel\"><h3>Warnings</h3><ul>";
        for (const std::string& warning : report.warnings) {
            add(html, "<li>{}</li>", escaped(warning));
        }
        html += "</ul></div>";
    }
}

void worstTable(std::string& html, const std::vector<const core::LayerReport*>& worst)
{
    html += "<h2 id=\"worst\">Worst operators</h2><p>By the error at the network's output when only this "
            "operator is "
            "quantized, where that was measured; else by its isolated error.</p><div class=\"panel\"><table "
            "class=\"sort\">"
            "<thead><tr><th>Operator</th><th>Type</th><th>Why</th><th class=\"n\">At output</th><th "
            "class=\"n\">Isolated</th>"
            "<th class=\"n\">Accumulated</th><th>The numbers behind it</th></tr></thead><tbody>";
    for (std::size_t i = 0; i < std::min(kWorst, worst.size()); ++i) {
        const core::LayerReport& layer = *worst[i];
        add(html, "<tr><td>{}</td><td>{}</td><td>{}</td>{}{}{}<td class=\"wrap\">{}</td></tr>",
            escaped(layer.name), escaped(layer.type), core::wordFor(core::causeOf(layer)),
            html::errorCell(layer.atOutput), html::errorCell(layer.isolated),
            html::errorCell(layer.accumulated), escaped(html::causeNumbers(layer)));
    }
    html += "</tbody></table></div>";
}

void profile(std::string& html, const core::Report& report)
{
    const std::string svg = html::profileSvg(report);
    if (svg.empty()) {
        return;
    }
    add(html,
        "<h2 id=\"profile\">Error profile</h2><p>Operators in the order of the network; higher is better. A "
        "step down of the "
        "<span class=\"key\" style=\"background:var(--codes)\"></span>accumulated line where the <span "
        "class=\"key\" "
        "style=\"background:var(--iso)\"></span>isolated one is low too marks where accuracy is lost.</p>"
        "<div class=\"panel\">{}</div>",
        svg);
}

void methodRows(std::string& html, const Comparison& comparison)
{
    const core::LayerReport& layer = *comparison.layer;
    html += "<table class=\"sort\"><thead><tr><th>Method</th><th class=\"n\">Range</th><th "
            "class=\"n\">Clip</th><th class=\"n\">"
            "Round</th><th class=\"n\">SQNR dB</th></tr></thead><tbody>";
    for (std::size_t i = 0; i < comparison.methods.size(); ++i) {
        const core::MethodOutcome& outcome = comparison.methods[i];
        const double signal = std::sqrt(outcome.cost.signalSquared);
        const auto share = [&](double squared) {
            return signal > 0.0
                ? html::cell(html::percentText(std::sqrt(squared) / signal), std::sqrt(squared) / signal)
                : html::cell("–", std::nullopt);
        };
        const std::string name = core::toString(outcome.method);
        add(html, "<tr class=\"{}\"><td><span class=\"key s{}\"></span>{}</td>{}{}{}{}</tr>",
            name == layer.activation->method ? "inuse" : "", i % html::kSeries, escaped(name),
            html::cell(html::rangeText(outcome.range), outcome.range.max), share(outcome.cost.clipSquared),
            share(outcome.cost.roundSquared),
            html::cell(html::decibelText(outcome.cost.sqnrDb()), outcome.cost.sqnrDb()));
    }
    html += "</tbody></table>";
}

void distributions(std::string& html, const core::Results& results,
                   const std::vector<const core::LayerReport*>& worst,
                   const std::vector<Comparison>& comparisons)
{
    html += "<h2 id=\"distributions\">Distributions of the worst</h2><p>Counts (logarithmic) of the FP32 "
            "output in grey and of "
            "its dequantized codes in orange; the thick line is the range in use, dashed lines are what each "
            "method would "
            "choose from the calibration data, the tinted ends are clipped. The method in use stands in "
            "bold.</p>";
    std::size_t shown = 0;
    for (const core::LayerReport* const layer : worst) {
        const auto found = std::ranges::find(comparisons, layer, &Comparison::layer);
        if (shown == kPictured || found == comparisons.end()) {
            continue;
        }
        const std::string svg = html::histogramSvg(results, *layer, found->methods);
        if (svg.empty()) {
            continue;
        }
        ++shown;
        add(html,
            "<div class=\"panel\"><h3>{} <span class=\"sub\">{} · {}{}</span></h3><div class=\"pair\">{}<div "
            "class=\"scroll\">",
            escaped(layer->name), escaped(layer->type), escaped(layer->activation->method),
            layer->inheritsActivation ? " (range of its input)" : "", svg);
        methodRows(html, *found);
        html += "</div></div></div>";
    }
}

void operatorsTable(std::string& html, const core::Report& report)
{
    const bool hasShadow =
        std::ranges::any_of(report.layers, [](const auto& l) { return !!l->pipelineShadow; });
    html += "<h2 id=\"operators\">All operators</h2>";
    if (hasShadow) {
        html += "<p>In pipeline: an operator's own error on what the quantized pipeline really hands it, "
                "against its FP32 form on the same inputs, dequantized. Isolated: the same on quantized FP32 "
                "inputs.</p>";
    }
    html += "<input type=\"search\" data-of=\"all\" "
            "placeholder=\"Filter, e.g. Conv "
            "weights\" aria-label=\"Filter of operators\"><div class=\"panel scroll\"><table id=\"all\" "
            "class=\"sort\"><thead><tr>"
            "<th class=\"n\">#</th><th>Operator</th><th>Type</th><th>Precision</th><th>Why</th><th "
            "class=\"n\">At output</th>"
            "<th class=\"n\">Isolated</th><th class=\"n\">Accumulated</th><th class=\"n\">Isolated "
            "dB</th><th class=\"n\">"
            "Accumulated dB</th>";
    html += hasShadow ? "<th class=\"n\">In pipeline</th><th class=\"n\">In pipeline dB</th>" : "";
    html += "<th class=\"n\">Clipped</th><th class=\"n\">Worst "
            "channel</th><th>Method</th><th class=\"n\">Range"
            "</th><th>Backend</th></tr></thead><tbody>";
    for (std::size_t i = 0; i < report.layers.size(); ++i) {
        const core::LayerReport& layer = *report.layers[i];
        const std::string none = html::cell("–", std::nullopt);
        add(html, "<tr>{}<td>{}</td><td>{}</td><td title=\"{}\">{}{}</td><td>{}</td>{}{}{}{}{}",
            html::cell(std::to_string(i), static_cast<double>(i)), escaped(layer.name), escaped(layer.type),
            escaped(layer.reason), core::toString(layer.effective), layer.reason.empty() ? "" : " *",
            core::wordFor(core::causeOf(layer)), html::errorCell(layer.atOutput),
            html::errorCell(layer.isolated), html::errorCell(layer.accumulated),
            html::sqnrCell(layer.isolated), html::sqnrCell(layer.accumulated));
        html += hasShadow ? html::errorCell(layer.pipelineShadow) + html::sqnrCell(layer.pipelineShadow) : "";
        html += layer.outputQuantization ? html::cell(html::percentText(layer.outputQuantization->clipped),
                                                      layer.outputQuantization->clipped)
                                         : none;
        html += layer.worstChannels.empty()
            ? none
            : html::cell(fmt::format("{} ({})", layer.worstChannels[0].channel,
                                     html::percentText(layer.worstChannels[0].relativeL2)),
                         layer.worstChannels[0].relativeL2);
        const bool ranged = layer.activation && !layer.activation->threshold.empty();
        add(html, "<td>{}</td>{}<td>{}</td></tr>",
            !layer.activation              ? "–"
                : layer.inheritsActivation ? "as its input"
                                           : escaped(layer.activation->method),
            ranged ? html::cell(html::rangeText(layer.activation->threshold[0]),
                                layer.activation->threshold[0].max)
                   : none,
            escaped(layer.backend));
    }
    html += "</tbody></table></div>";
}

void thresholds(std::string& html, const std::vector<Comparison>& comparisons)
{
    if (comparisons.empty()) {
        return;
    }
    html += "<h2 id=\"thresholds\">Thresholds of every method</h2><p>What each method chooses for the output "
            "of each operator, "
            "from the calibration data. Pointing at a cell shows the SQNR expected of it.</p><input "
            "type=\"search\" "
            "data-of=\"every\" placeholder=\"Filter\" aria-label=\"Filter of thresholds\"><div class=\"panel "
            "scroll\">"
            "<table id=\"every\" class=\"sort\"><thead><tr><th>Operator</th>";
    for (const core::MethodOutcome& outcome : comparisons.front().methods) {
        add(html, "<th class=\"n\">{}</th>", escaped(core::toString(outcome.method)));
    }
    html += "</tr></thead><tbody>";
    for (const Comparison& comparison : comparisons) {
        add(html, "<tr><td>{}</td>", escaped(comparison.layer->name));
        for (const core::MethodOutcome& outcome : comparison.methods) {
            add(html, "<td class=\"n\" data-v=\"{}\" title=\"{} dB\">{}</td>", outcome.range.max,
                html::decibelText(outcome.cost.sqnrDb()), html::rangeText(outcome.range));
        }
        html += "</tr>";
    }
    html += "</tbody></table></div>";
}

void planAndTerms(std::string& html, const core::Report& report)
{
    add(html,
        "<h2 id=\"plan\">Plan and data</h2><p>Model SHA-256 <code>{}</code>. {} samples were evaluated{}.</p>"
        "<div class=\"panel\"><pre>{}</pre></div>",
        escaped(report.modelSha256), report.samples,
        report.synthetic
            ? "; they are synthetic, so every number describes random input, not the real use of the network"
            : "",
        escaped(report.plan ? planToJson(*report.plan) : std::string()));
    html += "<h2 id=\"terms\">Terms</h2><dl><dt>Isolated</dt><dd>The operator runs quantized on quantized "
            "FP32 inputs and in FP32 "
            "on the same inputs dequantized: what this operator adds by "
            "itself.</dd><dt>Accumulated</dt><dd>The quantized "
            "network against the FP32 network, both from the input.</dd><dt>At output</dt><dd>Error of the "
            "network's output "
            "when only this operator is quantized.</dd><dt>Relative L2 and SQNR</dt><dd>‖y − ŷ‖ / ‖y‖ over "
            "all samples, and "
            "−20·log₁₀ of it in dB.</dd><dt>Clip and round</dt><dd>‖y − clamp(y)‖ and ‖clamp(y) − Q(y)‖, in "
            "the table of methods "
            "over ‖y‖.</dd><dt>The formula</dt><dd>real = scale × (q − zero point)</dd></dl>";
}

} // namespace

std::string reportToHtml(const core::Results& results, const std::stop_token& stop)
{
    const core::Report& report = *results.report;
    const std::vector<const core::LayerReport*> worst = worstFirst(report);
    const std::vector<Comparison> comparisons = compareAll(results, stop);
    if (stop.stop_requested()) {
        return {};
    }
    std::string content;
    header(content, report, worst);
    worstTable(content, worst);
    profile(content, report);
    distributions(content, results, worst, comparisons);
    operatorsTable(content, report);
    thresholds(content, comparisons);
    planAndTerms(content, report);
    return html::page(report.modelFile + " – quantization report", content);
}

} // namespace io
