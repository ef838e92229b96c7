#include "io/data/metric_kinds.h"

#include "core/base/near_misses.h"
#include "core/calibration/collector.h"
#include "core/metrics/class_metrics.h"
#include "core/metrics/difference_metrics.h"
#include "core/metrics/language_metrics.h"
#include "core/metrics/mean_average_precision.h"
#include "core/metrics/retrieval_metric.h"
#include "core/metrics/score_metrics.h"
#include "core/metrics/segmentation_metrics.h"
#include "core/metrics/text_metrics.h"
#include "io/files/file.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace io {

namespace {

using core::MetricPtr;
using Keys = std::span<const std::string_view>;

constexpr std::array<std::string_view, 6> kCommonKeys{"kind",  "labels",  "column",
                                                      "array", "dataset", "slices"};
constexpr std::array<std::string_view, 1> kPlainKeys{"output"};
constexpr std::array<std::string_view, 2> kTopKeys{"output", "k"};
constexpr std::array<std::string_view, 14> kBoxKeys{
    "output",     "boxes",      "scores",          "classes",         "layout", "form", "size",
    "objectness", "activation", "score_threshold", "truth_threshold", "nms",    "most", "background"};
constexpr std::array<std::string_view, 3> kMaskKeys{"output", "class_axis", "ignore"};
constexpr std::array<std::string_view, 5> kTextKeys{"output", "decode", "blank", "end", "alphabet"};
constexpr std::array<std::string_view, 6> kScoreKeys{"output", "index",    "score",
                                                     "rate",   "positive", "threshold"};
constexpr std::array<std::string_view, 3> kCustomKeys{"output", "outputs", "truth"};
constexpr std::array<std::string_view, 3> kPictureKeys{"output", "peak", "layout"};

double numberOr(const JsonObject& object, std::string_view key, double fallback)
{
    return object.has(key) ? object.number(key) : fallback;
}

core::BoxDecoding boxDecoding(const JsonObject& object)
{
    using core::BoxForm;
    using core::BoxLayout;
    using core::ScoreForm;
    constexpr std::array<std::pair<std::string_view, BoxLayout>, 2> kLayouts{
        {{"rows", BoxLayout::Rows}, {"columns", BoxLayout::Columns}}};
    constexpr std::array<std::pair<std::string_view, BoxForm>, 3> kForms{
        {{"xyxy", BoxForm::Corners}, {"cxcywh", BoxForm::Centre}, {"xywh", BoxForm::CornerSize}}};
    constexpr std::array<std::pair<std::string_view, ScoreForm>, 3> kScores{
        {{"none", ScoreForm::AsIs}, {"sigmoid", ScoreForm::Sigmoid}, {"softmax", ScoreForm::Softmax}}};
    object.refuseTogether({"boxes", "output"});
    object.refuseTogether({"boxes", "layout"});
    core::BoxDecoding d;
    if (object.has("boxes")) {
        (void)object.text("scores");
        d.hasClasses = object.has("classes");
    } else {
        d.layout = object.choice("layout", kLayouts);
    }
    d.form = object.has("form") ? object.choice("form", kForms) : d.form;
    d.score = object.has("activation") ? object.choice("activation", kScores) : d.score;
    d.hasObjectness = object.has("objectness") && object.at("objectness") == true;
    if (object.has("background")) {
        d.background = object.integer("background", 0);
    }
    if (object.has("size")) {
        const auto size = object.integers("size", 1);
        if (size.size() != 2) {
            object.fail("'size' must be [width, height], the pixels that the boxes are in");
        }
        d.width = static_cast<double>(size[0]);
        d.height = static_cast<double>(size[1]);
    }
    d.leastScore = numberOr(object, "score_threshold", d.leastScore);
    if (object.has("nms")) {
        d.nms = object.number("nms");
    }
    d.most = static_cast<std::size_t>(object.integerOr("most", 1, static_cast<std::int64_t>(d.most)));
    return d;
}

MetricPtr makeMap(const JsonObject& object, const MetricPlace& place)
{
    core::MapOptions options;
    options.decoding = boxDecoding(object);
    options.truthScore = numberOr(object, "truth_threshold", options.truthScore);
    const bool isInPixels = object.has("size");
    options.pictureWidth = isInPixels ? options.decoding.width : place.pictureWidth;
    options.pictureHeight = isInPixels ? options.decoding.height : place.pictureHeight;
    return core::makeMeanAveragePrecision(options);
}

core::SegmentationOptions maskOptions(const JsonObject& object)
{
    core::SegmentationOptions options;
    options.classAxis = static_cast<std::size_t>(object.integerOr("class_axis", 0, 1));
    if (object.has("class_axis") && object.at("class_axis") == 0) {
        options.classAxis.reset(); // the axis of samples holds no classes: the output is the mask
    }
    options.ignored = object.integerOr("ignore", -1, options.ignored);
    return options;
}

/// Lines of the file are the classes from 0, the blank left out; a class behind the last line is a space, as
/// PaddleOCR's use_space_char has it.
std::vector<std::vector<std::int64_t>> readAlphabet(const std::filesystem::path& path, bool isCtc,
                                                    std::int64_t blank)
{
    constexpr std::size_t kMostBytes = std::size_t{1} << 24;
    std::string text = readFile(path, kMostBytes);
    std::vector<std::vector<std::int64_t>> alphabet;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string line = text.substr(at, end - at);
        if (line.ends_with('\r')) {
            line.pop_back();
        }
        alphabet.push_back(core::codePointsOf(line));
        at = end + 1;
    }
    if (isCtc) {
        const auto place = std::min<std::size_t>(static_cast<std::size_t>(blank), alphabet.size());
        alphabet.insert(alphabet.begin() + static_cast<std::ptrdiff_t>(place), std::vector<std::int64_t>{});
    }
    alphabet.push_back({' '});
    return alphabet;
}

core::TextDecoding textDecoding(const JsonObject& object, const MetricPlace& place)
{
    constexpr std::array<std::pair<std::string_view, bool>, 2> kDecodings{{{"ctc", true}, {"argmax", false}}};
    core::TextDecoding decoding;
    decoding.isCtc = !object.has("decode") || object.choice("decode", kDecodings);
    decoding.blank = object.integerOr("blank", 0, 0);
    if (object.has("end")) {
        decoding.end = object.integer("end", 0);
    }
    if (object.has("alphabet")) {
        decoding.alphabet =
            readAlphabet(place.folder / object.text("alphabet"), decoding.isCtc, decoding.blank);
    } else if (object.has("labels")) {
        object.fail("'alphabet' is missing: labels are texts, and the outputs are class numbers; its lines "
                    "name the classes");
    }
    return decoding;
}

core::ScoreReading scoreReading(const JsonObject& object)
{
    constexpr std::array<std::pair<std::string_view, bool>, 2> kScores{
        {{"output", false}, {"reconstruction", true}}};
    core::ScoreReading reading;
    if (object.has("index")) {
        reading.index = static_cast<std::size_t>(object.integer("index", 0));
    }
    reading.isReconstruction = object.has("score") && object.choice("score", kScores);
    reading.threshold = numberOr(object, "threshold", reading.threshold);
    reading.rate = numberOr(object, "rate", reading.rate);
    reading.positive = object.integerOr("positive", 0, 1);
    return reading;
}

bool isChannelsLast(const JsonObject& object)
{
    constexpr std::array<std::pair<std::string_view, bool>, 2> kLayouts{{{"NCHW", false}, {"NHWC", true}}};
    return object.has("layout") && object.choice("layout", kLayouts);
}

using J = const JsonObject&;
using P = const MetricPlace&;

const std::array kKinds{
    MetricKind{"topk", "the class is among the k (1) most probable", TruthForm::Class, kTopKeys,
               [](J o, P) { return core::makeTopK(o.integerOr("k", 1, 1)); }},
    MetricKind{"map", "mean average precision of boxes as COCO has it", TruthForm::Boxes, kBoxKeys, makeMap},
    MetricKind{"miou", "mean intersection over union of masks", TruthForm::Array, kMaskKeys,
               [](J o, P) { return core::makeMeanIou(maskOptions(o)); }},
    MetricKind{"pixel_accuracy", "pixels of the right class", TruthForm::Array, kMaskKeys,
               [](J o, P) { return core::makePixelAccuracy(maskOptions(o)); }},
    MetricKind{"cer", "character error rate", TruthForm::Text, kTextKeys,
               [](J o, P p) { return core::makeCharacterErrorRate(textDecoding(o, p)); }},
    MetricKind{"wer", "word error rate", TruthForm::Text, kTextKeys,
               [](J o, P p) {
                   if (!o.has("alphabet")) {
                       o.fail("'alphabet' is missing: without it nothing tells where words end");
                   }
                   return core::makeWordErrorRate(textDecoding(o, p));
               }},
    MetricKind{"exact_match", "the whole text is right", TruthForm::Text, kTextKeys,
               [](J o, P p) { return core::makeExactMatch(textDecoding(o, p)); }},
    MetricKind{"auc", "area under the ROC curve of a score", TruthForm::Class, kScoreKeys,
               [](J o, P) { return core::makeAuc(scoreReading(o)); }},
    MetricKind{"eer", "equal error rate of a score", TruthForm::Class, kScoreKeys,
               [](J o, P) { return core::makeEqualErrorRate(scoreReading(o)); }},
    MetricKind{"f1", "F1 of a score at a threshold (0.5)", TruthForm::Class, kScoreKeys,
               [](J o, P) { return core::makeF1(scoreReading(o)); }},
    MetricKind{"recall_at_far", "recall where at most a rate (0.01) of the negatives alarm", TruthForm::Class,
               kScoreKeys, [](J o, P) { return core::makeRecallAtFalseAlarms(scoreReading(o)); }},
    MetricKind{"psnr", "peak signal to noise ratio, peak 1", TruthForm::Array, kPictureKeys,
               [](J o, P) { return core::makePsnr(numberOr(o, "peak", 1.0)); }},
    MetricKind{"ssim", "structural similarity, peak 1", TruthForm::Array, kPictureKeys,
               [](J o, P) { return core::makeSsim(numberOr(o, "peak", 1.0), isChannelsLast(o)); }},
    MetricKind{"cosine", "cosine of embeddings", TruthForm::Array, kPlainKeys,
               [](J, P) { return core::makeCosine(); }},
    MetricKind{"recall_at_k", "retrieval finds one of its own among the k (1) nearest", TruthForm::Class,
               kTopKeys,
               [](J o, P) { return core::makeRecallAtK(static_cast<std::size_t>(o.integerOr("k", 1, 1))); }},
    MetricKind{"perplexity", "perplexity of a language model", TruthForm::Array, kPlainKeys,
               [](J, P) { return core::makePerplexity(); }},
    MetricKind{"kl", "KL divergence of token probabilities from FP32", TruthForm::Array, kPlainKeys,
               [](J, P) { return core::makeKlToFloat(); }},
    MetricKind{"same_top", "the most probable token is FP32's", TruthForm::Array, kPlainKeys,
               [](J, P) { return core::makeSameTop(); }},
    MetricKind{"mae", "mean absolute error", TruthForm::Array, kPlainKeys,
               [](J, P) { return core::makeMeanAbsoluteError(); }},
    MetricKind{"rmse", "root mean square error", TruthForm::Array, kPlainKeys,
               [](J, P) { return core::makeRootMeanSquareError(); }},
};

/// A metric whose truth are labels: a sample that has none says nothing.
class WhereLabelled : public core::Metric
{
public:
    explicit WhereLabelled(MetricPtr metric)
        : m_metric(std::move(metric))
    {
    }
    [[nodiscard]] core::MetricInfo info() const override { return m_metric->info(); }
    [[nodiscard]] core::Evidence evidence(const core::MetricSample& sample,
                                          const core::Truth& truth) const override
    {
        return truth.label || !truth.outputs.empty() ? m_metric->evidence(sample, truth) : core::Evidence{};
    }
    [[nodiscard]] core::Truth truthOf(const core::MetricSample& fp32) const override
    {
        return m_metric->truthOf(fp32);
    }
    [[nodiscard]] std::unique_ptr<core::MetricAggregate>
    over(std::span<const core::Evidence> all) const override
    {
        return m_metric->over(all);
    }

private:
    MetricPtr m_metric;
};

MetricPtr makeCustom(const JsonObject& object, const MetricPlace& place)
{
    const std::string name = object.text("kind").substr(core::kCustomPrefix.size());
    std::vector<std::string> names;
    if (place.custom) {
        if (const auto found = place.custom->find(name); found != place.custom->end()) {
            const bool isOfClasses = object.textOr("truth", "class") == "class";
            return isOfClasses ? std::make_shared<WhereLabelled>(found->second) : found->second;
        }
        for (const auto& [known, metric] : *place.custom) {
            names.push_back(known);
        }
    }
    object.fail(fmt::format(
        "kind 'custom:{}' is no metric of your own settings{}; {}", name, core::nearMisses(name, names),
        names.empty()
            ? "they have none: add it there under metrics.commands, or take it out of the description"
            : fmt::format("they have {}", fmt::join(names, ", "))));
}

constexpr std::string_view kCustomHelp = "a command of your own settings (see resources/metrics)";
/// In the order of TruthForm.
const std::array kCustomKinds{
    MetricKind{"custom:NAME", kCustomHelp, TruthForm::Class, kCustomKeys, makeCustom},
    MetricKind{"custom:NAME", kCustomHelp, TruthForm::Boxes, kCustomKeys, makeCustom},
    MetricKind{"custom:NAME", kCustomHelp, TruthForm::Text, kCustomKeys, makeCustom},
    MetricKind{"custom:NAME", kCustomHelp, TruthForm::Array, kCustomKeys, makeCustom}};

const MetricKind& customKind(const JsonObject& object)
{
    constexpr std::array<std::pair<std::string_view, TruthForm>, 4> kTruths{{{"class", TruthForm::Class},
                                                                             {"boxes", TruthForm::Boxes},
                                                                             {"text", TruthForm::Text},
                                                                             {"array", TruthForm::Array}}};
    object.refuseTogether({"output", "outputs"});
    const auto truth = object.has("truth") ? object.choice("truth", kTruths) : TruthForm::Class;
    return kCustomKinds[static_cast<std::size_t>(truth)];
}

/// custom:NAME counts as the name of a kind: reports and conditions name both alike.
const MetricKind& kindNamed(const JsonObject& object, const std::string& kind)
{
    if (kind.starts_with(core::kCustomPrefix)) {
        const std::string name = kind.substr(core::kCustomPrefix.size());
        if (std::ranges::find(kKinds, std::string_view(name), &MetricKind::kind) != kKinds.end()) {
            object.fail(
                fmt::format("kind '{}': {} is a kind of its own; give yours another name", kind, name));
        }
        return customKind(object);
    }
    const auto found = std::ranges::find(kKinds, std::string_view(kind), &MetricKind::kind);
    if (found == kKinds.end()) {
        std::vector<std::string> names(kKinds.size());
        std::ranges::transform(kKinds, names.begin(),
                               [](const MetricKind& k) { return std::string(k.kind); });
        object.fail(fmt::format("kind '{}' is unknown{}; known are {}, and custom:NAME of your own settings",
                                kind, core::nearMisses(kind, names), fmt::join(names, ", ")));
    }
    return *found;
}

} // namespace

std::span<const MetricKind> metricKinds() { return kKinds; }

const MetricKind& metricKindOf(const JsonObject& object)
{
    if (object.has("command") || object.textOr("kind", "") == "command") {
        object.fail("a command in a data description is not run: a file that is opened starts no program");
    }
    const MetricKind& found = kindNamed(object, object.text("kind"));
    std::vector<std::string_view> keys(kCommonKeys.begin(), kCommonKeys.end());
    keys.insert(keys.end(), found.keys.begin(), found.keys.end());
    object.allowKeys(keys);
    object.refuseTogether({"column", "dataset", "array"});
    return found;
}

std::vector<std::string> metricOutputNames(const JsonObject& object)
{
    if (object.has("outputs")) {
        const nlohmann::json& names = object.at("outputs");
        const auto isText = [](const nlohmann::json& name) { return name.is_string(); };
        if (!names.is_array() || names.empty() || !std::ranges::all_of(names, isText)) {
            object.fail("'outputs' must be an array of names");
        }
        return names.get<std::vector<std::string>>();
    }
    if (!object.has("boxes")) {
        return {object.textOr("output", "")};
    }
    std::vector<std::string> names{object.text("boxes"), object.text("scores")};
    if (object.has("classes")) {
        names.push_back(object.text("classes"));
    }
    return names;
}

} // namespace io
