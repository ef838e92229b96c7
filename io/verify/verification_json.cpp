#include "io/verify/verification.h"

#include "io/files/text_format.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace io {

namespace {

using Json = nlohmann::ordered_json;

Json executionToJson(const Execution& e)
{
    Json json;
    json["runtime"] = e.runtime;
    json["samples"] = e.samples;
    json["output"] = {{"name", e.output},
                      {"sqnr_db", numberOrNull(e.outputSqnrDb)},
                      {"agreement", numberOrNull(e.agreement)}};
    json["outputs"] = Json::array();
    for (const OutputAgreement& output : e.outputs) {
        json["outputs"].push_back({{"name", output.name}, {"sqnr_db", numberOrNull(output.sqnrDb)}});
    }
    json["operator_samples"] = e.operatorSamples;
    json["operators"] = Json::array();
    for (const OperatorAgreement& op : e.operators) {
        json["operators"].push_back({{"name", op.name},
                                     {"type", op.type},
                                     {"tensor", op.tensor},
                                     {"bits", op.bits == 0 ? Json(nullptr) : Json(op.bits)},
                                     {"elements", op.elements},
                                     {"identical", op.identical},
                                     {"within_one_lsb", op.withinOneLsb},
                                     {"max_difference_lsb", op.maxDifferenceLsb},
                                     {"sqnr_db", numberOrNull(op.sqnrDb)}});
    }
    return json;
}

} // namespace

std::string verificationToJson(const Verification& verification)
{
    Json json;
    json["format"] = "noisefloor-verification/1";
    json["export"] = {{"format", verification.format}, {"file", verification.file}};
    json["passed"] = verification.passed();
    json["problems"] = verification.problems;
    json["losses"] = Json::array();
    for (const ExportLoss& loss : verification.losses) {
        json["losses"].push_back({{"item", loss.item}, {"what", loss.what}});
    }
    const EncodingComparison& c = verification.encodings;
    json["read_back"] = {
        {"tensors", c.tensors}, {"operators", c.operators}, {"max_ulps", numberOrNull(c.maxUlps)}};
    json["read_back"]["differences"] = Json::array();
    for (const EncodingDifference& difference : c.differences) {
        json["read_back"]["differences"].push_back({{"item", difference.item},
                                                    {"what", difference.what},
                                                    {"ulps", numberOrNull(difference.ulps)},
                                                    {"loss", difference.loss}});
    }
    json["execution"] = verification.execution ? executionToJson(*verification.execution) : Json(nullptr);
    json["optimized_execution"] =
        verification.optimized ? executionToJson(*verification.optimized) : Json(nullptr);
    json["notes"] = verification.notes;
    json["own_execution"] =
        verification.ownExecution ? executionToJson(*verification.ownExecution) : Json(nullptr);
    json["not_executed"] = verification.notExecuted;
    return json.dump(1) + "\n";
}

} // namespace io
