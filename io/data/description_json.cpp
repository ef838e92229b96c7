#include "io/data/description_json.h"

#include "io/data/metric_reader.h"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <vector>

namespace io {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::string pathText(const fs::path& path, const fs::path& folder)
{
    const fs::path whole = fs::absolute(path).lexically_normal();
    const fs::path relative = whole.lexically_relative(fs::absolute(folder).lexically_normal());
    return (relative.empty() || *relative.begin() == ".." ? whole : relative).string();
}

void addShape(Json& json, const InputDescription& input)
{
    if (input.shape) {
        json["shape"] = *input.shape;
    }
}

Json inputToJson(const InputDescription& input, const fs::path& folder)
{
    Json json;
    if (!input.name.empty()) {
        json["name"] = input.name;
    }
    switch (input.kind) {
    case InputKind::Images:
        json["path"] = pathText(input.path, folder);
        json["kind"] = "images";
        break;
    case InputKind::Npy:
        json["path"] = pathText(input.path, folder);
        json["kind"] = "npy";
        break;
    case InputKind::Hdf5:
        json["path"] = pathText(input.path, folder);
        json["kind"] = "hdf5";
        json["dataset"] = input.array;
        break;
    case InputKind::Npz:
        json["path"] = pathText(input.path, folder);
        json["kind"] = "npz";
        json["array"] = input.array;
        break;
    case InputKind::Audio:
        json["path"] = pathText(input.path, folder);
        json["kind"] = "audio";
        json["window"] = input.window;
        json["hop"] = input.hop;
        json["context"] = input.context;
        break;
    case InputKind::Constant:
        json["kind"] = "constant";
        json["value"] = input.value;
        addShape(json, input);
        break;
    case InputKind::State:
        json["kind"] = "state";
        json["from"] = input.from;
        json["initial"] = input.initial;
        addShape(json, input);
        break;
    case InputKind::Random:
        json["kind"] = "random";
        json["seed"] = input.seed;
        json["samples"] = input.samples;
        addShape(json, input);
        break;
    }
    return json;
}

/// In the shortest decimal form that reads back as the same floats: 116.78, not 116.77999877929688.
Json shortest(const std::vector<float>& values)
{
    Json json = Json::array();
    for (const float value : values) {
        std::array<char, 32> text{};
        const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
        json.push_back(Json::parse(text.data(), end));
    }
    return json;
}

Json preprocessToJson(const Preprocess& preprocess)
{
    Json json = Json::object();
    const auto addSide = [&](const char* key, const std::optional<int>& value) {
        if (value) {
            json[key] = *value;
        }
    };
    const auto addSize = [&](const char* key, const std::optional<ImageSize>& size) {
        if (size) {
            json[key] = {size->width, size->height};
        }
    };
    if (preprocess.centralFraction) {
        json["central_fraction"] = *preprocess.centralFraction;
    }
    addSide("resize_shorter", preprocess.resizeShorter);
    addSide("resize_height", preprocess.resizeHeight);
    if (preprocess.resizeHeight && preprocess.widthMultiple != 1) {
        json["width_multiple"] = preprocess.widthMultiple;
    }
    addSize("resize_to", preprocess.resizeTo);
    addSize("center_crop", preprocess.centerCrop);
    if (preprocess.color) {
        json["color"] = *preprocess.color == ColorOrder::Rgb ? "RGB"
            : *preprocess.color == ColorOrder::Bgr           ? "BGR"
                                                             : "GRAY";
    }
    if (preprocess.layout) {
        json["layout"] = *preprocess.layout == ChannelOrder::First ? "NCHW" : "NHWC";
    }
    if (!preprocess.mean.empty()) {
        json["mean"] = shortest(preprocess.mean);
    }
    if (!preprocess.std.empty()) {
        json["std"] = shortest(preprocess.std);
    }
    return json;
}

} // namespace

std::string descriptionToJson(const DataDescription& description, const fs::path& folder)
{
    Json json;
    json["format"] = "noisefloor-data/1";
    json["inputs"] = Json::array();
    for (const InputDescription& input : description.inputs) {
        json["inputs"].push_back(inputToJson(input, folder));
    }
    if (Json preprocess = preprocessToJson(description.preprocess); !preprocess.empty()) {
        json["preprocess"] = std::move(preprocess);
    }
    if (const auto& labels = description.labels) {
        Json& part = json["labels"];
        part["path"] = pathText(labels->path, folder);
        if (!labels->column.empty()) {
            part["column"] = labels->column;
        } else if (!labels->array.empty()) {
            part[labels->kind == LabelKind::Hdf5 ? "dataset" : "array"] = labels->array;
        }
        part["offset"] = labels->offset;
        if (!labels->output.empty()) {
            part["output"] = labels->output;
        }
    }
    if (const auto& calibration = description.calibration) {
        Json& part = json["calibration"];
        if (calibration->first) {
            part["first"] = *calibration->first;
        } else {
            part["path"] = pathText(calibration->path, folder);
            if (!calibration->array.empty()) {
                part["array"] = calibration->array;
            }
        }
    }
    if (description.metric) {
        json["metric"] = Json::parse(metricJson(*description.metric, folder));
    }
    return json.dump(1) + "\n";
}

} // namespace io
