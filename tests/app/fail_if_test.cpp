#include "app/cli/fail_if.h"

#include "core/base/error.h"

#include <gtest/gtest.h>
#include <tuple>

namespace {

core::Report report()
{
    core::Report r;
    r.accuracy = core::Accuracy{100, true, {60.0, 80.0}, {57.5, 79.0}, 95.0, 0};
    core::OutputReport output;
    output.name = "logits";
    output.error.sqnrDb = 28.0;
    r.outputs.push_back(output);
    auto layer = std::make_shared<core::LayerReport>();
    layer->name = "block/conv 1";
    layer->isolated = core::ErrorMetrics{};
    layer->isolated->sqnrDb = 12.0;
    r.layers.push_back(layer);
    return r;
}

bool holds(const std::string& text) { return cli::holds(cli::parseFailIf(text), report()); }

TEST(FailIf, AndBindsTighterThanOr)
{
    EXPECT_TRUE(holds("output.sqnr_db<30"));
    EXPECT_FALSE(holds("output.sqnr_db<20"));
    EXPECT_TRUE(holds("output.sqnr_db<20 or top1_drop>1 and agreement<=95"));
    EXPECT_FALSE(holds("output.sqnr_db<20 or top1_drop>3 and agreement<=95"));
    EXPECT_TRUE(holds("op[\"block/conv 1\"].isolated.sqnr_db<15"));
}

TEST(FailIf, TakesTheWorstOfWhatASelectorPicks)
{
    core::Report r;
    for (const auto& [name, type, sqnr] : {std::tuple{"x", "Input", 1.0},
                                           {"conv1", "Conv", 30.0},
                                           {"conv2", "Conv", 20.0},
                                           {"odd*", "Gemm", 10.0}}) {
        auto layer = std::make_shared<core::LayerReport>();
        layer->name = name;
        layer->type = type;
        layer->isolated = core::ErrorMetrics{};
        layer->isolated->sqnrDb = sqnr;
        layer->isolated->l2 = 100.0 - sqnr;
        r.layers.push_back(layer);
    }
    const auto says = [&](const std::string& text) { return cli::holds(cli::parseFailIf(text), r); };
    EXPECT_TRUE(says("op[\"conv*\"].isolated.sqnr_db == 20"));
    EXPECT_TRUE(says("op[\"type:Conv\"].isolated.l2 == 80"));
    EXPECT_TRUE(says("op[\"/^conv1$/\"].isolated.sqnr_db == 30"));
    EXPECT_TRUE(says("op[\"#2\"].isolated.sqnr_db == 10"));
    EXPECT_TRUE(says("op[\"*\"].isolated.sqnr_db == 10"));
    EXPECT_TRUE(says("op[\"odd*\"].isolated.sqnr_db == 10"));
    EXPECT_THROW((void)says("op[\"dense*\"].isolated.sqnr_db < 10"), core::Error);
}

TEST(FailIf, RefusesWhatItDoesNotKnow)
{
    EXPECT_THROW((void)holds("output.sqnr<30"), core::Error);
    EXPECT_THROW((void)holds("op[\"nothing\"].isolated.sqnr_db<15"), core::Error);
    EXPECT_THROW((void)holds("top1_drop>"), core::Error);
    EXPECT_THROW((void)holds("top1_drop>1 xor agreement<3"), core::Error);
    EXPECT_THROW((void)holds("op[\"block/conv 1\"].accumulated.sqnr_db<15"), core::Error);
}

} // namespace
