#include "io/reports/diagnosis_json.h"

#include "io/files/text_format.h"
#include "io/plans/plan_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace io {

namespace {

using Json = nlohmann::ordered_json;

Json qualityToJson(const core::OutputQuality& quality)
{
    Json json{{"sqnr_db", numberOrNull(quality.sqnrDb)},
              {"top1", numberOrNull(quality.top1)},
              {"samples", quality.samples}};
    if (quality.sqnrDb && std::isinf(*quality.sqnrDb)) {
        json["non_finite"] = true;
    }
    return json;
}

Json fixToJson(const core::Fix& fix)
{
    constexpr const char* kCosts[] = {"none", "more bits", "float"};
    Json json{
        {"label", fix.label}, {"cost", kCosts[static_cast<int>(fix.cost)]}, {"recommended", fix.recommended}};
    if (!fix.refused.empty()) {
        json["refused"] = fix.refused;
    }
    json["gain_db"] = numberOrNull(fix.gainDb);
    json["gain_top1"] = numberOrNull(fix.gainTop1);
    json["output"] = fix.measured ? qualityToJson(*fix.measured) : Json(nullptr);
    return json;
}

Json findingToJson(const core::Finding& finding)
{
    Json json{{"cause", core::idOf(finding.cause)},
              {"title", core::titleOf(finding.cause)},
              {"severity", numberOrNull(finding.severity)},
              {"guilty", finding.guilty},
              {"tensors", finding.tensors},
              {"channels", finding.channels},
              {"explanation", finding.explanation},
              {"proofs", Json::array()},
              {"fixes", Json::array()}};
    for (const core::Proof& proof : finding.proofs) {
        json["proofs"].push_back({{"name", proof.name},
                                  {"value", numberOrNull(proof.value)},
                                  {"unit", proof.unit},
                                  {"samples", proof.samples}});
    }
    for (const core::Fix& fix : finding.fixes) {
        json["fixes"].push_back(fixToJson(fix));
    }
    return json;
}

Json attributionToJson(const core::AttributedOperator& op)
{
    Json json{{"name", op.name},
              {"share", numberOrNull(op.probe.share)},
              {"relative_squared_error_at_output", numberOrNull(op.probe.atOutput)},
              {"own_relative_squared_error", numberOrNull(op.probe.own)},
              {"constant_per_channel", numberOrNull(op.probe.meanShare)}};
    if (const auto& parts = op.probe.parts) {
        json["parts_at_output"] = {{"weights", numberOrNull(parts->weights)},
                                   {"clip", numberOrNull(parts->clip)},
                                   {"round", numberOrNull(parts->round)},
                                   {"arithmetic", numberOrNull(parts->arithmetic)},
                                   {"without_channel_means", numberOrNull(parts->withoutMean)}};
        json["factors_at_output"] = {{"bias", numberOrNull(parts->bias)},
                                     {"activation_only", numberOrNull(parts->activationOnly)},
                                     {"weights_only", numberOrNull(parts->weights)},
                                     {"zero_point_nudge", numberOrNull(parts->nudge)},
                                     {"saturation", numberOrNull(parts->saturation)},
                                     {"table", numberOrNull(parts->table)},
                                     {"input_rounding", numberOrNull(parts->inputs)}};
    }
    return json;
}

} // namespace

std::string diagnosisToJson(const core::Diagnosis& diagnosis)
{
    Json json{{"format", "noisefloor-diagnosis/1"},
              {"model", {{"file", diagnosis.report->modelFile}, {"sha256", diagnosis.report->modelSha256}}},
              {"data", {{"samples", diagnosis.report->samples}, {"synthetic", diagnosis.report->synthetic}}},
              {"plan", Json::parse(planToJson(*diagnosis.plan))},
              {"output", qualityToJson(diagnosis.quality)},
              {"findings", Json::array()},
              {"attribution", {{"samples", diagnosis.probeSamples}, {"operators", Json::array()}}}};
    for (const core::Finding& finding : diagnosis.findings) {
        json["findings"].push_back(findingToJson(finding));
    }
    for (const core::AttributedOperator& op : diagnosis.operators) {
        json["attribution"]["operators"].push_back(attributionToJson(op));
    }
    for (const auto& layer : diagnosis.report->layers) {
        if (const auto& shadow = layer->pipelineShadow) {
            json["pipeline_shadow"].push_back({{"name", layer->name},
                                               {"relative_l2", numberOrNull(shadow->relativeL2)},
                                               {"sqnr_db", numberOrNull(shadow->sqnrDb)}});
        }
    }
    json["fixed"] = {{"accepted", diagnosis.accepted}, {"output", qualityToJson(diagnosis.fixedQuality)}};
    return json.dump(1) + "\n";
}

} // namespace io
