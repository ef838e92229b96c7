#pragma once

#include "core/plan/plan.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace core {

/// What a plan's JSON says of one setting: a word, a whole number, true or false, a list of numbers.
using PlanValue = std::variant<std::string, std::int64_t, bool, std::vector<double>, std::vector<float>>;

/// As `--set` and tables write it: "true", "8", "[-1,2.5]".
[[nodiscard]] std::string textOf(const PlanValue& value);

/// One setting of an operator: everything that reading, writing, layering, help, editing and caching need to
/// know of it. Adding a setting is its member in plan.h and its row here.
struct PlanField
{
    enum class Part : std::uint8_t
    {
        Output,
        Weights,
        Arithmetic
    };
    struct Choice
    {
        std::string value; ///< as the plan writes it
        std::string title{}; ///< as people read it; empty: the value itself
        std::string help{}; ///< one line
    };

    std::string_view key; ///< "weight.granularity"
    Part part = Part::Output;
    bool isRare = false; ///< shown on demand
    bool isForIntegers = true; ///< says nothing for an operator that is not integer
    bool isOfWholePlan = false; ///< stands in the plan's defaults only, beside them in JSON
    bool decidesWeights = false; ///< quantized weights depend on it: part of their cache key
    std::string_view label{}; ///< empty: not offered as one choice of several
    std::string_view help{}; ///< one line for people
    std::string_view manual{}; ///< for `help plan`: what it takes and what that does
    std::vector<Choice> choices{};

    /// What the settings say; none when they do not.
    std::function<std::optional<PlanValue>(const OperatorSettings&)> get{};
    /// The same in few characters, where the value is long: "8 scales".
    std::function<std::optional<std::string>(const OperatorSettings&)> shown{};
    /// Which of the choices that is; differs from get() where a value has a parameter of its own.
    std::function<std::optional<std::string>(const OperatorSettings&)> choice{};
    /// Throws core::Error(Usage) for a value that is none.
    std::function<void(OperatorSettings&, const PlanValue&)> set{};
    std::function<void(OperatorSettings&)> clear{}; ///< the settings say nothing of it any more
    /// `over`, where it says something, on top of `base`.
    std::function<void(OperatorSettings& base, const OperatorSettings& over)> layer{};
};

/// Every setting of an operator, in the order in which plans are written.
[[nodiscard]] const std::vector<PlanField>& planFields();
/// Null when there is none of that key.
[[nodiscard]] const PlanField* findPlanField(std::string_view key);

/// What quantized weights depend on, as text for a cache key.
[[nodiscard]] std::string weightKeyOf(const WeightSettings& weight);

} // namespace core
