// PyTorch: torch/ao/quantization/qconfig.py, get_default_qconfig(backend), version 0.
#include "core/plan/presets.h"

#include "core/base/error.h"
#include "core/base/near_misses.h"
#include "core/plan/plan_fields.h"

#include <algorithm>
#include <fmt/format.h>
#include <string>

namespace core {

std::span<const PlanPreset> planPresets()
{
    // HistogramObserver of quint8; weights qint8, symmetric.
    static const std::vector<PlanPreset> kPresets{
        {"fbgemm",
         "PyTorch's get_default_qconfig(\"fbgemm\"): 7 bits of outputs, weights per channel",
         {{"activation.convention", "pytorch"},
          {"activation.scheme", "asymmetric"},
          {"activation.method", "l2:pytorch"},
          {"activation.reduce_range", "true"},
          {"weight.convention", "pytorch"},
          {"weight.scheme", "symmetric"},
          {"weight.granularity", "per-channel"},
          {"weight.method", "minmax"},
          {"rounding", "pytorch"},
          {"requantization", "float"}}},
        {"qnnpack",
         "PyTorch's get_default_qconfig(\"qnnpack\"): 8 bits of outputs, weights per tensor, QNNPACK's "
         "requantization",
         {{"activation.convention", "pytorch"},
          {"activation.scheme", "asymmetric"},
          {"activation.method", "l2:pytorch"},
          {"activation.reduce_range", "false"},
          {"weight.convention", "pytorch"},
          {"weight.scheme", "symmetric"},
          {"weight.granularity", "per-tensor"},
          {"weight.method", "minmax"},
          {"rounding", "pytorch"},
          {"requantization", "qnnpack"}}}};
    return kPresets;
}

OperatorSettings settingsOf(const PlanPreset& preset)
{
    OperatorSettings settings;
    for (const auto& [key, value] : preset.settings) {
        const bool isFlag = value == "true" || value == "false";
        findPlanField(key)->set(settings,
                                isFlag ? PlanValue(value == "true") : PlanValue(std::string(value)));
    }
    return settings;
}

const PlanPreset& presetNamed(std::string_view name)
{
    const auto found = std::ranges::find(planPresets(), name, &PlanPreset::name);
    if (found == planPresets().end()) {
        std::vector<std::string> names;
        std::string all;
        for (const PlanPreset& preset : planPresets()) {
            names.emplace_back(preset.name);
            all += (all.empty() ? "" : ", ") + names.back();
        }
        throw Error(
            ErrorKind::Usage,
            fmt::format("preset '{}' is unknown{}; there are {}", name, nearMisses(name, names), all));
    }
    return *found;
}

} // namespace core
