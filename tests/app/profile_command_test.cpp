#include "io/files/file.h"
#include "io/files/process.h"
#include "io/plans/plan_json.h"
#include "io/plans/profile_json.h"
#include "tests/support/shared_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <random>

namespace {

using Json = nlohmann::json;

const std::string kModel = support::projectFile("resources/sample/digits.onnx").string();
const std::string kData = support::projectFile("resources/sample/sample.data.json").string();

io::ProcessResult profile(const std::vector<std::string>& words)
{
    std::vector<std::string> all{NOISEFLOOR_CLI};
    all.insert(all.end(), words.begin(), words.end());
    return io::runProcess(all);
}

/// What stands at "activation.bits" of an entry; null where it says nothing.
Json said(const Json& entry, const std::string& key)
{
    const auto dot = key.find('.');
    if (dot == std::string::npos) {
        return entry.contains(key) ? entry[key] : Json();
    }
    const std::string part = key.substr(0, dot);
    return entry.contains(part) ? said(entry[part], key.substr(dot + 1)) : Json();
}

/// A checker that knows the two files and nothing of the engine: the last layer that speaks of a setting
/// wins.
class PlainChecker
{
public:
    PlainChecker(const Json& profile, const Json& plan)
        : m_profile(profile)
        , m_plan(plan)
    {
    }

    /// Settings of the sample's operators on codes that the profile's rules forbid.
    std::vector<std::string> illegal(const Json& operators) const
    {
        std::vector<std::string> found;
        for (const Json& op : operators) {
            const std::string name = op["name"];
            const std::string type = op["type"];
            if (!op["precision"]["effective"].get<std::string>().starts_with("int")) {
                continue;
            }
            if (type != "Input" && !std::ranges::count(m_profile["integer"], Json(type))) {
                found.push_back(name + " runs on codes");
            }
            std::map<std::string, Json> rules;
            for (const Json& rule : m_profile["rules"]) {
                rules[rule["key"]] = rule;
            }
            if (m_profile.contains("types") && m_profile["types"].contains(type)) {
                for (const Json& rule : m_profile["types"][type]) {
                    rules[rule["key"]] = rule;
                }
            }
            for (const auto& [key, rule] : rules) {
                const bool hasWeights = type == "Conv" || type == "Gemm";
                const bool hasRange =
                    hasWeights || type == "Input" || type == "Add" || type == "GlobalAveragePool";
                if ((key.starts_with("weight.") && hasWeights)
                    || (key.starts_with("activation.") && hasRange)) {
                    judge(name, type, key, rule, found);
                }
            }
        }
        return found;
    }

private:
    void judge(const std::string& name, const std::string& type, const std::string& key, const Json& rule,
               std::vector<std::string>& found) const
    {
        Json value = said(m_plan["defaults"], key);
        for (const Json& entry :
             {m_plan["types"].value(type, Json::object()),
              m_plan[type == "Input" ? "inputs" : "operators"].value(name, Json::object())}) {
            const Json precision = said(entry, "precision");
            const std::string word = precision.is_string() ? precision.get<std::string>() : "";
            if (key.ends_with(".bits") && word.starts_with("int") && word.size() > 3) {
                value = std::stoi(word.substr(3));
            }
            value = said(entry, key).is_null() ? value : said(entry, key);
        }
        if (value.is_null()) {
            value = key.ends_with("power_of_two") ? Json(false) : Json();
        }
        if (!value.is_null() && rule.contains("allowed") && !std::ranges::count(rule["allowed"], value)) {
            found.push_back(name + " " + key + " " + value.dump());
        }
        if (!value.is_null() && rule.contains("denied") && std::ranges::count(rule["denied"], value)) {
            found.push_back(name + " " + key + " " + value.dump());
        }
    }

    Json m_profile;
    Json m_plan;
};

Json operatorsUnder(const std::string& plan)
{
    const auto report = support::temporaryFolder() / "profile_report.json";
    const auto result = profile({"run", kModel, "--data", kData, "--plan", plan, "--samples", "2", "--quiet",
                                 "--report", report.string()});
    EXPECT_EQ(result.exitCode, 0) << result.err;
    return Json::parse(io::readFile(report))["operators"];
}

TEST(ProfileCommand, EveryBuiltInProfileNamesItsSourcesAndSettingsThatExist)
{
    const auto names = io::profileNames();
    EXPECT_GE(names.size(), 13U);
    for (const std::string& name : names) {
        const core::TargetProfile target = io::profileOf(name);
        EXPECT_EQ(target.name, name);
        EXPECT_FALSE(target.sources.empty());
        EXPECT_FALSE(target.rules.empty());
    }
    EXPECT_THAT(profile({"profile", "list"}).out, testing::HasSubstr("tensorrt"));
}

// The rule by hand: TensorRT's zero points are 0, so its activations are symmetric; an asymmetric plan is
// none.
TEST(ProfileCommand, CheckNamesWhatIsNotLegalAndFitMendsIt)
{
    const auto checked = profile({"profile", "check", kModel, "--data", kData, "--profile", "tensorrt"});
    EXPECT_EQ(checked.exitCode, 1);
    EXPECT_THAT(checked.err, testing::HasSubstr("activation.scheme is asymmetric, tensorrt takes symmetric"));
    EXPECT_THAT(checked.err, testing::HasSubstr("runtime is onnxruntime, tensorrt takes tensorrt"));
    const auto plan = support::temporaryFolder() / "fitted.json";
    const auto fit = profile(
        {"profile", "fit", kModel, "--data", kData, "--profile", "tensorrt", "--output", plan.string()});
    ASSERT_EQ(fit.exitCode, 0) << fit.err;
    const Json written = Json::parse(io::readFile(plan));
    EXPECT_EQ(written["defaults"]["activation"]["scheme"], "symmetric");
    EXPECT_EQ(written["runtime"], "tensorrt");
    const auto again = profile(
        {"profile", "check", kModel, "--data", kData, "--profile", "tensorrt", "--plan", plan.string()});
    EXPECT_EQ(again.exitCode, 0) << again.err;
}

// What a float operator writes is quantized for its reader on codes, as its own settings say.
TEST(ProfileCommand, CheckJudgesWhatAFloatOperatorHandsToCodes)
{
    const auto check = [](const std::string& scheme) {
        return profile({"profile", "check", kModel, "--data", kData, "--profile", "tensorrt", "--set",
                        "runtime=tensorrt", "--set", "activation.scheme=symmetric", "--set",
                        "stem::precision=fp32", "--set", "stem::activation.scheme=" + scheme});
    };
    EXPECT_EQ(check("symmetric").exitCode, 0);
    const auto refused = check("asymmetric");
    EXPECT_EQ(refused.exitCode, 1);
    EXPECT_THAT(refused.err, testing::HasSubstr("stem (Conv): activation.scheme is asymmetric"));
}

// ESP-DL's convolutions may have a scale for each channel, other operators may not: what is legal stays.
TEST(ProfileCommand, FitKeepsWhatOneTypeMayHave)
{
    const auto plan = support::temporaryFolder() / "esp.json";
    const auto fit = profile(
        {"profile", "fit", kModel, "--data", kData, "--profile", "esp-dl", "--output", plan.string()});
    ASSERT_EQ(fit.exitCode, 0) << fit.err;
    EXPECT_EQ(Json::parse(io::readFile(plan))["defaults"]["weight"]["granularity"], "per-channel");
}

TEST(ProfileCommand, RepairRefusesToWriteWhatTheTargetDoesNotTake)
{
    const auto file = support::temporaryFolder() / "own_ranges.json";
    io::writeFileAtomically(file, R"({"format": "noisefloor-profile/1", "name": "own", "title": "Own",
        "sources": ["a data sheet"], "floats": [],
        "integer": ["Conv", "Gemm", "Add", "GlobalAveragePool", "Flatten"],
        "rules": [{"key": "activation.method", "denied": ["manual"], "instead": "minmax", "why": "no ranges of one's own"}]})");
    const auto output = support::temporaryFolder() / "repaired.json";
    const auto result =
        profile({"repair", kModel, "--data", kData, "--samples", "8", "--profile", file.string(), "--apply",
                 "learned-range", "--calibration-samples", "2", "--output", output.string()});
    EXPECT_EQ(result.exitCode, 1) << result.err;
    EXPECT_FALSE(std::filesystem::exists(output));
}

TEST(ProfileCommand, ExportRefusesWhatTheTargetDoesNotTakeAndWritesNothing)
{
    const auto model = support::temporaryFolder() / "not_legal.onnx";
    const auto result = profile({"export", kModel, "--data", kData, "--profile", "tensorrt", "--format",
                                 "qdq", "--output", model.string()});
    EXPECT_EQ(result.exitCode, 1);
    EXPECT_FALSE(std::filesystem::exists(model));
}

// Plans drawn from all that a plan can say of the sample, each brought to each target, judged by the checker
// above.
TEST(ProfileCommand, DrawnPlansBroughtToATargetAreLegal)
{
    std::mt19937 random(20261130);
    const auto pick = [&](const std::vector<std::string>& words) { return words[random() % words.size()]; };
    std::size_t changed = 0;
    std::size_t broken = 0; // as the checker sees the plans before they are brought to the target
    for (const std::string& name : io::profileNames()) {
        core::QuantizationPlan plan = core::QuantizationPlan::makeDefault();
        for (int i = 0; i < 8; ++i) {
            const std::string where =
                pick({"", "stem::", "block2/pointwise::", "block3/add::", "type:Conv::"});
            const std::string setting =
                pick({"activation.scheme=symmetric", "activation.scheme=asymmetric", "precision=int4",
                      "precision=int8", "activation.bits=16", "weight.bits=4", "activation.power_of_two=true",
                      "activation.method=dynamic"});
            const bool isAnAdd = where.ends_with("add::");
            plan = io::withSetting(plan, where + (isAnAdd ? "activation.scheme=symmetric" : setting));
        }
        const auto drawn = support::temporaryFolder() / "drawn.json";
        io::writeFileAtomically(drawn, io::planToJson(plan));
        const auto fitted = support::temporaryFolder() / "brought.json";
        const auto fit = profile({"profile", "fit", kModel, "--data", kData, "--plan", drawn.string(),
                                  "--profile", name, "--output", fitted.string()});
        ASSERT_EQ(fit.exitCode, 0) << name << ": " << fit.err;
        changed += fit.err.empty() ? 0 : 1;
        const Json rules = Json::parse(io::profileText(name));
        const Json brought = Json::parse(io::readFile(fitted));
        broken += PlainChecker(rules, Json::parse(io::readFile(drawn)))
                      .illegal(operatorsUnder(drawn.string()))
                      .empty()
            ? 0
            : 1;
        EXPECT_THAT(PlainChecker(rules, brought).illegal(operatorsUnder(fitted.string())), testing::IsEmpty())
            << name;
    }
    EXPECT_GE(changed, 8U); // most draws break something
    EXPECT_GE(broken, 8U);
}

TEST(ProfileCommand, SearchTriesLegalPlansOnly)
{
    for (const char* name : {"tensorrt", "ryzenai-xint8", "ncnn"}) {
        const auto found = support::temporaryFolder() / "searched.json";
        const auto search =
            profile({"search", kModel, "--data", kData, "--samples", "16", "--trials", "14", "--target-sqnr",
                     "60", "--profile", name, "--quiet", "--json", found.string()});
        ASSERT_EQ(search.exitCode, 0) << search.err;
        const Json state = Json::parse(io::readFile(found));
        const Json rules = Json::parse(io::profileText(name));
        ASSERT_FALSE(state["front"].empty());
        for (const Json& trial : state["front"]) {
            const auto plan = support::temporaryFolder() / "trial.json";
            io::writeFileAtomically(plan, trial["plan"].dump());
            EXPECT_THAT(PlainChecker(rules, trial["plan"]).illegal(operatorsUnder(plan.string())),
                        testing::IsEmpty())
                << name << ": " << trial["what"];
        }
    }
}

TEST(ProfileCommand, DiagnoseRefusesFixesThatTheTargetDoesNotTake)
{
    const auto json = support::temporaryFolder() / "diagnosis.json";
    const auto result =
        profile({"diagnose", kModel, "--data", kData, "--samples", "16", "--profile", "ryzenai-xint8",
                 "--set", "weight.granularity=per-tensor", "--quiet", "--json", json.string()});
    ASSERT_EQ(result.exitCode, 0) << result.err;
    EXPECT_THAT(io::readFile(json),
                testing::HasSubstr("weight.granularity is per-channel, ryzenai-xint8 takes per-tensor"));
}

TEST(ProfileCommand, BadProfilesAreRefusedByNameAndKey)
{
    EXPECT_EQ(profile({"profile", "check", kModel, "--data", kData, "--profile", "tensort"}).exitCode, 2);
    const auto file = support::temporaryFolder() / "own.json";
    const auto refused = [&](const std::string& rules) {
        io::writeFileAtomically(file,
                                R"({"format": "noisefloor-profile/1", "name": "own", "title": "Own",
            "sources": ["a data sheet"], "floats": [], "integer": ["Conv"], "rules": [)"
                                    + rules + "]}");
        const auto result = profile({"profile", "show", file.string()});
        EXPECT_EQ(result.exitCode, 2) << rules;
        return result.err;
    };
    EXPECT_THAT(refused(R"({"key": "weight.bitz", "allowed": [8], "why": ""})"),
                testing::HasSubstr("weight.bitz"));
    EXPECT_THAT(refused(R"({"key": "weight.bits", "allowed": [99], "why": ""})"),
                testing::HasSubstr("rules[0]"));
    io::writeFileAtomically(file, R"({"format": "noisefloor-profile/1", "name": "own", "title": "Own",
        "sources": ["a data sheet"], "floats": [], "integer": ["Covn"], "rules": []})");
    EXPECT_THAT(profile({"profile", "show", file.string()}).err, testing::HasSubstr("did you mean 'Conv'"));
    io::writeFileAtomically(file, R"({"format": "noisefloor-profile/1", "name": "own", "title": "Own",
        "sources": ["a data sheet"], "runtime": "tensort", "floats": [], "integer": [], "rules": []})");
    EXPECT_THAT(profile({"profile", "show", file.string()}).err,
                testing::AllOf(testing::HasSubstr("own.json"), testing::HasSubstr("'tensort'")));
    EXPECT_THAT(refused(R"({"key": "weight.bits", "why": ""})"), testing::HasSubstr("allowed"));
    EXPECT_THAT(refused(R"({"key": "activation.method", "denied": ["dynamic"], "why": ""})"),
                testing::HasSubstr("instead"));
    EXPECT_THAT(
        refused(
            R"({"key": "weight.bits", "allowed": [8], "why": ""}, {"key": "weight.bits", "allowed": [4], "why": ""})"),
        testing::HasSubstr("second rule"));
}

} // namespace
