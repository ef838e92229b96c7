#include "tests/fuzz/tally.h"

#include "core/graph/operator_registry.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace fuzz {

namespace {

using nlohmann::json;

std::string nameOf(const core::OperatorDefinition& definition)
{
    return definition.domain.empty() ? std::string(definition.type)
                                     : fmt::format("{}.{}", definition.domain, definition.type);
}

void printCounts(const char* title, const std::map<std::string, int>& counts)
{
    fmt::print("{}:\n", title);
    for (const auto& [name, count] : counts) {
        fmt::print("  {:6} {}\n", count, name);
    }
}

} // namespace

std::string toJson(const GraphResult& result)
{
    const json written{{"operators", result.operators},
                       {"forms", result.forms},
                       {"verdict", toJson(result.verdict)},
                       {"known", result.known},
                       {"smallest", result.smallest}};
    return written.dump(-1, ' ', false, json::error_handler_t::replace);
}

GraphResult graphResultOf(const std::string& text)
{
    const json parsed = json::parse(text);
    GraphResult result;
    result.operators = parsed.at("operators").get<std::map<std::string, int>>();
    result.forms = parsed.at("forms").get<std::vector<std::string>>();
    result.verdict = verdictOf(parsed.at("verdict").get<std::string>());
    result.known = parsed.at("known").get<std::vector<std::string>>();
    result.smallest = parsed.at("smallest");
    return result;
}

void Tally::add(const GraphResult& result)
{
    ++m_graphs;
    for (const auto& [name, count] : result.operators) {
        m_operators[name] += count;
    }
    for (const std::string& form : result.forms) {
        ++m_forms[form];
    }
    for (const auto& [note, count] : result.verdict.notes) {
        m_notes[note] += count;
    }
    for (const std::string& reason : result.known) {
        ++m_known[reason];
    }
    for (const Finding& finding : result.verdict.findings) {
        ++m_kinds[finding.oracle + ": " + finding.kind];
        ++m_findings;
    }
}

void Tally::print() const
{
    printCounts("nodes by operator", m_operators);
    printCounts("graphs by form", m_forms);
    printCounts("not judged, or with a remark", m_notes);
    printCounts("known faults", m_known);
    printCounts("findings", m_kinds);
    fmt::print("{} graphs, {} findings\n", m_graphs, m_findings);
}

std::vector<std::string> Tally::neverDrawn() const
{
    std::vector<std::string> missing;
    for (const core::OperatorDefinition& definition : core::allOperators()) {
        if (!m_operators.contains(nameOf(definition))) {
            missing.push_back(nameOf(definition));
        }
    }
    return missing;
}

} // namespace fuzz
