#include "app/cli/fail_if.h"

#include "core/base/error.h"

#include <gtest/gtest.h>

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

TEST(FailIf, RefusesWhatItDoesNotKnow)
{
    EXPECT_THROW((void)holds("output.sqnr<30"), core::Error);
    EXPECT_THROW((void)holds("op[\"nothing\"].isolated.sqnr_db<15"), core::Error);
    EXPECT_THROW((void)holds("top1_drop>"), core::Error);
    EXPECT_THROW((void)holds("top1_drop>1 xor agreement<3"), core::Error);
    EXPECT_THROW((void)holds("op[\"block/conv 1\"].accumulated.sqnr_db<15"), core::Error);
}

} // namespace
