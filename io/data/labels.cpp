#include "io/data/labels.h"

#include "core/base/error.h"
#include "core/base/near_misses.h"
#include "io/data/array_file.h"
#include "io/files/csv.h"
#include "io/files/file.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>

namespace io {

namespace {

using core::Error;
using core::ErrorKind;
using Rows = std::vector<std::vector<std::string>>;

Error countMismatch(std::string_view name, std::size_t labels, std::size_t items)
{
    return Error(ErrorKind::ShapeMismatch, fmt::format("{}: {} labels for {} samples", name, labels, items));
}

std::vector<Label> fromArray(const ArrayFile& array, std::size_t items)
{
    const std::int64_t perItem = core::elementCount(std::span(array.shape()).subspan(1));
    if (core::isFloatingPoint(array.type()) || perItem != 1) {
        throw Error(ErrorKind::ShapeMismatch,
                    fmt::format("{}: labels are one whole number per sample; this is {} {}", array.name(),
                                core::toString(array.shape()), core::nameOf(array.type())));
    }
    if (static_cast<std::size_t>(array.items()) != items) {
        throw countMismatch(array.name(), static_cast<std::size_t>(array.items()), items);
    }
    const std::vector<std::int64_t> values = core::integersOf(array.read(0, array.items()));
    return {values.begin(), values.end()};
}

std::size_t columnOf(const Rows& rows, const std::string& column, std::string_view name)
{
    const auto found = std::ranges::find(rows.front(), column);
    if (found == rows.front().end()) {
        throw Error(ErrorKind::Usage,
                    fmt::format("{}: no column '{}'{}; it has {}", name, column,
                                core::nearMisses(column, rows.front()), fmt::join(rows.front(), ", ")));
    }
    return static_cast<std::size_t>(found - rows.front().begin());
}

Label parsed(const std::vector<std::string>& row, std::size_t column, std::string_view name,
             std::size_t number)
{
    if (column >= row.size()) {
        throw Error(ErrorKind::FileFormat,
                    fmt::format("{}: row {} has {} fields, the label is field {}", name, number, row.size(),
                                column + 1));
    }
    const std::string& text = row[column];
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty()) {
        return std::nullopt;
    }
    if (error != std::errc() || end != text.data() + text.size()) {
        throw Error(ErrorKind::FileFormat,
                    fmt::format("{}: row {}: '{}' is not a class number", name, number, text));
    }
    return value;
}

std::vector<Label> fromCsv(const LabelDescription& description, const InputSource& source, std::size_t items,
                           std::vector<std::string>& warnings)
{
    constexpr std::size_t kMostBytes = std::size_t{1} << 28;
    const std::string name = description.path.string();
    const Rows rows = parseCsv(readFile(description.path, kMostBytes), name);
    if (rows.empty()) {
        throw Error(ErrorKind::FileFormat, fmt::format("{}: empty; the first row names the columns", name));
    }
    const std::size_t column = columnOf(rows, description.column, name);
    const auto file = std::ranges::find(rows.front(), "file");
    std::vector<Label> labels;
    if (file == rows.front().end()) {
        for (std::size_t i = 1; i < rows.size(); ++i) {
            labels.push_back(parsed(rows[i], column, name, i));
        }
        if (labels.size() != items) {
            throw countMismatch(name, labels.size(), items);
        }
        return labels;
    }
    const auto fileColumn = static_cast<std::size_t>(file - rows.front().begin());
    std::map<std::string, Label, std::less<>> byFile;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const Label label = parsed(rows[i], column, name, i);
        if (fileColumn < rows[i].size() && !byFile.emplace(rows[i][fileColumn], label).second) {
            throw Error(ErrorKind::FileFormat,
                        fmt::format("{}: row {}: '{}' has a label already", name, i, rows[i][fileColumn]));
        }
    }
    for (std::size_t i = 0; i < items; ++i) {
        const auto found = byFile.find(source.itemName(i));
        if (found == byFile.end()) {
            throw Error(ErrorKind::Usage,
                        fmt::format("{}: no label for {}: {} labels for {} samples", name, source.itemName(i),
                                    byFile.size(), items));
        }
        labels.push_back(found->second);
    }
    if (byFile.size() > items) {
        warnings.push_back(fmt::format("{}: {} labels name no sample", description.path.filename().string(),
                                       byFile.size() - items));
    }
    return labels;
}

} // namespace

std::vector<Label> readLabels(const LabelDescription& description, const InputSource& source,
                              std::vector<std::string>& warnings)
{
    const std::size_t items = source.size().value_or(1);
    std::vector<Label> labels;
    switch (description.kind) {
    case LabelKind::Csv:
        labels = fromCsv(description, source, items, warnings);
        break;
    case LabelKind::Hdf5:
        labels = fromArray(*openHdf5(description.path, description.array), items);
        break;
    case LabelKind::Npz:
        labels = fromArray(*openNpz(description.path, description.array), items);
        break;
    case LabelKind::Npy:
        labels = fromArray(*openNpy(description.path), items);
        break;
    }
    for (Label& label : labels) {
        label = label ? Label(*label + description.offset) : label;
    }
    return labels;
}

} // namespace io
