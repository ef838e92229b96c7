#include "io/data/description.h"

#include "core/base/error.h"
#include "io/data/description_parts.h"
#include "io/data/metric_reader.h"
#include "io/files/text_format.h"

#include <array>
#include <fmt/format.h>

namespace io {

namespace {

namespace fs = std::filesystem;

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
        input.shape = object.integers("shape", 0);
    }
}

InputDescription readInput(const JsonObject& object, const fs::path& folder)
{
    InputDescription input;
    input.name = object.textOr("name", "");
    input.kind = object.choice("kind", kKinds);
    readKeysOfKind(object, folder, input);
    return input;
}

LabelDescription readLabels(const JsonObject& object, const fs::path& folder)
{
    object.allowKeys({"path", "column", "dataset", "array", "offset", "output"});
    object.refuseTogether({"column", "dataset", "array"});
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
    object.refuseTogether({"path", "first"});
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
    const nlohmann::json parsed = parseJson(json, file);
    const JsonObject object(parsed, file);
    object.allowKeys({"format", "inputs", "preprocess", "labels", "calibration", "metric"});
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
        result.preprocess = readPreprocess(JsonObject(object.at("preprocess"), file + ": preprocess"));
    }
    if (object.has("labels")) {
        result.labels = readLabels({object.at("labels"), file + ": labels"}, folder);
    }
    if (object.has("calibration")) {
        result.calibration = readCalibration({object.at("calibration"), file + ": calibration"}, folder);
    }
    if (object.has("metric")) {
        result.metric = MetricDescription{object.at("metric").dump(), folder};
        checkMetric(*result.metric, file);
    }
    return result;
}

} // namespace io
