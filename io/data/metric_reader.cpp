#include "io/data/metric_reader.h"

#include "io/data/metric_kinds.h"
#include "io/data/metric_truths.h"
#include "io/files/text_format.h"

#include <algorithm>
#include <fmt/format.h>

namespace io {

namespace {

namespace fs = std::filesystem;

/// Width and height of a picture input: of [N,C,H,W], or [N,H,W,C] with few channels.
void setPictureSize(MetricPlace& place, const InputSpec& input)
{
    constexpr std::int64_t kMostChannels = 4;
    if (!input.hasShape || input.shape.size() != 4) {
        return;
    }
    const bool isLast = input.shape[3] > 0 && input.shape[3] <= kMostChannels;
    const std::int64_t height = input.shape[isLast ? 1 : 2];
    const std::int64_t width = input.shape[isLast ? 2 : 3];
    if (height > 0 && width > 0) {
        place.pictureHeight = static_cast<double>(height);
        place.pictureWidth = static_cast<double>(width);
    }
}

/// Folders of item names and classes of labels, where there are several.
void addOwnSlices(core::MetricTask& task, const core::Dataset& data, const InputSource& items)
{
    const std::size_t count = items.size().value_or(1);
    core::SliceColumn folders{"folder", {}};
    for (std::size_t i = 0; i < count; ++i) {
        folders.values.push_back(fs::path(items.itemName(i)).parent_path().string());
    }
    if (std::ranges::any_of(folders.values, [](const std::string& folder) { return !folder.empty(); })) {
        task.slices.push_back(std::move(folders));
    }
    core::SliceColumn classes{"class", {}};
    for (std::size_t i = 0; task.usesClassLabels && i < data.size(); ++i) {
        for (const auto& label : data.labels(i)) {
            classes.values.push_back(label ? std::to_string(*label) : std::string());
        }
    }
    for (const core::Truth& truth : task.truths) {
        if (truth.label) {
            classes.values.push_back(std::to_string(*truth.label));
        }
    }
    if (classes.values.size() == count) {
        task.slices.push_back(std::move(classes));
    }
}

} // namespace

void checkMetric(const MetricDescription& metric, const std::string& file)
{
    const nlohmann::json json = parseJson(metric.json, file);
    (void)metricKindOf(JsonObject(json, file + ": metric"));
}

std::shared_ptr<const core::MetricTask> openMetric(const DataDescription& description,
                                                   const core::Dataset& data, const InputSource& items,
                                                   const InputSpec& input, const core::CustomMetrics& custom,
                                                   std::vector<std::string>& warnings)
{
    const MetricDescription& metric = *description.metric;
    const nlohmann::json json = parseJson(metric.json, description.file);
    const JsonObject object(json, description.file + ": metric");
    const MetricKind& kind = metricKindOf(object);
    MetricPlace place{metric.folder};
    place.custom = &custom;
    setPictureSize(place, input);
    auto task = std::make_shared<core::MetricTask>();
    task->metric = kind.make(object, place);
    task->outputs = metricOutputNames(object);
    task->itemsPerSample = static_cast<std::size_t>(data.load(0).items);
    if (object.has("labels")) {
        task->truths = readTruths(object, kind, metric.folder, items, warnings);
    } else {
        task->usesClassLabels = kind.truth == TruthForm::Class && data.hasLabels();
    }
    addOwnSlices(*task, data, items);
    if (object.has("slices")) {
        for (core::SliceColumn& column :
             readSlices(JsonObject(object.at("slices"), object.where() + ".slices"), metric.folder, items)) {
            task->slices.push_back(std::move(column));
        }
    }
    return task;
}

std::string metricJson(const MetricDescription& metric, const fs::path& folder)
{
    auto json = nlohmann::ordered_json::parse(metric.json);
    const auto move = [&](nlohmann::ordered_json& path) {
        const fs::path whole = fs::absolute(metric.folder / path.get<std::string>()).lexically_normal();
        const fs::path relative = whole.lexically_relative(fs::absolute(folder).lexically_normal());
        path = (relative.empty() || *relative.begin() == ".." ? whole : relative).string();
    };
    for (const char* key : {"labels", "alphabet"}) {
        if (json.contains(key)) {
            move(json[key]);
        }
    }
    if (json.contains("slices")) {
        move(json["slices"]["path"]);
    }
    return json.dump();
}

} // namespace io
