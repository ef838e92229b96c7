#include "io/data/metric_truths.h"

#include "core/base/error.h"
#include "core/base/near_misses.h"
#include "core/metrics/text_decoding.h"
#include "io/data/array_file.h"
#include "io/data/labels.h"
#include "io/files/csv.h"
#include "io/files/file.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>

namespace io {

namespace {

namespace fs = std::filesystem;
using core::Error;
using core::ErrorKind;
using core::Truth;

/// A CSV whose first row names its columns, one of them `file`.
class TruthTable
{
public:
    explicit TruthTable(const fs::path& path)
        : m_name(path.string())
    {
        constexpr std::size_t kMostBytes = std::size_t{1} << 28;
        m_rows = parseCsv(readFile(path, kMostBytes), m_name);
        if (m_rows.empty()) {
            throw Error(ErrorKind::FileFormat,
                        fmt::format("{}: empty; the first row names the columns", m_name));
        }
        m_file = column("file");
    }
    [[nodiscard]] std::size_t rows() const { return m_rows.size(); } ///< from 1 on
    [[nodiscard]] std::optional<std::size_t> find(const std::string& name) const
    {
        const auto found = std::ranges::find(m_rows.front(), name);
        return found == m_rows.front().end()
            ? std::nullopt
            : std::optional(static_cast<std::size_t>(found - m_rows.front().begin()));
    }
    [[nodiscard]] std::size_t column(const std::string& name) const
    {
        const auto found = find(name);
        if (!found) {
            throw Error(ErrorKind::Usage,
                        fmt::format("{}: no column '{}'{}; it has {}", m_name, name,
                                    core::nearMisses(name, m_rows.front()), fmt::join(m_rows.front(), ", ")));
        }
        return *found;
    }
    [[nodiscard]] const std::string& text(std::size_t row, std::size_t column) const
    {
        if (column >= m_rows[row].size()) {
            throw Error(ErrorKind::FileFormat,
                        fmt::format("{}: row {} has {} fields, field {} is missing", m_name, row,
                                    m_rows[row].size(), column + 1));
        }
        return m_rows[row][column];
    }
    [[nodiscard]] const std::string& file(std::size_t row) const { return text(row, m_file); }
    [[nodiscard]] double number(std::size_t row, std::size_t column) const
    {
        const std::string& field = text(row, column);
        double value = 0.0;
        const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
        if (error != std::errc() || end != field.data() + field.size() || !std::isfinite(value)) {
            throw Error(ErrorKind::FileFormat,
                        fmt::format("{}: row {}: '{}' is not a number in column '{}'", m_name, row, field,
                                    m_rows.front()[column]));
        }
        return value;
    }
    [[nodiscard]] const std::string& name() const { return m_name; }

private:
    std::string m_name;
    std::vector<std::vector<std::string>> m_rows;
    std::size_t m_file = 0;
};

std::map<std::string, std::size_t, std::less<>> itemsByName(const InputSource& source)
{
    std::map<std::string, std::size_t, std::less<>> items;
    for (std::size_t i = 0; i < source.size().value_or(1); ++i) {
        items.emplace(source.itemName(i), i);
    }
    return items;
}

std::vector<Truth> fromBoxes(const fs::path& path, const InputSource& source,
                             std::vector<std::string>& warnings)
{
    const TruthTable table(path);
    const auto items = itemsByName(source);
    const std::size_t category = table.column("class");
    const std::array corners{table.column("x1"), table.column("y1"), table.column("x2"), table.column("y2")};
    const auto crowd = table.find("crowd");
    const auto width = table.find("width");
    const auto height = table.find("height");
    std::vector<Truth> truths(source.size().value_or(1));
    std::size_t unknown = 0;
    for (std::size_t row = 1; row < table.rows(); ++row) {
        const auto item = items.find(table.file(row));
        if (item == items.end()) {
            ++unknown;
            continue;
        }
        std::array<double, 4> at{};
        for (std::size_t k = 0; k < 4; ++k) {
            at[k] = table.number(row, corners[k]);
            if (width && height) {
                at[k] /= table.number(row, k % 2 == 0 ? *width : *height);
            } else if (at[k] < -0.5 || at[k] > 1.5) {
                throw Error(ErrorKind::FileFormat,
                            fmt::format("{}: row {}: {} is no share of the picture: give corners of 0…1, or "
                                        "the picture's columns 'width' and 'height' with pixels",
                                        table.name(), row, at[k]));
            }
        }
        core::Box box{static_cast<std::int64_t>(table.number(row, category)), at[0], at[1], at[2], at[3]};
        box.isCrowd = crowd && table.number(row, *crowd) != 0.0;
        if (!(box.right > box.left) || !(box.bottom > box.top)) {
            throw Error(ErrorKind::FileFormat,
                        fmt::format("{}: row {}: the box is empty: x2 must be right of x1, y2 below y1",
                                    table.name(), row));
        }
        truths[item->second].boxes.push_back(box);
    }
    if (unknown > 0) {
        warnings.push_back(fmt::format("{}: {} boxes name no sample", path.filename().string(), unknown));
    }
    return truths;
}

std::vector<Truth> fromTexts(const fs::path& path, const std::string& column, const InputSource& source)
{
    const TruthTable table(path);
    const std::size_t text = table.column(column);
    std::map<std::string, std::size_t, std::less<>> rows;
    for (std::size_t row = 1; row < table.rows(); ++row) {
        rows.emplace(table.file(row), row);
    }
    std::vector<Truth> truths;
    for (std::size_t i = 0; i < source.size().value_or(1); ++i) {
        const auto row = rows.find(source.itemName(i));
        if (row == rows.end()) {
            throw Error(ErrorKind::Usage,
                        fmt::format("{}: no text for {}", table.name(), source.itemName(i)));
        }
        truths.emplace_back();
        truths.back().tokens = core::codePointsOf(table.text(row->second, text));
    }
    return truths;
}

LabelDescription arrayDescription(const JsonObject& object, const fs::path& path)
{
    LabelDescription labels;
    labels.path = path;
    labels.column = object.textOr("column", "");
    labels.array = object.textOr("dataset", object.textOr("array", ""));
    labels.kind = object.has("column") ? LabelKind::Csv
        : object.has("dataset")        ? LabelKind::Hdf5
        : object.has("array")          ? LabelKind::Npz
                                       : LabelKind::Npy;
    if (labels.kind == LabelKind::Npy && path.extension() != ".npy") {
        object.fail("says not where the labels lie: 'column' of a CSV, 'dataset' of an HDF5 file or 'array' "
                    "of an .npz");
    }
    return labels;
}

std::vector<Truth> fromArray(const LabelDescription& labels, const InputSource& source)
{
    const auto array = labels.kind == LabelKind::Hdf5 ? openHdf5(labels.path, labels.array)
        : labels.kind == LabelKind::Npz               ? openNpz(labels.path, labels.array)
                                                      : openNpy(labels.path);
    const std::size_t items = source.size().value_or(1);
    if (static_cast<std::size_t>(array->items()) != items) {
        throw Error(ErrorKind::ShapeMismatch,
                    fmt::format("{}: {} labels for {} samples", array->name(), array->items(), items));
    }
    std::vector<Truth> truths(items);
    for (std::size_t i = 0; i < items; ++i) {
        truths[i].values = array->read(static_cast<std::int64_t>(i), 1);
    }
    return truths;
}

} // namespace

std::vector<Truth> readTruths(const JsonObject& object, const MetricKind& kind, const fs::path& folder,
                              const InputSource& source, std::vector<std::string>& warnings)
{
    const fs::path path = folder / object.text("labels");
    switch (kind.truth) {
    case TruthForm::Boxes:
        return fromBoxes(path, source, warnings);
    case TruthForm::Text:
        return fromTexts(path, object.textOr("column", "text"), source);
    case TruthForm::Array:
        return fromArray(arrayDescription(object, path), source);
    case TruthForm::Class:
        break;
    }
    std::vector<Truth> truths;
    for (const Label& label : readLabels(arrayDescription(object, path), source, warnings)) {
        truths.emplace_back();
        truths.back().label = label;
    }
    return truths;
}

std::vector<core::SliceColumn> readSlices(const JsonObject& object, const fs::path& folder,
                                          const InputSource& source)
{
    object.allowKeys({"path", "columns"});
    const TruthTable table(folder / object.text("path"));
    const auto items = itemsByName(source);
    const nlohmann::json& names = object.at("columns");
    if (!names.is_array() || names.empty()) {
        object.fail("'columns' must be an array of names");
    }
    std::vector<core::SliceColumn> columns;
    for (const nlohmann::json& name : names) {
        if (!name.is_string()) {
            object.fail("'columns' must be an array of names");
        }
        core::SliceColumn column{name.get<std::string>(),
                                 std::vector<std::string>(source.size().value_or(1))};
        const std::size_t at = table.column(column.name);
        for (std::size_t row = 1; row < table.rows(); ++row) {
            if (const auto item = items.find(table.file(row)); item != items.end()) {
                column.values[item->second] = table.text(row, at);
            }
        }
        columns.push_back(std::move(column));
    }
    return columns;
}

} // namespace io
