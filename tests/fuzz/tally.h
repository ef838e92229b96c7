#pragma once

#include "tests/fuzz/verdict.h"

#include <map>
#include <string>
#include <vector>

namespace fuzz {

/// What one graph gave, as its worker tells it.
struct GraphResult
{
    std::map<std::string, int> operators; ///< nodes by "domain.type"
    std::vector<std::string> forms;
    Verdict verdict;
    std::vector<std::string> known; ///< reasons of findings that are known
    std::string smallest; ///< graph of the first finding, after shrinking
};

[[nodiscard]] std::string toJson(const GraphResult& result);
[[nodiscard]] GraphResult graphResultOf(const std::string& json);

/// Sums over all graphs.
class Tally
{
public:
    void add(const GraphResult& result);
    /// Counts by operator, by form, by note and by finding.
    void print() const;
    /// Operators of the registry that no graph had.
    [[nodiscard]] std::vector<std::string> neverDrawn() const;
    [[nodiscard]] int findings() const { return m_findings; }

private:
    std::map<std::string, int> m_operators;
    std::map<std::string, int> m_forms;
    std::map<std::string, int> m_notes;
    std::map<std::string, int> m_kinds;
    std::map<std::string, int> m_known;
    int m_graphs = 0;
    int m_findings = 0;
};

} // namespace fuzz
