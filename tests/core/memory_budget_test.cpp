#include "core/base/memory_budget.h"

#include "core/base/error.h"
#include "core/sensitivity/output_probe.h"
#include "core/session/session.h"
#include "tests/support/chain_network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <stop_token>

namespace {

using core::BudgetedCache;
using core::Fingerprint;
using core::FingerprintBuilder;
using core::MemoryBudget;

Fingerprint key(int i) { return FingerprintBuilder().add(i).finish(); }

TEST(MemoryBudget, LetsGoWhatNoRunUsedForLongestInWhicheverCacheItLies)
{
    const auto budget = std::make_shared<MemoryBudget>(100);
    BudgetedCache<int> a(budget);
    BudgetedCache<int> b(budget);
    a.insert(key(1), 1, 40);
    budget->beginGeneration();
    b.insert(key(2), 2, 40);
    budget->beginGeneration();
    budget->beginGeneration();
    EXPECT_EQ(a.find(key(1)), 1); // used again: now the younger one
    a.insert(key(3), 3, 40);
    EXPECT_EQ(budget->bytes(), 80U);
    EXPECT_EQ(a.find(key(1)), 1);
    EXPECT_FALSE(b.find(key(2)));
}

TEST(MemoryBudget, KeepsWhatThisAndTheLastRunNeedAndRefusesWhatIsOptional)
{
    const auto budget = std::make_shared<MemoryBudget>(100);
    BudgetedCache<int> needed(budget);
    BudgetedCache<int> optional(budget, BudgetedCache<int>::Kind::Optional);
    optional.insert(key(1), 1, 60);
    optional.insert(key(2), 2, 60);
    EXPECT_FALSE(optional.find(key(2))) << "no room, nothing old";
    needed.insert(key(3), 3, 70);
    EXPECT_FALSE(optional.find(key(1))) << "made way for what a run cannot do without";
    needed.insert(key(4), 4, 70);
    EXPECT_EQ(budget->bytes(), 140U) << "both are in use";
    budget->beginGeneration();
    budget->beginGeneration();
    needed.insert(key(5), 5, 70);
    EXPECT_EQ(budget->bytes(), 70U);
}

TEST(MemoryBudget, ValuesWithoutBytesComeAndGo)
{
    const auto budget = std::make_shared<MemoryBudget>(100);
    {
        BudgetedCache<int> cache(budget);
        for (int i = 0; i < 3; ++i) {
            cache.insert(key(i), i, 0);
        }
        budget->beginGeneration();
        EXPECT_EQ(cache.find(key(1)), 1);
    }
    EXPECT_EQ(budget->bytes(), 0U);
}

TEST(MemoryBudget, IsGivenBackWithTheCache)
{
    const auto budget = std::make_shared<MemoryBudget>(100);
    {
        BudgetedCache<int> cache(budget);
        cache.insert(key(1), 1, 30);
        EXPECT_EQ(budget->bytes(), 30U);
    }
    EXPECT_EQ(budget->bytes(), 0U);
}

/// Plans that differ in weights, ranges and ways of fusing.
std::shared_ptr<const core::QuantizationPlan> planOf(int i)
{
    auto plan = core::QuantizationPlan::makeDefault();
    plan.defaults.weight.bits = 2 + i % 7;
    plan.defaults.activation.method = core::CalibrationMethod{"percentile", 99.0 + 0.004 * i};
    if (i % 20 == 19) {
        plan.defaults.weight.equalize = core::Equalization(std::vector<float>{});
        plan.fuse = i % 40 == 39;
    }
    return std::make_shared<const core::QuantizationPlan>(std::move(plan));
}

TEST(MemoryBudget, HoldsOver200PlansOfASessionAndChangesNoNumber)
{
    constexpr std::size_t kBudget = 3U << 20; // some plans' worth
    core::SessionOptions small;
    small.threads = 1;
    small.cacheBytes = kBudget;
    core::Session bounded(support::chainNetwork(), {}, support::chainData(8), small);
    std::size_t most = 0;
    for (int i = 0; i < 200; ++i) {
        ASSERT_TRUE(bounded.run(planOf(i), {}, {}));
        most = std::max(most, bounded.keptBytes());
    }
    EXPECT_LE(most, kBudget);
    EXPECT_GT(most, kBudget / 2) << "something was kept, or the bound was not tried";

    for (const int i :
         {0, 3, 39, 199}) { // long gone, or the last: as in a session that never ran another plan
        core::Session fresh(support::chainNetwork(), {}, support::chainData(8), small);
        const auto expected = fresh.run(planOf(i), {}, {});
        const auto again = bounded.run(planOf(i), {}, {});
        ASSERT_EQ(again->layers.size(), expected->layers.size());
        for (std::size_t k = 0; k < expected->layers.size(); ++k) {
            const auto& a = again->layers[k]->accumulated;
            const auto& b = expected->layers[k]->accumulated;
            ASSERT_EQ(a.has_value(), b.has_value());
            EXPECT_EQ(a ? a->l2 : 0.0, b ? b->l2 : 0.0) << expected->layers[k]->name;
        }
    }
}

TEST(MemoryBudget, ReservesForThoseWhoAreNoCache)
{
    const auto budget = std::make_shared<MemoryBudget>(100);
    BudgetedCache<int> optional(budget, BudgetedCache<int>::Kind::Optional);
    auto first = MemoryBudget::reserve(budget, 60);
    ASSERT_TRUE(first);
    EXPECT_FALSE(MemoryBudget::reserve(budget, 60)) << "it is taken";
    EXPECT_FALSE(MemoryBudget::reserve(budget, 20, 30)) << "20 fit, but would not leave 30";
    optional.insert(key(1), 1, 50);
    EXPECT_FALSE(optional.find(key(1))) << "caches see what is reserved";
    const MemoryBudget::Reservation moved = std::move(first);
    EXPECT_EQ(budget->bytes(), 60U);
    first = MemoryBudget::reserve(budget, 40);
    EXPECT_EQ(budget->bytes(), 100U);
    first = {};
    EXPECT_EQ(budget->bytes(), 60U);
}

TEST(MemoryBudget, ASmallerBoundLetsGoAtOnceWhatMayGo)
{
    const auto budget = std::make_shared<MemoryBudget>(200);
    BudgetedCache<int> needed(budget);
    BudgetedCache<int> optional(budget, BudgetedCache<int>::Kind::Optional);
    needed.insert(key(1), 1, 60);
    optional.insert(key(2), 2, 60);
    budget->setMostBytes(100);
    EXPECT_EQ(budget->mostBytes(), 100U);
    EXPECT_EQ(needed.find(key(1)), 1) << "the run under way reads it";
    EXPECT_FALSE(optional.find(key(2)));
    budget->setMostBytes(150);
    optional.insert(key(2), 2, 60);
    EXPECT_EQ(optional.find(key(2)), 2);
}

TEST(MemoryBudget, HoldsOverAnAnalysisThatKeepsValuesOfItsOwn)
{
    constexpr std::size_t kSamples = 64;
    std::vector<double> errors;
    std::size_t all = 0;
    for (const std::size_t budget : {std::size_t{1} << 30, std::size_t{1} << 18}) {
        core::SessionOptions options;
        options.threads = 1;
        options.cacheBytes = budget;
        core::Session session(support::chainNetwork(), {}, support::chainData(kSamples), options);
        core::OutputProbe probe(session, core::QuantizationPlan::makeDefault(), kSamples);
        ASSERT_TRUE(probe.begin({}, {}));
        const auto effect = probe.under(*planOf(3), {});
        ASSERT_TRUE(effect);
        errors.push_back(effect->outputs[0].squaredError);
        EXPECT_LE(session.keptBytes(), budget);
        all = std::max(all, session.keptBytes());
    }
    EXPECT_GT(all, std::size_t{1} << 18) << "the smaller budget was not tried";
    EXPECT_EQ(errors[0], errors[1]);
}

TEST(MemoryBudget, TakesAQuarterOfASmallMachineAndOneGibibyteOfALargeOne)
{
    EXPECT_GT(core::defaultMemoryBytes(), 0U);
    EXPECT_LE(core::defaultMemoryBytes(), std::size_t{1} << 30);
    EXPECT_EQ(core::cacheBytesOf(std::size_t{1} << 30), std::size_t{768} << 20);
}

TEST(MemoryBudget, ReadsSizesAsPeopleWriteThem)
{
    EXPECT_EQ(core::parseBytes("4096"), 4096U);
    EXPECT_EQ(core::parseBytes("512M"), std::size_t{512} << 20);
    EXPECT_EQ(core::parseBytes("1.5GiB"), std::size_t{3} << 29);
    EXPECT_EQ(core::parseBytes("2GB"), std::size_t{2} << 30);
    for (const char* wrong : {"", "M", "12X", "-1G", "0", "nan", "1GG", "1e30", "5 apples"}) {
        EXPECT_THROW((void)core::parseBytes(wrong), core::Error) << wrong;
    }
}

TEST(MemoryBudget, ARunThatIsNotRepeatedKeepsNoActivationsAndGivesTheSameNumbers)
{
    core::SessionOptions options;
    options.threads = 1;
    core::Session keeping(support::chainNetwork(), {}, support::chainData(8), options);
    options.keepsActivations = false;
    core::Session once(support::chainNetwork(), {}, support::chainData(8), options);
    const auto expected = keeping.run(planOf(3), {}, {});
    const auto report = once.run(planOf(3), {}, {});
    EXPECT_LT(once.keptBytes(), keeping.keptBytes());
    ASSERT_EQ(report->layers.size(), expected->layers.size());
    for (std::size_t k = 0; k < expected->layers.size(); ++k) {
        const auto& a = report->layers[k];
        const auto& b = expected->layers[k];
        ASSERT_EQ(a->accumulated.has_value(), b->accumulated.has_value());
        EXPECT_EQ(a->accumulated ? a->accumulated->l2 : 0.0, b->accumulated ? b->accumulated->l2 : 0.0);
        ASSERT_EQ(a->isolated.has_value(), b->isolated.has_value());
        EXPECT_EQ(a->isolated ? a->isolated->l2 : 0.0, b->isolated ? b->isolated->l2 : 0.0);
    }
}

} // namespace
