#include "tests/fuzz/known_faults.h"

#include <algorithm>
#include <array>

namespace fuzz {

namespace {

constexpr std::array<KnownFault, 0> kFaults{};

bool holds(const std::string& text, std::string_view part)
{
    return part.empty() || text.find(part) != std::string::npos;
}

} // namespace

std::span<const KnownFault> knownFaults() { return kFaults; }

const KnownFault* knownFault(const Finding& finding, const DrawnGraph& smallest)
{
    const auto covers = [&](const KnownFault& fault) {
        return (fault.oracle.empty() || fault.oracle == finding.oracle) && holds(finding.kind, fault.kind)
            && holds(finding.text, fault.text)
            && (fault.operatorType.empty() || std::ranges::any_of(smallest.nodes, [&](const DrawnNode& node) {
                    return node.type == fault.operatorType;
                }));
    };
    const auto all = knownFaults();
    const auto found = std::ranges::find_if(all, covers);
    return found == all.end() ? nullptr : &*found;
}

} // namespace fuzz
