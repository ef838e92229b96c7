#include "tests/fuzz/verdict.h"

#include <nlohmann/json.hpp>

namespace fuzz {

using nlohmann::json;

std::string toJson(const Verdict& verdict)
{
    json findings = json::array();
    for (const Finding& finding : verdict.findings) {
        findings.push_back({finding.oracle, finding.kind, finding.text});
    }
    // Names of tensors may be no UTF-8.
    return json{{"findings", findings}, {"notes", verdict.notes}}.dump(-1, ' ', false,
                                                                       json::error_handler_t::replace);
}

Verdict verdictOf(const std::string& text)
{
    const json parsed = json::parse(text);
    Verdict verdict;
    for (const json& finding : parsed.at("findings")) {
        verdict.findings.push_back({finding.at(0), finding.at(1), finding.at(2)});
    }
    verdict.notes = parsed.at("notes").get<std::map<std::string, int>>();
    return verdict;
}

} // namespace fuzz
