#include "io/reports/side_by_side.h"

#include "io/files/text_format.h"
#include "io/reports/bar_chart.h"
#include "io/reports/page.h"
#include "io/reports/text.h"

#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace io {

namespace {

using Json = nlohmann::ordered_json;
using core::SideBySide;
using core::TimeSpread;
using html::Bar;
using html::BarSeries;

Json numberOf(std::optional<double> value)
{
    return value && std::isfinite(*value) ? Json(*value) : Json(nullptr);
}

Json jsonOf(const TimeSpread& time)
{
    return {{"median", time.median},
            {"lower_quartile", time.lowerQuartile},
            {"upper_quartile", time.upperQuartile},
            {"least", time.least}};
}

Json jsonOf(const SideBySide& model)
{
    Json json{{"model", model.modelFile},
              {"operators", {{"unfused", model.operatorsUnfused}, {"fused", model.operatorsFused}}},
              {"samples", model.samples},
              {"timed_samples", model.timedSamples},
              {"ms_per_sample",
               {{"fp32_unfused", jsonOf(model.unfused)},
                {"fp32_fused", jsonOf(model.fused)},
                {"quantized", jsonOf(model.quantized)}}},
              {"speed",
               {{"fused_over_unfused", model.unfused.median / model.fused.median},
                {"quantized_over_fused", model.fused.median / model.quantized.median},
                {"quantized_over_unfused", model.unfused.median / model.quantized.median}}},
              {"output_sqnr_db", numberOf(model.outputDb)}};
    if (model.outputDb && !std::isfinite(*model.outputDb)) {
        json["non_finite"] = true;
    }
    if (const auto& accuracy = model.accuracy) {
        json["accuracy"] = {{"top1_agreement", accuracy->top1Agreement}};
        if (accuracy->labelled) {
            json["accuracy"]["fp32"] = {{"top1", accuracy->fp32.top1}, {"top5", accuracy->fp32.top5}};
            json["accuracy"]["quantized"] = {{"top1", accuracy->quantized.top1},
                                             {"top5", accuracy->quantized.top5}};
        }
    } else {
        json["accuracy"] = nullptr;
    }
    return json;
}

bool isLabelled(const SideBySide& model) { return model.accuracy && model.accuracy->labelled; }

/// How much faster than `base`, with the quartiles of its own times.
Bar speedOver(const TimeSpread& base, const TimeSpread& time)
{
    return {base.median / time.median, base.median / time.upperQuartile, base.median / time.lowerQuartile};
}

std::string panel(const std::string& axis, const std::vector<std::string>& groups,
                  const std::vector<BarSeries>& series, const std::string& instead)
{
    const std::string chart = html::barChartSvg(axis, groups, series);
    return chart.empty() ? fmt::format("<p class=\"note\">{}</p>", instead)
                         : html::barLegend(series) + "<div class=\"panel\">" + chart + "</div>";
}

std::string accuracyPanel(const SideBySideRun& run)
{
    std::vector<std::string> groups;
    std::vector<BarSeries> series{{"FP32", {}}, {"quantized", {}}};
    for (const SideBySide& model : run.models) {
        if (isLabelled(model)) {
            groups.push_back(model.modelFile);
            series[0].bars.push_back({model.accuracy->fp32.top1});
            series[1].bars.push_back({model.accuracy->quantized.top1});
        }
    }
    return panel("top-1 (%)", groups, series, "No data of these networks have labels.");
}

std::string speedPanel(const SideBySideRun& run)
{
    std::vector<std::string> groups;
    std::vector<BarSeries> series{{"FP32, unfused", {}}, {"FP32, fused", {}}, {"quantized", {}}};
    for (const SideBySide& model : run.models) {
        groups.push_back(model.modelFile);
        series[0].bars.push_back(speedOver(model.unfused, model.unfused));
        series[1].bars.push_back(speedOver(model.unfused, model.fused));
        series[2].bars.push_back(speedOver(model.unfused, model.quantized));
    }
    return panel("speed, unfused FP32 = 1", groups, series, "Nothing was measured.");
}

std::string timeCell(const TimeSpread& time)
{
    return html::cell(fmt::format("{} ({} … {})", html::realText(time.median),
                                  html::realText(time.lowerQuartile), html::realText(time.upperQuartile)),
                      time.median);
}

std::string percentCell(const SideBySide& model, double top1)
{
    return isLabelled(model) ? html::cell(fmt::format("{:.2f}", top1), top1) : html::cell("–", std::nullopt);
}

std::string table(const SideBySideRun& run)
{
    std::string text = "<div class=\"panel\"><table class=\"sort\"><thead><tr><th>network</th><th "
                       "class=\"n\">samples</th><th class=\"n\">top-1 FP32 %</th><th class=\"n\">top-1 "
                       "quantized %</th><th class=\"n\">output dB</th><th class=\"n\">unfused ms</th><th "
                       "class=\"n\">fused ms</th><th class=\"n\">quantized ms</th><th class=\"n\">fused ÷ "
                       "quantized</th></tr></thead><tbody>";
    for (const SideBySide& m : run.models) {
        const core::Accuracy accuracy = m.accuracy.value_or(core::Accuracy{});
        const double speed = m.fused.median / m.quantized.median;
        text += fmt::format("<tr><td>{}</td>", html::escaped(m.modelFile));
        text += html::cell(std::to_string(m.samples), static_cast<double>(m.samples));
        text += percentCell(m, accuracy.fp32.top1) + percentCell(m, accuracy.quantized.top1);
        text += html::cell(m.outputDb ? html::decibelText(*m.outputDb) : "∞", m.outputDb);
        text += timeCell(m.unfused) + timeCell(m.fused) + timeCell(m.quantized);
        text += html::cell(fmt::format("{:.2f}", speed), speed) + "</tr>";
    }
    return text + "</tbody></table></div>";
}

} // namespace

std::string sideBySideToJson(const SideBySideRun& run)
{
    Json json{{"format", "noisefloor-benchmark/1"},
              {"isa", run.isa},
              {"threads", 1},
              {"warm_up", run.request.warmUp},
              {"repetitions", run.request.repetitions},
              {"models", Json::array()}};
    for (const SideBySide& model : run.models) {
        json["models"].push_back(jsonOf(model));
    }
    return json.dump(1) + "\n";
}

std::string sideBySideToHtml(const SideBySideRun& run)
{
    const std::string how = fmt::format(
        "One thread, {}. {} repetitions of all three in turn after {} to warm up, each over {} samples at "
        "most; medians, with quartiles in brackets and as whiskers.",
        html::escaped(run.isa), run.request.repetitions, run.request.warmUp, run.request.samples);
    return html::page("Side by side",
                      "<h1>FP32 unfused, FP32 fused, quantized</h1><p class=\"sub\">" + how
                          + "</p><h2>Accuracy</h2>" + accuracyPanel(run) + "<h2>Speed</h2>" + speedPanel(run)
                          + "<h2>Numbers</h2>" + table(run));
}

} // namespace io
