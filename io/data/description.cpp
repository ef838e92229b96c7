#include "io/data/description.h"

#include "core/error.h"
#include "core/near_misses.h"
#include "io/data/json_object.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace io {

namespace {

namespace fs = std::filesystem;

constexpr int kMostSide = 1 << 15; // pixels; past this a size is a mistake, not a wish

template <typename T, std::size_t N>
T choice(const JsonObject& object, std::string_view key,
         const std::array<std::pair<std::string_view, T>, N>& choices)
{
    const std::string text = object.text(key);
    std::vector<std::string> names;
    for (const auto& [name, value] : choices) {
        if (name == text) {
            return value;
        }
        names.emplace_back(name);
    }
    object.fail(fmt::format("unknown {} '{}'{}; known are {}", key, text, core::nearMisses(text, names),
                            fmt::join(names, ", ")));
}

constexpr std::array<std::pair<std::string_view, InputKind>, 8> kKinds{{{"images", InputKind::Images},
                                                                        {"hdf5", InputKind::Hdf5},
                                                                        {"npy", InputKind::Npy},
                                                                        {"npz", InputKind::Npz},
                                                                        {"audio", InputKind::Audio},
                                                                        {"constant", InputKind::Constant},
                                                                        {"state", InputKind::State},
                                                                        {"random", InputKind::Random}}};

void readKeysOfKind(const JsonObject& object, const fs::path& folder, InputDescription& input)
{
    const auto readPath = [&] { input.path = folder / object.text("path"); };
    switch (input.kind) {
    case InputKind::Images:
    case InputKind::Npy:
        object.allowKeys({"name", "kind", "path"});
        readPath();
        break;
    case InputKind::Hdf5:
        object.allowKeys({"name", "kind", "path", "dataset"});
        readPath();
        input.array = object.text("dataset");
        break;
    case InputKind::Npz:
        object.allowKeys({"name", "kind", "path", "array"});
        readPath();
        input.array = object.text("array");
        break;
    case InputKind::Audio:
        object.allowKeys({"name", "kind", "path", "window", "hop", "context"});
        readPath();
        input.window = object.integer("window", 1);
        input.hop = object.integerOr("hop", 1, input.window);
        input.context = object.integerOr("context", 0, 0);
        break;
    case InputKind::Constant:
        object.allowKeys({"name", "kind", "value", "shape"});
        input.value = object.numbers("value");
        break;
    case InputKind::State:
        object.allowKeys({"name", "kind", "from", "initial", "shape"});
        input.from = object.text("from");
        input.initial = object.has("initial") ? object.number("initial") : 0.0;
        break;
    case InputKind::Random:
        object.allowKeys({"name", "kind", "seed", "shape", "samples"});
        input.seed = static_cast<std::uint64_t>(object.integerOr("seed", 0, 1));
        input.samples = object.integerOr("samples", 1, input.samples);
        break;
    }
    if (object.has("shape")) {
        input.shape = object.integers("shape", 1);
    }
}

InputDescription readInput(const JsonObject& object, const fs::path& folder)
{
    InputDescription input;
    input.name = object.textOr("name", "");
    input.kind = choice(object, "kind", kKinds);
    readKeysOfKind(object, folder, input);
    return input;
}

/// [width, height], or one number for both.
std::optional<ImageSize> readSize(const JsonObject& object, std::string_view key)
{
    if (!object.has(key)) {
        return std::nullopt;
    }
    const std::vector<std::int64_t> sides = object.integers(key, 1);
    if (sides.empty() || sides.size() > 2 || *std::ranges::max_element(sides) > kMostSide) {
        object.fail(fmt::format("'{}' must be [width, height] of at most {} pixels", key, kMostSide));
    }
    return ImageSize{static_cast<int>(sides.front()), static_cast<int>(sides.back())};
}

std::optional<int> readSide(const JsonObject& object, std::string_view key)
{
    const std::optional<ImageSize> size = readSize(object, key);
    if (size && object.at(key).is_array()) {
        object.fail(fmt::format("'{}' must be one number of pixels", key));
    }
    return size ? std::optional(size->width) : std::nullopt;
}

std::vector<float> readChannels(const JsonObject& object, std::string_view key)
{
    std::vector<float> result;
    if (object.has(key)) {
        for (const double value : object.numbers(key)) {
            result.push_back(static_cast<float>(value));
        }
    }
    return result;
}

void refuseTogether(const JsonObject& object, std::initializer_list<std::string_view> keys)
{
    std::vector<std::string_view> present;
    for (const std::string_view key : keys) {
        if (object.has(key)) {
            present.push_back(key);
        }
    }
    if (present.size() > 1) {
        object.fail(fmt::format("{} exclude each other", fmt::join(present, " and ")));
    }
}

Preprocess readPreprocess(const JsonObject& object)
{
    object.allowKeys({"resize_shorter", "resize_height", "width_multiple", "resize_to", "central_fraction",
                      "center_crop", "interpolation", "color", "layout", "mean", "std"});
    refuseTogether(object, {"central_fraction", "resize_shorter", "resize_height"});
    refuseTogether(object, {"resize_to", "center_crop"});
    Preprocess result;
    if (object.has("central_fraction")) {
        result.centralFraction = object.number("central_fraction");
        if (!(*result.centralFraction > 0 && *result.centralFraction <= 1)) {
            object.fail("'central_fraction' must lie above 0 and be at most 1");
        }
    }
    result.resizeShorter = readSide(object, "resize_shorter");
    result.resizeHeight = readSide(object, "resize_height");
    result.resizeTo = readSize(object, "resize_to");
    result.centerCrop = readSize(object, "center_crop");
    if (object.has("width_multiple") && !result.resizeHeight) {
        object.fail("'width_multiple' needs 'resize_height'");
    }
    result.widthMultiple = readSide(object, "width_multiple").value_or(1);
    if (object.has("interpolation")) {
        choice<int, 1>(object, "interpolation", {{{"bilinear", 0}}});
    }
    if (object.has("color")) {
        result.color = choice<ColorOrder, 3>(
            object, "color",
            {{{"RGB", ColorOrder::Rgb}, {"BGR", ColorOrder::Bgr}, {"GRAY", ColorOrder::Gray}}});
    }
    if (object.has("layout")) {
        result.layout = choice<ChannelOrder, 2>(
            object, "layout", {{{"NCHW", ChannelOrder::First}, {"NHWC", ChannelOrder::Last}}});
    }
    result.mean = readChannels(object, "mean");
    result.std = readChannels(object, "std");
    if (std::ranges::find(result.std, 0.0f) != result.std.end()) {
        object.fail("'std' must not be 0");
    }
    return result;
}

LabelDescription readLabels(const JsonObject& object, const fs::path& folder)
{
    object.allowKeys({"path", "column", "dataset", "array", "offset", "output"});
    refuseTogether(object, {"column", "dataset", "array"});
    LabelDescription labels;
    labels.path = folder / object.text("path");
    labels.column = object.textOr("column", "");
    labels.array = object.textOr("dataset", object.textOr("array", ""));
    constexpr std::int64_t kMostOffset = 1 << 30;
    labels.offset = object.integerOr("offset", -kMostOffset, 0);
    labels.output = object.textOr("output", "");
    labels.kind = object.has("column") ? LabelKind::Csv
        : object.has("dataset")        ? LabelKind::Hdf5
        : object.has("array")          ? LabelKind::Npz
                                       : LabelKind::Npy;
    if (labels.kind == LabelKind::Npy && labels.path.extension() != ".npy") {
        object.fail("says not where the labels lie: 'column' of a CSV, 'dataset' of an HDF5 file or 'array' "
                    "of an .npz");
    }
    return labels;
}

CalibrationDescription readCalibration(const JsonObject& object, const fs::path& folder)
{
    object.allowKeys({"path", "first", "dataset", "array"});
    refuseTogether(object, {"path", "first"});
    CalibrationDescription calibration;
    if (object.has("first")) {
        calibration.first = object.integer("first", 1);
    } else {
        calibration.path = folder / object.text("path");
        calibration.array = object.textOr("dataset", object.textOr("array", ""));
    }
    return calibration;
}

} // namespace

DataDescription parseDescription(std::string_view json, const std::string& file, const fs::path& folder)
{
    nlohmann::json parsed;
    try {
        parsed = nlohmann::json::parse(json);
    } catch (const nlohmann::json::exception& error) {
        std::string why = error.what();
        std::ranges::replace(why, '\n', ' ');
        throw core::Error(core::ErrorKind::FileFormat, fmt::format("{}: not JSON: {}", file, why));
    }
    const JsonObject object(parsed, file);
    object.allowKeys({"format", "inputs", "preprocess", "labels", "calibration"});
    if (object.text("format") != "noisefloor-data/1") {
        object.fail(fmt::format("format '{}' is not noisefloor-data/1", object.text("format")));
    }
    DataDescription result;
    result.file = file;
    const nlohmann::json& inputs = object.at("inputs");
    if (!inputs.is_array() || inputs.empty()) {
        object.fail("'inputs' must be an array of at least one object");
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        result.inputs.push_back(readInput({inputs[i], fmt::format("{}: inputs[{}]", file, i)}, folder));
    }
    if (object.has("preprocess")) {
        result.preprocess = readPreprocess({object.at("preprocess"), file + ": preprocess"});
    }
    if (object.has("labels")) {
        result.labels = readLabels({object.at("labels"), file + ": labels"}, folder);
    }
    if (object.has("calibration")) {
        result.calibration = readCalibration({object.at("calibration"), file + ": calibration"}, folder);
    }
    return result;
}

} // namespace io
