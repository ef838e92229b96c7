#include "app/cli/command.h"
#include "core/base/error.h"
#include "core/quantization/scheme.h"
#include "io/plans/plan_json.h"

#include <cmath>
#include <fmt/core.h>
#include <limits>

namespace cli {

namespace {

struct ParamsCommand
{
    double min = std::numeric_limits<double>::quiet_NaN();
    double max = std::numeric_limits<double>::quiet_NaN();
    std::vector<std::string> settings;
    bool weights = false;
};

int run(const ParamsCommand& command)
{
    constexpr double kMost = std::numeric_limits<float>::max();
    if (!(command.min <= command.max) || command.min < -kMost || command.max > kMost) {
        throw core::Error(
            core::ErrorKind::Usage,
            fmt::format("params: {} … {} is no range of finite floats", command.min, command.max));
    }
    core::QuantizationPlan plan = core::QuantizationPlan::makeDefault();
    for (const std::string& setting : command.settings) {
        plan = io::withSetting(plan, setting);
    }
    const core::OperatorSettings settings = plan.settingsFor("", "");
    const core::Range range{command.min, command.max};
    const core::QuantizationParams params = command.weights
        ? core::weightParams(range, settings.weight)
        : core::activationParams(range, settings.activation,
                                 command.min >= 0.0 ? core::Provenance::Unsigned : core::Provenance::Signed);
    fmt::print("scale {} zero_point {} codes {} … {}\n", params.scale[0], params.zeroPoint[0],
               params.codes.lowest, params.codes.highest);
    return Done;
}

void addOptions(Options& options, ParamsCommand& command)
{
    options.value("--min", &command.min, "The smallest value to represent").required();
    options.value("--max", &command.max, "The largest").required();
    options.list("--set", command.settings,
                 "KEY=VALUE as of a plan: activation.bits, activation.scheme, activation.convention, …");
    options.flag("--weights", command.weights, "As weights, by the weight.* settings");
}

} // namespace

Command paramsCommand()
{
    return makeCommand<ParamsCommand>("params", "Scale and zero point of a range of bare numbers", addOptions,
                                      run);
}

} // namespace cli
