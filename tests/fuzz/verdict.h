#pragma once

#include <map>
#include <string>
#include <vector>

namespace fuzz {

/// One thing that is wrong. `oracle` and `kind` say what it is a case of; shrinking keeps both.
struct Finding
{
    std::string oracle; ///< "fp32", "qdq export", …
    std::string kind; ///< "pipeline differs", "refused", "crash", …
    std::string text; ///< where and by how much
    [[nodiscard]] bool isLike(const Finding& other) const
    {
        return oracle == other.oracle && kind == other.kind;
    }
};

/// What the oracles say of one graph.
struct Verdict
{
    std::vector<Finding> findings;
    std::map<std::string, int> notes; ///< what could not be judged, and why: counted and printed

    void find(const std::string& oracle, const std::string& kind, const std::string& text)
    {
        findings.push_back({oracle, kind, text});
    }
    void note(const std::string& what) { ++notes[what]; }
};

[[nodiscard]] std::string toJson(const Verdict& verdict);
[[nodiscard]] Verdict verdictOf(const std::string& json);

} // namespace fuzz
