#include "io/reports/report_json.h"

#include "core/report/conversion_share.h"
#include "core/report/non_finite.h"
#include "io/files/text_format.h"
#include "io/plans/plan_json.h"
#include "io/reports/metric_json.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace io {

namespace {

using Json = nlohmann::ordered_json;

/// Says by name why the numbers of an error are null; nothing where they are numbers.
void nameNonFinite(Json& json, const core::ErrorMetrics& m)
{
    if (const std::string_view name = core::nonFiniteName(m); !name.empty()) {
        json["non_finite"] = name;
    }
}

Json metrics(const core::ErrorMetrics& m)
{
    Json json{{"l2", numberOrNull(m.l2)},
              {"relative_l2", numberOrNull(m.relativeL2)},
              {"median_channel_relative_l2", numberOrNull(m.medianChannelRelativeL2)},
              {"sqnr_db", numberOrNull(m.sqnrDb)},
              {"cosine", numberOrNull(m.cosine)},
              {"max_abs", numberOrNull(m.maxAbs)},
              {"rmse_lsb", numberOrNull(m.rmseLsb)}};
    nameNonFinite(json, m);
    return json;
}

/// A float in the shortest decimal form that reads back as the same float.
Json shortest(float value)
{
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return Json::parse(text.data(), end);
}

Json tensorInfo(const core::QuantizedTensorInfo& info, bool isWeight)
{
    Json json;
    json["method"] = info.method;
    if (isWeight) {
        json["granularity"] = info.granularity;
    } else {
        json["threshold"] = {numberOrNull(info.threshold[0].min), numberOrNull(info.threshold[0].max)};
    }
    json["scale"] = Json::array();
    for (const float scale : info.params.scale) {
        json["scale"].push_back(shortest(scale));
    }
    json["zero_point"] = info.params.zeroPoint;
    const bool isSigned =
        info.params.type == core::DataType::Int8 || info.params.type == core::DataType::Int16;
    json["type"] = (isSigned ? "s" : "u") + std::to_string(info.params.bits);
    return json;
}

Json layerToJson(const core::LayerReport& layer)
{
    Json json;
    json["name"] = layer.name;
    json["type"] = layer.type;
    json["nodes"] = layer.nodes;
    if (!layer.group.empty()) {
        json["group"] = layer.group;
    }
    json["output"] = layer.output;
    json["depth"] = layer.depth;
    json["precision"] = {{"requested", core::toString(layer.requested)},
                         {"effective", core::toString(layer.effective)},
                         {"reason", layer.reason}};
    json["backend"] = layer.backend;
    json["implementation"] = layer.implementation;
    json["activation"] = layer.activation ? tensorInfo(*layer.activation, false) : Json(nullptr);
    json["weight"] = layer.weight ? tensorInfo(*layer.weight, true) : Json(nullptr);
    json["isolated"] = layer.isolated ? metrics(*layer.isolated) : Json(nullptr);
    if (const auto& q = layer.outputQuantization) {
        json["output_quantization"] = {{"l2", numberOrNull(q->l2)},
                                       {"clip_l2", numberOrNull(q->clipL2)},
                                       {"round_l2", numberOrNull(q->roundL2)},
                                       {"cross", numberOrNull(q->cross)},
                                       {"clipped", numberOrNull(q->clipped)},
                                       {"range_used", numberOrNull(q->rangeUsed)}};
    } else {
        json["output_quantization"] = nullptr;
    }
    json["accumulated"] = layer.accumulated ? metrics(*layer.accumulated) : Json(nullptr);
    if (const auto& shadow = layer.pipelineShadow) {
        json["pipeline_shadow"] = metrics(*shadow);
    }
    if (const auto& w = layer.weightError) {
        json["weight_error"] = {{"relative_l2", numberOrNull(w->relativeL2)},
                                {"median_channel_relative_l2", numberOrNull(w->medianChannelRelativeL2)},
                                {"worst_channel", w->worstChannel},
                                {"channels_limited_by_bias", w->channelsLimitedByBias}};
    } else {
        json["weight_error"] = nullptr;
    }
    if (const auto& s = layer.saturation) {
        json["saturation"] = {
            {"outlier_share", numberOrNull(s->outlierShare)}, {"pairs", s->pairs}, {"sums", s->sums}};
    }
    if (const auto& a = layer.atOutput) {
        json["at_output"] = {{"relative_l2", numberOrNull(a->relativeL2)},
                             {"sqnr_db", numberOrNull(a->sqnrDb)},
                             {"samples", a->samples}};
        nameNonFinite(json["at_output"], *a);
    } else {
        json["at_output"] = nullptr;
    }
    json["worst_channels"] = Json::array();
    for (const core::ChannelError& channel : layer.worstChannels) {
        json["worst_channels"].push_back(
            {{"channel", channel.channel}, {"relative_l2", numberOrNull(channel.relativeL2)}});
    }
    json["time_us"] = {{"fp32", numberOrNull(layer.fp32Microseconds)},
                       {"quantized", numberOrNull(layer.quantizedMicroseconds)},
                       {"quantize", numberOrNull(layer.conversion.quantize)},
                       {"dequantize", numberOrNull(layer.conversion.dequantize)},
                       {"requantize", numberOrNull(layer.conversion.requantize)}};
    return json;
}

/// Of the time of the quantized network; null where none was taken.
Json conversionToJson(const core::Report& report)
{
    const auto share = core::conversionShare(report);
    return share ? Json{{"quantize", numberOrNull(share->quantize)},
                        {"dequantize", numberOrNull(share->dequantize)},
                        {"requantize", numberOrNull(share->requantize)}}
                 : Json(nullptr);
}

Json sequenceToJson(const core::SequenceReport& sequence)
{
    Json json;
    json["states"] = Json::array();
    for (const core::StateBinding& state : sequence.states) {
        json["states"].push_back({{"input", state.input}, {"from", state.output}});
    }
    json["starts"] = sequence.starts;
    json["outputs"] = Json::array();
    for (const auto& output : sequence.outputs) {
        Json item{{"name", output.name}, {"relative_l2", Json::array()}, {"max_abs", Json::array()}};
        for (const auto& step : output.relativeL2) {
            item["relative_l2"].push_back(numberOrNull(step));
        }
        for (const double step : output.maxAbs) {
            item["max_abs"].push_back(numberOrNull(step));
        }
        json["outputs"].push_back(std::move(item));
    }
    return json;
}

std::string quotedCsv(const std::string& text)
{
    if (text.find_first_of(",\"\n\r") == std::string::npos) {
        return text;
    }
    std::string result = "\"";
    for (const char c : text) {
        result += c;
        if (c == '"') {
            result += c;
        }
    }
    return result + "\"";
}

std::string csvNumber(const std::optional<double>& value)
{
    return value && std::isfinite(*value) ? Json(*value).dump() : std::string();
}

} // namespace

std::string reportToJson(const core::Report& report)
{
    Json json;
    json["format"] = "noisefloor-report/1";
    json["model"] = {{"file", report.modelFile},
                     {"sha256", report.modelSha256},
                     {"nodes", report.modelNodes},
                     {"operators", report.layers.size()}};
    json["data"] = {{"samples", report.samples}, {"synthetic", report.synthetic}};
    json["plan"] = report.plan ? Json::parse(planToJson(*report.plan)) : Json(nullptr);
    json["isa"] = report.isa;
    json["threads"] = report.threads;
    json["accuracy"] = report.accuracy ? accuracyToJson(*report.accuracy) : Json(nullptr);
    if (report.metric) {
        json["metric"] = metricToJson(*report.metric);
    }
    json["outputs"] = Json::array();
    for (const core::OutputReport& output : report.outputs) {
        const core::ErrorMetrics& m = output.error;
        json["outputs"].push_back({{"name", output.name},
                                   {"kind", output.kind},
                                   {"sqnr_db", numberOrNull(m.sqnrDb)},
                                   {"relative_l2", numberOrNull(m.relativeL2)},
                                   {"cosine", numberOrNull(m.cosine)},
                                   {"max_abs", numberOrNull(m.maxAbs)},
                                   {"sqnr_db_interval", intervalToJson(output.sqnrInterval)}});
        nameNonFinite(json["outputs"].back(), m);
    }
    if (report.sequence) {
        json["sequence"] = sequenceToJson(*report.sequence);
    }
    json["operators"] = Json::array();
    for (const auto& layer : report.layers) {
        json["operators"].push_back(layerToJson(*layer));
    }
    json["timing"] = {{"fp32_ms_per_sample", numberOrNull(report.timing.fp32MsPerSample)},
                      {"quantized_ms_per_sample", numberOrNull(report.timing.quantizedMsPerSample)},
                      {"analysis_ms_per_sample", numberOrNull(report.timing.analysisMsPerSample)},
                      {"calibration_ms", numberOrNull(report.timing.calibrationMs)},
                      {"conversion_percent", conversionToJson(report)}};
    json["warnings"] = report.warnings;
    return json.dump(1) + "\n";
}

std::string reportToCsv(const core::Report& report)
{
    std::string text =
        "name,type,precision,method,threshold_min,threshold_max,isolated_relative_l2,isolated_sqnr_db,"
        "accumulated_relative_l2,accumulated_sqnr_db,clipped,weight_relative_l2,at_output_sqnr_db,backend,"
        "implementation\n";
    for (const auto& layer : report.layers) {
        const auto& a = layer->activation;
        const auto relative = [](const std::optional<core::ErrorMetrics>& m) {
            return m ? csvNumber(m->relativeL2) : std::string();
        };
        const auto decibel = [](const std::optional<core::ErrorMetrics>& m) {
            if (!m || m->sqnrDb.value_or(0.0) > -std::numeric_limits<double>::infinity()) {
                return m ? csvNumber(m->sqnrDb) : std::string();
            }
            return std::string(core::nonFiniteName(*m));
        };
        const std::array cells{
            quotedCsv(layer->name),
            layer->type,
            core::toString(layer->effective),
            a ? a->method : std::string(),
            a ? csvNumber(a->threshold[0].min) : std::string(),
            a ? csvNumber(a->threshold[0].max) : std::string(),
            relative(layer->isolated),
            decibel(layer->isolated),
            relative(layer->accumulated),
            decibel(layer->accumulated),
            layer->outputQuantization ? csvNumber(layer->outputQuantization->clipped) : std::string(),
            layer->weightError ? csvNumber(layer->weightError->relativeL2) : std::string(),
            decibel(layer->atOutput),
            layer->backend,
            quotedCsv(layer->implementation),
        };
        for (std::size_t i = 0; i < cells.size(); ++i) {
            text += (i ? "," : "") + cells[i];
        }
        text += "\n";
    }
    return text;
}

} // namespace io
