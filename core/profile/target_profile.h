#pragma once

#include "core/network/operator_graph.h"
#include "core/plan/plan.h"
#include "core/plan/plan_fields.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace core {

/// What a target takes of one setting of a plan, on operators that run on codes.
struct ProfileRule
{
    std::string key; ///< of planFields()
    std::vector<PlanValue> allowed{}; ///< the first is what a plan is brought to; empty: all but `denied`
    std::vector<PlanValue> denied{};
    std::optional<PlanValue> instead{}; ///< what a plan is brought to; unset: the first allowed
    std::string why; ///< one line for people

    /// Compared as plans write it; a word also without its parameter ("dynamic" is "dynamic:l2").
    [[nodiscard]] bool allows(const PlanField& field, const OperatorSettings& settings) const;
    [[nodiscard]] const PlanValue& replacement() const { return instead ? *instead : allowed.front(); }
    [[nodiscard]] std::string allowedWords() const; ///< "per-channel or per-tensor", "anything but dynamic"
};

/// What a deployment target can run: a file of its own (noisefloor-profile/1, io/plans/profile_json.h).
struct TargetProfile
{
    std::string name;
    std::string title;
    std::vector<std::string> sources; ///< where the rules come from
    std::vector<std::string> notes; ///< what no rule of a plan can say
    std::optional<Runtime> runtime; ///< what it fuses; unset: as the plan says
    std::set<std::string> integerTypes; ///< types of operators that it runs on codes; others stay float
    std::set<std::string> floats; ///< other precisions than integers that it runs: "fp32", "fp16", …
    std::vector<ProfileRule> rules; ///< of every operator on codes, and of inputs
    std::map<std::string, std::vector<ProfileRule>> typeRules; ///< by type; replace rules of the same key

    [[nodiscard]] bool hasIntegers(const std::string& type) const; ///< of operators, and "Input"
    /// The rules of one type, those of its own over those of all.
    [[nodiscard]] std::vector<const ProfileRule*> rulesOf(const std::string& type) const;
};

/// One setting that a target does not take.
struct ProfileBreach
{
    std::string op; ///< operator or input; empty: the whole plan
    std::string type;
    std::string key;
    std::string value; ///< as the plan comes to it
    std::string allowed;
    std::string why;

    bool operator==(const ProfileBreach&) const = default;
};

/// "conv1 (Conv): activation.scheme is asymmetric, tensorrt takes symmetric: …"
[[nodiscard]] std::string toString(const ProfileBreach& breach, const TargetProfile& profile);

/// What of a plan a target does not take, in execution order; empty where all is legal. Judged are operators
/// that have an integer form and are to run in it or in another precision than FP32; settings of weights
/// where there are weights, of activations where an operator has a range of its own, which is also that of a
/// float operator when one on codes reads it; and the runtime. `graph` as the target fuses it
/// (withRuntimeOf), the plan bound to it where it has selectors.
[[nodiscard]] std::vector<ProfileBreach> breachesOf(const TargetProfile& profile, const OperatorGraph& graph,
                                                    const QuantizationPlan& plan);

/// The plan brought to what the target takes, with as few words as it takes: in its defaults, else by type,
/// else by operator. What is legal stays as it is; breachesOf() the result is empty.
[[nodiscard]] QuantizationPlan fitted(const TargetProfile& profile, const OperatorGraph& graph,
                                      QuantizationPlan plan);

/// The plan for the runtime that the profile names.
[[nodiscard]] QuantizationPlan withRuntimeOf(const TargetProfile& profile, QuantizationPlan plan);

} // namespace core
