#include "core/plan/operator_selector.h"

#include "core/base/error.h"
#include "core/network/selected_operators.h"
#include "tests/support/chain_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using core::OperatorSelector;
using core::SelectableOperator;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// input → conv1 → conv2 (with bn and relu in it) → pool → conv10, and a Gemm of a name full of signs.
class Selectors : public testing::Test
{
protected:
    const std::vector<std::string> nodes{"b1/conv2", "b1/bn", "b1/relu"};
    const std::vector<SelectableOperator> all{
        {"x", "Input", {}, 0, {}},           {"b1/conv1", "Conv", {}, 0, {0}},
        {"b1/conv2", "Conv", nodes, 1, {1}}, {"pool", "MaxPool", {}, 2, {2}},
        {"b2/conv10", "Conv", {}, 3, {3}},   {"odd*name>#1", "Gemm", {}, 4, {4, 2}}};

    [[nodiscard]] std::vector<std::size_t> picked(const std::string& text) const
    {
        return selectedBy(OperatorSelector::parse(text), all);
    }
    [[nodiscard]] std::string complaint(const std::string& text) const
    {
        try {
            (void)core::namedOrSelected(text, all, "plan");
        } catch (const core::Error& error) {
            return error.what();
        }
        return "";
    }
};

TEST_F(Selectors, PickByTypeSequenceNameExpressionAndPosition)
{
    EXPECT_THAT(picked("type:Conv"), ElementsAre(1, 2, 4));
    EXPECT_THAT(picked("type:*Pool"), ElementsAre(3));
    EXPECT_THAT(picked("Conv>Conv"), ElementsAre(2));
    EXPECT_THAT(picked("Input > Conv"), ElementsAre(1));
    EXPECT_THAT(picked("Conv>*>Conv"), ElementsAre(4)); // conv2 → pool → conv10
    EXPECT_THAT(picked("Conv>Gemm"), ElementsAre(5)); // by its second input, too
    EXPECT_THAT(picked("b1/conv?"), ElementsAre(1, 2));
    EXPECT_THAT(picked("*conv*"), ElementsAre(1, 2, 4));
    EXPECT_THAT(picked("*relu"), ElementsAre(2)); // a node in it
    EXPECT_THAT(picked("/conv[0-9]$/"), ElementsAre(1, 2));
    EXPECT_THAT(picked("/^b[0-9]\\/conv1/"), ElementsAre(1, 4));
    EXPECT_THAT(picked("#0"), ElementsAre(1));
    EXPECT_THAT(picked("#3"), ElementsAre(4));
    EXPECT_THAT(picked("*"), ElementsAre(1, 2, 3, 4, 5));
    EXPECT_THAT(picked("type:Input"), IsEmpty());
}

TEST_F(Selectors, GiveWayToExactNames)
{
    EXPECT_THAT(core::namedOrSelected("odd*name>#1", all, "plan"), ElementsAre(5));
    EXPECT_THAT(core::namedOrSelected("b1/bn", all, "plan"), ElementsAre(2));
    EXPECT_THAT(core::namedOrSelected("odd*", all, "plan"), ElementsAre(5));
    EXPECT_FALSE(OperatorSelector::isOne("/layer1/layer1.0/Conv"));
    EXPECT_FALSE(OperatorSelector::isOne("b1/conv1[0]"));
}

TEST_F(Selectors, SayWhatIsNearWhereTheyPickNothing)
{
    EXPECT_THAT(complaint("b3/conv1*"), HasSubstr("b1/conv1"));
    EXPECT_THAT(complaint("type:Convv"), HasSubstr("did you mean 'Conv'"));
    EXPECT_THAT(complaint("Conv>Maxpool"), HasSubstr("MaxPool"));
    EXPECT_THAT(complaint("#5"), HasSubstr("there are 5, from #0"));
    EXPECT_THAT(complaint("/pol$/"), HasSubstr("pool"));
    EXPECT_THAT(complaint("pol"), HasSubstr("did you mean 'pool'"));
    EXPECT_THAT(complaint("#x"), HasSubstr("a position"));
    EXPECT_THAT(complaint("/(/"), HasSubstr("no regular expression"));
    EXPECT_THAT(complaint("Conv>"), HasSubstr("a type is missing"));
}

TEST_F(Selectors, NeedNoExponentialTime)
{
    const std::string name(300, 'a');
    const std::vector<SelectableOperator> one{{name, "Conv", {}, 0, {}}};
    EXPECT_THAT(selectedBy(OperatorSelector::parse("/^(a*)*b$/"), one), IsEmpty());
    EXPECT_THAT(selectedBy(OperatorSelector::parse("*a*a*a*a*a*a*a*a*b"), one), IsEmpty());
}

TEST_F(Selectors, LaterFormsAndLongerTextsSayMore)
{
    const std::vector<std::string> order{"type:Conv", "Conv>Conv", "b*", "b1/c*", "/b1/", "#1"};
    for (std::size_t i = 0; i + 1 < order.size(); ++i) {
        const auto less = OperatorSelector::parse(order[i]);
        const auto more = OperatorSelector::parse(order[i + 1]);
        EXPECT_TRUE(less.givesWayTo(more)) << order[i];
        EXPECT_FALSE(more.givesWayTo(less)) << order[i];
    }
}

/// The plan with one key of `operators`, run on a small network: conv, depthwise, pointwise (Conv each),
/// pool, fc.
class SelectorsInPlans : public testing::Test
{
protected:
    const std::unique_ptr<core::Session> session = support::chainSession({}, 2);
    core::QuantizationPlan plan = core::QuantizationPlan::makeDefault();

    void set(const std::string& key, core::Precision precision) { plan.operators[key].precision = precision; }
    /// Names of what runs in FP32 because the plan says so.
    [[nodiscard]] std::vector<std::string> floats() const
    {
        const auto report = session->run(std::make_shared<core::QuantizationPlan>(plan), {}, {});
        std::vector<std::string> names;
        for (const auto& layer : report->layers) {
            if (layer->requested == core::kFp32) {
                names.push_back(layer->name);
            }
        }
        return names;
    }
};

TEST_F(SelectorsInPlans, SetWhatTheyPick)
{
    set("type:Conv", core::kFp32);
    EXPECT_THAT(floats(), ElementsAre("conv", "depthwise", "pointwise"));
    plan.operators.clear();
    set("Conv>Conv", core::kFp32);
    EXPECT_THAT(floats(), ElementsAre("depthwise", "pointwise"));
    plan.operators.clear();
    set("*wise", core::kFp32);
    EXPECT_THAT(floats(), ElementsAre("depthwise", "pointwise"));
    set("depthwise", core::kInt8); // its own name wins
    EXPECT_THAT(floats(), ElementsAre("pointwise"));
    EXPECT_EQ(plan.operators.size(), 2u); // as the user wrote it
}

TEST_F(SelectorsInPlans, GiveSettingsToWhoeverAsksABoundPlan)
{
    plan.operators["type:Conv"].weight.bits = 4;
    plan.operators["/^depth/"].weight.bits = 6;
    const auto bound = core::boundTo(*session->operators(plan), plan);
    EXPECT_EQ(bound.settingsFor("conv", "Conv").weight.bits, 4);
    EXPECT_EQ(bound.settingsFor("depthwise", "Conv").weight.bits, 6);
    EXPECT_EQ(bound.settingsFor("fc", "Gemm").weight.bits, 8);
    EXPECT_TRUE(bound == plan);
}

TEST_F(SelectorsInPlans, SayWhatIsFusedAndEqualized)
{
    const auto options = [&] { return session->operators(plan)->options; };
    EXPECT_TRUE(options().residualByName.empty());
    plan.operators["type:Conv"].fuseResidual = false;
    EXPECT_EQ(options().residualByName.at("pointwise"), false);
    EXPECT_FALSE(options().residualByName.contains("fc"));
}

TEST_F(SelectorsInPlans, AreRefusedWhereTheyPickNothing)
{
    set("con?v*", core::kFp32);
    EXPECT_THROW((void)floats(), core::Error);
}

TEST_F(SelectorsInPlans, AnUnknownTypeIsAnErrorAndAnAbsentOneAWarning)
{
    plan.types["Convv"].precision = core::kFp32;
    try {
        (void)floats();
        ADD_FAILURE() << "accepted";
    } catch (const core::Error& error) {
        EXPECT_EQ(error.kind(), core::ErrorKind::Usage);
        EXPECT_THAT(error.what(), HasSubstr("no operator type is named 'Convv'"));
        EXPECT_THAT(error.what(), HasSubstr("'Conv'"));
    }
    plan.types.erase("Convv");
    plan.types["LSTM"].precision = core::kFp32;
    const auto resolved = session->resolve(plan, {}, {});
    ASSERT_TRUE(resolved);
    EXPECT_THAT(resolved->warnings, testing::Contains(HasSubstr("no operator is of type 'LSTM'")));
}

} // namespace
