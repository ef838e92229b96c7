#include "app/cli/target.h"

#include "io/plans/profile_json.h"

#include <cstdio>
#include <fmt/core.h>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace cli {

namespace {

/// Breaches of one kind are one line: the first in full, the others by number.
void sayTogether(const std::vector<core::ProfileBreach>& breaches, const core::TargetProfile& profile,
                 const char* begin)
{
    std::vector<std::pair<const core::ProfileBreach*, std::size_t>> kinds;
    std::map<std::string, std::size_t> known;
    for (const core::ProfileBreach& breach : breaches) {
        const std::string kind = breach.key + '\n' + breach.value + '\n' + breach.why;
        const auto [it, isNew] = known.emplace(kind, kinds.size());
        if (isNew) {
            kinds.emplace_back(&breach, 0);
        } else {
            ++kinds[it->second].second;
        }
    }
    for (const auto& [first, more] : kinds) {
        fmt::print(stderr, "{}: {}{}\n", begin, toString(*first, profile),
                   more > 0 ? fmt::format(" (and {} more)", more) : "");
    }
}

} // namespace

std::shared_ptr<const core::QuantizationPlan>
keptToTarget(const app::Project& project, const core::TargetProfile& profile,
             const std::shared_ptr<const core::QuantizationPlan>& plan, bool isQuiet)
{
    const core::QuantizationPlan meant = core::withRuntimeOf(profile, *plan);
    const auto graph = project.session->operators(meant);
    if (!isQuiet) {
        sayTogether(core::breachesOf(profile, *graph, *plan), profile, "changed");
    }
    return std::make_shared<const core::QuantizationPlan>(core::fitted(profile, *graph, meant));
}

std::size_t sayBreaches(const app::Project& project, const core::TargetProfile& profile,
                        const core::QuantizationPlan& plan)
{
    const auto graph = project.session->operators(core::withRuntimeOf(profile, plan));
    const auto breaches = core::breachesOf(profile, *graph, plan);
    sayTogether(breaches, profile, "not legal");
    return breaches.size();
}

core::PlanObjection objectionOf(const app::Project& project, const std::string& profile)
{
    if (profile.empty()) {
        return {};
    }
    return [session = project.session, target = io::profileOf(profile)](const core::QuantizationPlan& plan) {
        const auto breaches = core::breachesOf(target, *session->operators(plan), plan);
        return breaches.empty() ? std::string() : toString(breaches.front(), target);
    };
}

} // namespace cli
