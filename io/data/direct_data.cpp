#include "io/data/direct_data.h"

#include "core/base/error.h"
#include "io/data/array_file.h"
#include "io/data/image.h"
#include "io/files/csv.h"
#include "io/files/file.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace io {

namespace {

namespace fs = std::filesystem;
using core::Error;
using core::ErrorKind;
using Names = std::vector<std::string>;

constexpr std::array<std::string_view, 4> kLabelNames{"labels", "label", "class_index", "y"};
constexpr std::array<std::string_view, 6> kInputNames{"images", "inputs", "input", "data", "samples", "x"};

template <std::size_t N>
std::string firstOf(const std::array<std::string_view, N>& wanted, const Names& names)
{
    for (const std::string_view name : wanted) {
        if (std::ranges::find(names, name) != names.end()) {
            return std::string(name);
        }
    }
    return {};
}

/// The array that a model's input is read from.
std::string arrayFor(const InputSpec& input, bool isSingle, const Names& names, const fs::path& path)
{
    if (std::ranges::find(names, input.name) != names.end()) {
        return input.name;
    }
    if (isSingle) {
        if (const std::string usual = firstOf(kInputNames, names); !usual.empty()) {
            return usual;
        }
        const std::string labels = firstOf(kLabelNames, names);
        Names candidates;
        std::ranges::copy_if(names, std::back_inserter(candidates),
                             [&](const std::string& n) { return n != labels; });
        if (candidates.size() == 1) {
            return candidates.front();
        }
    }
    throw Error(ErrorKind::Usage,
                fmt::format("{}: which of {} is input {} is unclear; write a noisefloor-data/1 description",
                            path.string(), fmt::join(names, ", "), input.name));
}

void describeArrays(const fs::path& path, const std::vector<InputSpec>& inputs, const Names& names,
                    InputKind kind, DataDescription& result)
{
    for (const InputSpec& input : inputs) {
        InputDescription description;
        description.name = input.name;
        description.kind = kind;
        description.path = path;
        description.array = arrayFor(input, inputs.size() == 1, names, path);
        result.warnings.push_back(fmt::format("{}: input {} reads '{}' without preprocessing", result.file,
                                              input.name, description.array));
        result.inputs.push_back(std::move(description));
    }
    if (const std::string labels = firstOf(kLabelNames, names); !labels.empty()) {
        LabelDescription description;
        description.kind = kind == InputKind::Hdf5 ? LabelKind::Hdf5 : LabelKind::Npz;
        description.path = path;
        description.array = labels;
        result.labels = description;
    }
}

void describeLabelsCsv(const fs::path& csv, DataDescription& result)
{
    constexpr std::size_t kMostBytes = std::size_t{1} << 28;
    const auto rows = parseCsv(readFile(csv, kMostBytes), csv.string());
    const Names columns = rows.empty() ? Names{} : rows.front();
    LabelDescription labels;
    labels.kind = LabelKind::Csv;
    labels.path = csv;
    labels.column = firstOf(kLabelNames, columns);
    if (labels.column.empty() && columns.size() == 2) {
        labels.column = columns.back();
    }
    if (labels.column.empty()) {
        throw Error(ErrorKind::Usage,
                    fmt::format("{}: none of the columns {} is called {}; name it in a description",
                                csv.string(), fmt::join(columns, ", "), fmt::join(kLabelNames, ", ")));
    }
    result.warnings.push_back(
        fmt::format("{}: labels are the column '{}' with offset 0", result.file, labels.column));
    result.labels = labels;
}

void describeFolder(const fs::path& path, const std::vector<InputSpec>& inputs, DataDescription& result)
{
    InputDescription input;
    input.name = inputs.front().name;
    input.kind = InputKind::Images;
    input.path = path;
    result.inputs.push_back(input);

    const InputSpec& spec = inputs.front();
    if (const auto item = itemShape(spec); item && item->size() == 3) {
        const bool last = channelOrder(spec) == ChannelOrder::Last;
        const std::int64_t height = (*item)[last ? 0 : 1];
        const std::int64_t width = (*item)[last ? 1 : 2];
        if (width > 0 && height > 0 && width <= kMostSide && height <= kMostSide) {
            result.preprocess.resizeTo = ImageSize{static_cast<int>(width), static_cast<int>(height)};
        }
        const bool isGray = (*item)[last ? 2 : 0] == 1;
        result.preprocess.color = isGray ? ColorOrder::Gray : ColorOrder::Rgb;
        result.warnings.push_back(
            fmt::format("{}: images are read as {} 0…255{}, without mean and std; a description sets "
                        "the preprocessing the model was trained with",
                        result.file, isGray ? "GRAY" : "RGB",
                        result.preprocess.resizeTo ? fmt::format(", resized to {}x{}", width, height) : ""));
    }
    if (const fs::path csv = path / "labels.csv"; fs::exists(csv)) {
        describeLabelsCsv(csv, result);
    }
}

} // namespace

DataDescription describeDirectly(const fs::path& path, const std::vector<InputSpec>& inputs)
{
    DataDescription result;
    result.file = path.filename().empty() ? path.parent_path().filename().string() : path.filename().string();
    const std::string extension = path.extension().string();
    const bool isArchive = extension == ".h5" || extension == ".hdf5" || extension == ".npz";
    if (!isArchive && inputs.size() != 1) {
        throw Error(ErrorKind::Usage,
                    fmt::format("{}: the model has {} inputs; a noisefloor-data/1 description names each",
                                path.string(), inputs.size()));
    }
    if (fs::is_directory(path)) {
        describeFolder(path, inputs, result);
    } else if (extension == ".npz") {
        describeArrays(path, inputs, namesInNpz(path), InputKind::Npz, result);
    } else if (isArchive) {
        describeArrays(path, inputs, namesInHdf5(path), InputKind::Hdf5, result);
    } else if (extension == ".npy") {
        InputDescription input;
        input.name = inputs.front().name;
        input.kind = InputKind::Npy;
        input.path = path;
        result.inputs.push_back(input);
    } else {
        throw Error(ErrorKind::Usage,
                    fmt::format("{}: data is a .json description, a folder of images, an .h5, .npy or .npz",
                                path.string()));
    }
    return result;
}

DataDescription describeRandom(const std::vector<InputSpec>& inputs)
{
    DataDescription result;
    result.file = "random data";
    for (const InputSpec& spec : inputs) {
        InputDescription input;
        input.name = spec.name;
        input.kind = InputKind::Random;
        result.inputs.push_back(input);
    }
    return result;
}

} // namespace io
