#include "app/cli/command.h"
#include "core/plan/plan_fields.h"
#include "core/plan/presets.h"
#include "io/data/metric_kinds.h"

#include <fmt/core.h>
#include <string>
#include <string_view>

namespace cli {

namespace {

// How a plan is made; its keys follow from planFields().
constexpr std::string_view kPlanHelp =
    R"(A plan is JSON: {"format": "noisefloor-plan/1", "defaults": {…}, "types": {TYPE: {…}},
"operators": {NAME: {…}}, "inputs": {NAME: {…}}, "outputs": "quantized"|"float",
"runtime": NAME, "preset": NAME}. Operator over type over defaults over preset.
Types that stay fp32 as a rule have it in "types"; an empty entry {TYPE: {}} takes that rule away.
--set KEY=VALUE writes into the defaults, --set 'NAME::KEY=VALUE' into one operator.
A NAME of operators may be a selector, in plans, --set and --fail-if alike:
  type:Conv       by type, over what "types" say; * and ? as below
  Conv>Conv       the last of a sequence of types: a Conv that reads a Conv; * is any type
  block?/conv*    by name: * any characters, ? one; also names of nodes fused into an operator
  /conv[0-9]+$/   by name: a regular expression, found anywhere in it
  #3              by position in execution order, from #0, inputs not counted
Of several the one further down this list wins, of one kind the longer; an exact name wins over all.
Keys:

)";

/// "key   text", wrapped at 120 columns and indented below the text.
std::string wrapped(std::string_view key, std::string_view text)
{
    constexpr std::size_t kIndent = 28;
    constexpr std::size_t kColumns = 120;
    std::string result = fmt::format("{:<{}}", key, kIndent);
    std::size_t column = kIndent;
    while (!text.empty()) {
        const std::size_t space = text.find(' ');
        const std::string_view word = text.substr(0, space);
        text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
        if (column + word.size() + 1 > kColumns) {
            result += fmt::format("\n{:{}}", "", kIndent);
            column = kIndent;
        }
        result += fmt::format("{}{}", column == kIndent ? "" : " ", word);
        column += word.size() + 1;
    }
    return result + "\n";
}

int explainPlan()
{
    fmt::print("{}", kPlanHelp);
    for (const core::PlanField& field : core::planFields()) {
        fmt::print("{}", wrapped(field.key, field.manual));
    }
    for (const core::PlanPreset& preset : core::planPresets()) {
        std::string text = std::string(preset.help) + ":";
        for (const auto& [key, value] : preset.settings) {
            text += fmt::format(" {}={}", key, value);
        }
        fmt::print("{}", wrapped(fmt::format("preset={}", preset.name), text));
    }
    return Done;
}

// How a metric is described; the kinds follow from metricKinds().
constexpr std::string_view kMetricHelp =
    R"(A metric is the user's own number, beside top-1 and dB, in the data description:
  "metric": {"kind": "map", "boxes": "boxes", "scores": "scores", "background": 0, "nms": 0.5}
  "metric": {"kind": "cer", "alphabet": "keys.txt", "labels": "texts.csv"}
Without "labels" FP32's outputs are the truth (of classes and topk: the labels of the data, where there are any).
  labels      map: a CSV of file, class, x1, y1, x2, y2 [, crowd] [, width, height in pixels]; cer, wer,
              exact_match: a CSV of file and "column" (text); others: .npy, "array" of an .npz, "dataset" of an
              HDF5 file, and scores also "column" of a CSV
  slices      {"path": "labels.csv", "columns": ["camera"]}: the groups that lost most are named; classes and
              folders are groups by themselves
  map         "boxes" and "scores" [, "classes"], or "output" with "layout" (rows: [1,K,4+C], columns:
              [1,4+C,K]); "form" xyxy, cxcywh, xywh; "size" [width, height] where boxes are in pixels;
              "objectness" true; "activation" sigmoid, softmax; "background" class; "score_threshold" (0.05);
              "truth_threshold" (0.5: FP32's boxes that count as truth); "nms" overlap; "most" (100)
  miou        "class_axis" (1; 0: the output holds class numbers), "ignore" (255)
  cer …       "decode" ctc or argmax, "blank" (0), "end", "alphabet": a file with a character a line
  auc …       "index" of the score, "score" reconstruction (of the input), "threshold", "rate", "positive"
  psnr, ssim  "peak" (1), "layout" NCHW, NHWC
  custom:NAME a command of your own settings file, and of nothing that is opened (resources/metrics/README.md):
              "output" or "outputs", "truth" class, boxes, text or array where there are labels
In --fail-if and search --target: metric, metric_drop, or by kind (map_drop: points lost, positive is worse), each
with .upper and .lower of its 95 % interval. Intervals: Wilson's of proportions, Tango's of paired ones, the seeded
paired BCa bootstrap of everything else, Student's t with the delta method of dB.
Kinds:

)";

int explainMetric()
{
    fmt::print("{}", kMetricHelp);
    for (const io::MetricKind& kind : io::metricKinds()) {
        fmt::print("{}", wrapped(kind.kind, kind.help));
    }
    return Done;
}

} // namespace

Command helpCommand()
{
    const Command plan{"plan", "Every key of a plan and what it takes",
                       [](Options&) -> std::function<int()> { return explainPlan; }};
    const Command metric{"metric", "The user's own number: its kinds, keys, intervals",
                         [](Options&) -> std::function<int()> { return explainMetric; }};
    return {"help", "Explain a subject: plan, metric", {}, {plan, metric}};
}

} // namespace cli
