#include "core/diagnosis/diagnose.h"
#include "tests/models/model_run.h"
#include "tests/models/planted_cases.h"
#include "tests/models/planted_lists.h"

#include <algorithm>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <set>

namespace {

using namespace planted;

struct Shares
{
    int cases = 0;
    int guilty = 0;
    int cause = 0;
    int costly = 0; ///< faults of at least half a decibel
    int recovered = 0;
    std::set<std::string> kinds;
};

double decibels(const core::OutputQuality& quality) { return quality.sqnrDb.value_or(150.0); }

void judge(const Planted& planted, Shares& shares)
{
    core::DiagnosisOptions nothing;
    nothing.mostMeasured = 0;
    const auto healthySession = planted.healthy.open();
    const auto healthy =
        core::diagnose(*healthySession, std::make_shared<const core::QuantizationPlan>(planted.healthy.plan),
                       nothing, {}, {});
    const auto session = planted.faulty.open();
    core::DiagnosisOptions options;
    options.mostMeasured = 1;
    const auto found = core::diagnose(
        *session, std::make_shared<const core::QuantizationPlan>(planted.faulty.plan), options, {}, {});
    ASSERT_TRUE(healthy && found);
    ASSERT_FALSE(found->findings.empty())
        << planted.kind << " " << planted.name << ": " << found->probeSamples << " samples, "
        << found->operators.size() << " operators, " << decibels(found->quality) << " dB";
    const core::Finding& first = found->findings.front();
    const double lost = decibels(healthy->quality) - decibels(found->quality);
    const core::Fix* fix = first.recommendedFix();
    const double gain = fix ? fix->gainDb.value_or(0.0) : 0.0;
    const bool guilty = planted.guilty.contains(first.guilty);
    const bool cause = guilty && planted.causes.contains(first.cause);
    const bool costly = lost >= 0.5;
    const bool recovered = costly && gain >= 0.9 * lost;
    fmt::print("{:<20}{:<44}{:>6.1f} dB lost  {} {} {} | {} {} {:.2f}, {:+.1f} dB: {}\n", planted.kind,
               planted.name, lost, guilty ? "guilty" : "------", cause ? "cause" : "-----",
               !costly         ? "n/a  "
                   : recovered ? "fixed"
                               : "-----",
               first.guilty, core::idOf(first.cause), first.severity, gain, fix ? fix->label : "no fix");
    if (!cause && found->findings.size() > 1) {
        const core::Finding& second = found->findings[1];
        fmt::print("{:>20}{} {} {:.2f}\n", "then ", second.guilty, core::idOf(second.cause), second.severity);
    }
    ++shares.cases;
    shares.kinds.insert(planted.kind);
    shares.guilty += guilty;
    shares.cause += cause;
    shares.costly += costly;
    shares.recovered += recovered;
}

Shares judged(const std::vector<MakeCase>& cases, const char* what)
{
    Shares shares;
    for (const MakeCase& make : cases) {
        if (const auto planted = make()) {
            judge(*planted, shares);
        }
    }
    fmt::print("{} {} cases of {} kinds: guilty first {}, cause {}, recovered {} of {} that cost 0.5 dB\n",
               shares.cases, what, shares.kinds.size(), shares.guilty, shares.cause, shares.recovered,
               shares.costly);
    return shares;
}

TEST(Diagnosis, HoldsOnCasesThatNoThresholdWasTunedOn)
{
    const Shares shares = judged(heldOutCases(), "held-out");
    if (shares.cases == 0) {
        GTEST_SKIP() << "no shared models: set NOISEFLOOR_SHARED";
    }
    EXPECT_GE(shares.guilty, 0.95 * shares.cases);
    EXPECT_GE(shares.cause, 0.85 * shares.cases);
    EXPECT_GE(shares.recovered, 0.85 * shares.costly);
}

TEST(Diagnosis, NamesPlantedFaultsAndFixesThem)
{
    std::vector<MakeCase> cases = allCases();
    if (models::isLong()) {
        const auto more = moreCases();
        cases.insert(cases.end(), more.begin(), more.end());
    }
    const Shares shares = judged(cases, "planted");
    if (shares.cases == 0) {
        GTEST_SKIP() << "no shared models: set NOISEFLOOR_SHARED";
    }
    EXPECT_GE(shares.kinds.size(), 12u);
    EXPECT_GE(shares.cases, models::isLong() ? 40 : 12);
    EXPECT_GE(shares.guilty, 0.95 * shares.cases);
    EXPECT_GE(shares.cause, 0.85 * shares.cases);
    EXPECT_GE(shares.recovered, 0.85 * shares.costly);
}

} // namespace
