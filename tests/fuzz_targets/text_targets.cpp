#include "core/base/error.h"
#include "core/plan/plan.h"
#include "io/data/description.h"
#include "io/data/description_json.h"
#include "io/files/csv.h"
#include "io/plans/observer_text.h"
#include "io/plans/plan_json.h"
#include "tests/fuzz_targets/fuzz_target.h"

namespace fuzz_targets {

namespace {

void readPlan(std::string_view bytes)
{
    const core::QuantizationPlan plan = io::planFromJson(bytes);
    requireSame(io::planFromJson(io::planToJson(plan)) == plan, "plan");
}

void readDescription(std::string_view bytes)
{
    const io::DataDescription description = io::parseDescription(bytes, "d.json", "/data");
    const std::string once = io::descriptionToJson(description, "/data");
    requireSame(io::descriptionToJson(io::parseDescription(once, "d.json", "/data"), "/data") == once,
                "data description");
}

void readObservers(std::string_view bytes)
{
    for (const auto form :
         {io::ObserverForm::MinMax, io::ObserverForm::Histogram, io::ObserverForm::ColumnMax}) {
        const auto outputs = io::parseObserverText(bytes, "o.txt");
        std::string text;
        try {
            text = io::observerText(outputs, form);
        } catch (const core::Error&) {
            continue; // fields that the form needs are missing
        }
        const auto again = io::parseObserverText(text, "o.txt");
        requireSame(again.size() == outputs.size(), "observers");
        for (std::size_t i = 0; i < again.size(); ++i) {
            requireSame(again[i].tensor == outputs[i].tensor && again[i].min == outputs[i].min
                            && again[i].max == outputs[i].max,
                        "observed range");
        }
    }
}

void readCsv(std::string_view bytes) { static_cast<void>(io::parseCsv(bytes, "t.csv")); }

} // namespace

std::vector<FuzzTarget> textTargets()
{
    const std::string plan = io::planToJson(core::QuantizationPlan::makeDefault());
    return {
        {"plan",
         readPlan,
         {plan,
          R"({"format":"noisefloor-plan/1","defaults":{"activation":{"method":"entropy","scheme":"symmetric"},)"
          R"("weight":{"granularity":"per-channel","bits":4}},"operators":{"conv":{"precision":"fp32"}},)"
          R"("inputs":{"x":{"activation":{"method":"manual","range":[-1.5,6]}}},"types":{"Softmax":{"precision":"fp32"}}})"}},
        {"description",
         readDescription,
         {R"({"format":"noisefloor-data/1","inputs":[{"path":"x.npy","kind":"npy"}]})",
          R"({"format":"noisefloor-data/1","inputs":[{"path":"i","kind":"images"}],"preprocess":{"resize_to":[224,224],"central_fraction":0.875,"mean":[127.5,127.5,127.5],"std":[1,2,3]}})"}},
        {"observers",
         readObservers,
         {"0 Conv 0 data -1.5 2.25\n1 Relu 0 out 0 6\n", "0 Conv 0 data -1 2 4 1 2 3 4\n",
          "0 0 data 0 -1 2 4 1 2 3 4\n0 0 data 1 -1 2 4 1 2 3 4\n", "3 0 data -1 2\n"}},
        {"csv",
         readCsv,
         {"file,class\n\"a, b.png\",3\nc.png,4\n", "\xef\xbb\xbfname;x\r\n\"q\"\"q\"\r\n\r\n1,2,3\r\n"}},
    };
}

} // namespace fuzz_targets
