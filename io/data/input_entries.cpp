#include "io/data/input_entries.h"

#include "core/base/error.h"
#include "core/base/near_misses.h"
#include "io/data/named_dimensions.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

namespace io {

using core::Error;
using core::ErrorKind;

namespace {

/// The dimensions that --shape gives; it may not contradict the model.
void fixDimensions(InputSpec& spec, const core::Shape& shape)
{
    bool fits = !spec.hasShape || shape.size() == spec.shape.size();
    for (std::size_t i = 0; fits && spec.hasShape && i < shape.size(); ++i) {
        fits = spec.shape[i] == core::kDynamic || spec.shape[i] == shape[i];
    }
    if (!fits || !core::isStatic(shape)) {
        throw Error(ErrorKind::ShapeMismatch,
                    fmt::format("--shape {}={}: the model's input is {}", spec.name, core::toString(shape),
                                spec.shapeText()));
    }
    spec.shape = shape;
    spec.hasShape = true;
}

/// Numbers for what the file calls by name, and who gave them.
class NamedDimensions
{
public:
    void give(const std::string& name, std::int64_t size, const std::string& who)
    {
        const auto [known, isNew] = m_sizes.try_emplace(name, size);
        if (!isNew && known->second != size) {
            throw Error(ErrorKind::ShapeMismatch,
                        fmt::format("--shape: dimension '{}' is {} in {} and {} in {}", name, known->second,
                                    m_givers[name], size, who));
        }
        m_givers.try_emplace(name, who);
    }
    void give(const InputSpec& spec)
    {
        for (std::size_t axis = 0; axis < spec.dimensionNames.size() && axis < spec.shape.size(); ++axis) {
            if (!spec.dimensionNames[axis].empty()) {
                give(spec.dimensionNames[axis], spec.shape[axis], spec.name);
            }
        }
    }
    void fill(InputSpec& spec) const
    {
        for (std::size_t axis = 0; axis < spec.dimensionNames.size() && axis < spec.shape.size(); ++axis) {
            if (spec.shape[axis] == core::kDynamic) {
                spec.shape[axis] = dimensionSize(spec.dimensionNames[axis], m_sizes).value_or(core::kDynamic);
            }
        }
    }

private:
    std::map<std::string, std::int64_t> m_sizes;
    std::map<std::string, std::string> m_givers;
};

} // namespace

std::vector<InputSpec> inputSpecs(const core::Graph& graph, const std::map<std::string, core::Shape>& shapes)
{
    std::vector<InputSpec> specs;
    for (const core::ValueId id : graph.inputs()) {
        const core::Value& value = graph.value(id);
        const bool isRead = !value.consumers.empty() || graph.isOutput(id);
        specs.push_back({value.name, value.type, value.shape, value.hasShape, isRead, value.dimensionNames});
    }
    std::vector<std::string> names;
    std::set<std::string> dimensions;
    for (const InputSpec& spec : specs) {
        names.push_back(spec.name);
        dimensions.insert(spec.dimensionNames.begin(), spec.dimensionNames.end());
    }
    dimensions.erase(std::string());
    names.insert(names.end(), dimensions.begin(), dimensions.end());
    NamedDimensions named;
    for (const auto& [name, shape] : shapes) {
        const auto found = std::ranges::find(specs, name, &InputSpec::name);
        if (found != specs.end()) {
            fixDimensions(*found, shape);
            named.give(*found);
        } else if (!dimensions.contains(name)) {
            throw Error(ErrorKind::Usage,
                        fmt::format("--shape {}: the model has no such input{}; it has {}", name,
                                    core::nearMisses(name, names), fmt::join(names, ", ")));
        } else if (shape.size() != 1) {
            throw Error(
                ErrorKind::Usage,
                fmt::format("--shape {}={}: one dimension takes one number", name, core::toString(shape)));
        } else {
            named.give(name, shape[0], "--shape " + name);
        }
    }
    for (InputSpec& spec : specs) {
        named.fill(spec);
    }
    if (specs.empty()) {
        throw Error(ErrorKind::InvalidModel, "the model has no inputs");
    }
    return specs;
}

std::vector<std::string> unequalDimensions(const core::Graph& graph, const std::vector<core::Shape>& shapes)
{
    std::map<std::string, std::map<std::int64_t, std::string>> sizes; // by name, the first input of each size
    for (std::size_t i = 0; i < graph.inputs().size(); ++i) {
        const core::Value& value = graph.value(graph.inputs()[i]);
        for (std::size_t axis = 0; axis < value.dimensionNames.size() && axis < shapes[i].size(); ++axis) {
            if (!value.dimensionNames[axis].empty()) {
                sizes[value.dimensionNames[axis]].try_emplace(shapes[i][axis], value.name);
            }
        }
    }
    std::vector<std::string> lines;
    for (const auto& [name, found] : sizes) {
        if (found.size() > 1) {
            const auto& [less, first] = *found.begin();
            const auto& [more, second] = *std::next(found.begin());
            lines.push_back(
                fmt::format("the model calls both '{}', but it is {} in input '{}' and {} in '{}'", name,
                            less, first, more, second));
        }
    }
    return lines;
}

namespace {

/// Zeros for an input that nothing reads.
InputDescription idleEntry(const InputSpec& spec)
{
    InputDescription entry;
    entry.name = spec.name;
    entry.kind = InputKind::Constant;
    entry.value = {0.0};
    entry.shape = spec.shape;
    std::ranges::replace(*entry.shape, core::kDynamic, std::int64_t{1});
    return entry;
}

} // namespace

std::vector<InputDescription> entriesOf(const DataDescription& description,
                                        const std::vector<InputSpec>& specs)
{
    std::vector<std::string> names;
    for (const InputSpec& spec : specs) {
        names.push_back(spec.name);
    }
    std::vector<std::optional<InputDescription>> found(specs.size());
    for (const InputDescription& entry : description.inputs) {
        if (entry.name.empty() && (specs.size() > 1 || description.inputs.size() > 1)) {
            throw Error(ErrorKind::Usage,
                        fmt::format("{}: an input without name; the model has {}", description.file,
                                    fmt::join(names, ", ")));
        }
        const auto at = entry.name.empty() ? names.begin() : std::ranges::find(names, entry.name);
        if (at == names.end()) {
            throw Error(ErrorKind::Usage,
                        fmt::format("{}: the model has no input '{}'{}; it has {}", description.file,
                                    entry.name, core::nearMisses(entry.name, names), fmt::join(names, ", ")));
        }
        auto& slot = found[static_cast<std::size_t>(at - names.begin())];
        if (slot) {
            throw Error(ErrorKind::Usage,
                        fmt::format("{}: input '{}' is given twice", description.file, *at));
        }
        slot = entry;
    }
    std::vector<InputDescription> entries;
    for (std::size_t i = 0; i < specs.size(); ++i) {
        if (!found[i] && !specs[i].isRead) {
            found[i] = idleEntry(specs[i]);
        }
        if (!found[i]) {
            throw Error(ErrorKind::Usage,
                        fmt::format("{}: no data for the model's input {} ({})", description.file,
                                    specs[i].name, core::toString(specs[i].shape)));
        }
        entries.push_back(*found[i]);
    }
    return entries;
}

std::vector<InputDescription> calibrationEntries(std::vector<InputDescription> entries,
                                                 const CalibrationDescription& calibration,
                                                 const std::string& file)
{
    const InputDescription* first = nullptr;
    for (InputDescription& entry : entries) {
        if (entry.path.empty()) {
            continue;
        }
        if (first && first->path != entry.path) {
            throw Error(
                ErrorKind::Usage,
                fmt::format(
                    "{}: calibration.path is one file, the inputs come from several; use calibration.first",
                    file));
        }
        first = first ? first : &entry;
    }
    const std::filesystem::path shared = first ? first->path : std::filesystem::path();
    for (InputDescription& entry : entries) {
        if (!entry.path.empty() && entry.path == shared) {
            entry.path = calibration.path;
            entry.array = calibration.array.empty() ? entry.array : calibration.array;
        }
    }
    return entries;
}

} // namespace io
