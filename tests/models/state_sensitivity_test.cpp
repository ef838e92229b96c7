#include "core/sensitivity/leave_one.h"
#include "core/sensitivity/output_probe.h"
#include "tests/models/model_run.h"
#include "tests/support/shared_files.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace {

const std::string kLstm = "/model/decoder/rnn/LSTM";

core::QuantizationPlan onlyInt8(const core::Operator& op)
{
    auto plan = core::QuantizationPlan::makeDefault();
    plan.defaults.precision = core::kFp32;
    plan.operators[op.name].precision = core::kInt8;
    return plan;
}

/// An LSTM of which only the last states are read, and states fed back from sample to sample.
TEST(StatesFedBack, LeavingOneInEqualsAPlanWithOnlyThatOperatorQuantized)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, "models/silero_vad/silero_vad_16k_op15.onnx");
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, "data/silero_vad_op15.data.json");
    const app::Project project = models::open(model, data, 12, 1);
    core::OutputProbe probe(*project.session, core::QuantizationPlan::makeDefault(), 12);
    ASSERT_TRUE(probe.begin({}, {}));
    bool hasLstm = false;
    for (const core::OperatorId id : core::sensitiveOperators(probe.network())) {
        const core::Operator& op = probe.network().graph().at(id);
        if (op.type == "Input") { // nobody rounds an input for readers that are all float
            continue;
        }
        const auto alone = probe.withOnly(id, {});
        const auto planned = project.session->outputs(onlyInt8(op), {}, {});
        ASSERT_TRUE(alone && planned);
        for (std::size_t k = 0; k < planned->sums.size(); ++k) {
            EXPECT_NEAR(alone->outputs[k].squaredError, planned->sums[k].totalSquaredError(),
                        1e-6 * planned->sums[k].totalSquaredError())
                << op.name << ", output " << k;
        }
        if (op.name == kLstm) {
            hasLstm = true;
            EXPECT_GT(alone->outputs[0].squaredError, 0.0);
        }
    }
    EXPECT_TRUE(hasLstm);
}

TEST(StatesFedBack, RunAndSensitivityTellOneNumber)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, "models/silero_vad/silero_vad_16k_op15.onnx");
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, "data/silero_vad_op15.data.json");
    const app::Project project = models::open(model, data, 8, 1);
    const auto plan = std::make_shared<const core::QuantizationPlan>(core::QuantizationPlan::makeDefault());
    const auto report = project.session->addSensitivity(project.session->run(plan, {}, {}), 8, {}, {});
    core::OutputProbe probe(*project.session, *plan, 8);
    ASSERT_TRUE(report && probe.begin({}, {}));
    for (const core::OperatorId id : core::sensitiveOperators(probe.network())) {
        const auto alone = probe.withOnly(id, {});
        ASSERT_TRUE(alone);
        const auto& layer = *report->layers[indexOf(id)];
        ASSERT_TRUE(layer.atOutput) << layer.name;
        EXPECT_NEAR(*layer.atOutput->relativeL2, *core::relativeL2Of(*alone, probe.network().outputs), 1e-9)
            << layer.name;
    }
}

} // namespace
