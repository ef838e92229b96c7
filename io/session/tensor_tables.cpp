#include "io/session/tensor_tables.h"

#include "core/base/error.h"

#include <fmt/format.h>
#include <functional>

namespace io {

core::LayerReport& layerAt(std::vector<core::LayerReport>& layers, std::int64_t index)
{
    if (index < 0 || static_cast<std::size_t>(index) >= layers.size()) {
        throw core::Error(core::ErrorKind::FileFormat,
                          fmt::format("a row names operator {} of {}", index, layers.size()));
    }
    return layers[static_cast<std::size_t>(index)];
}

namespace {

using core::LayerReport;
using core::QuantizedTensorInfo;
using Layers = std::vector<LayerReport>;

/// Of a list that grows by one row at a time, in order.
template <typename T>
void append(std::vector<T>& list, std::int64_t index, T value)
{
    if (index != static_cast<std::int64_t>(list.size())) {
        throw core::Error(core::ErrorKind::FileFormat,
                          fmt::format("rows are out of order: {} after {}", index, list.size()));
    }
    list.push_back(value);
}

/// One float for each index of a list of an operator.
void saveList(Hdf5Writer& file, const std::string& path, const core::Report& report, const char* index,
              const std::string& value, std::vector<float> LayerReport::*member)
{
    Table table;
    auto& owner = table.addIntegers("operator");
    auto& at = table.addIntegers(index);
    auto& values = table.addReals(value, "1");
    for (std::size_t i = 0; i < report.layers.size(); ++i) {
        const std::vector<float>& list = (*report.layers[i]).*member;
        for (std::size_t k = 0; k < list.size(); ++k) {
            owner.push_back(static_cast<std::int64_t>(i));
            at.push_back(static_cast<std::int64_t>(k));
            values.push_back(list[k]);
        }
    }
    file.table(path, table);
}

void loadList(const Hdf5Reader& file, const std::string& path, Layers& layers, const char* index,
              const std::string& value, std::vector<float> LayerReport::*member)
{
    const Table table = file.table(path);
    const auto& owner = table.integers("operator");
    const auto& at = table.integers(index);
    const auto& values = table.reals(value);
    for (std::size_t r = 0; r < owner.size(); ++r) {
        append(layerAt(layers, owner[r]).*member, at[r], static_cast<float>(values[r]));
    }
}

core::DataType codeTypeNamed(const std::string& name)
{
    for (const auto type :
         {core::DataType::UInt8, core::DataType::Int8, core::DataType::UInt16, core::DataType::Int16}) {
        if (core::nameOf(type) == name) {
            return type;
        }
    }
    throw core::Error(core::ErrorKind::FileFormat, fmt::format("'{}' is no type of codes", name));
}

constexpr std::string_view kActivation = "activation";
constexpr std::string_view kWeight = "weight";

void eachTensor(const core::Report& report,
                const std::function<void(std::int64_t, std::string_view, const QuantizedTensorInfo&)>& tell)
{
    for (std::size_t i = 0; i < report.layers.size(); ++i) {
        const LayerReport& layer = *report.layers[i];
        if (layer.activation) {
            tell(static_cast<std::int64_t>(i), kActivation, *layer.activation);
        }
        if (layer.weight) {
            tell(static_cast<std::int64_t>(i), kWeight, *layer.weight);
        }
    }
}

QuantizedTensorInfo& tensorAt(Layers& layers, const Table& table, std::size_t row)
{
    LayerReport& layer = layerAt(layers, table.integers("operator")[row]);
    auto& tensor = table.texts("tensor")[row] == kWeight ? layer.weight : layer.activation;
    if (!tensor) {
        tensor.emplace();
    }
    return *tensor;
}

} // namespace

void saveNodes(Hdf5Writer& file, const std::string& path, const core::Report& report)
{
    Table table;
    auto& owner = table.addIntegers("operator");
    auto& nodes = table.addTexts("node");
    for (std::size_t i = 0; i < report.layers.size(); ++i) {
        for (const std::string& node : report.layers[i]->nodes) {
            owner.push_back(static_cast<std::int64_t>(i));
            nodes.push_back(node);
        }
    }
    file.table(path + "/nodes", table);
}

void loadNodes(const Hdf5Reader& file, const std::string& path, Layers& layers)
{
    const Table table = file.table(path + "/nodes");
    for (std::size_t r = 0; r < table.rows(); ++r) {
        layerAt(layers, table.integers("operator")[r]).nodes.push_back(table.texts("node")[r]);
    }
}

void saveQuantization(Hdf5Writer& file, const std::string& path, const core::Report& report)
{
    Table tensors;
    auto& owner = tensors.addIntegers("operator");
    auto& which = tensors.addTexts("tensor");
    auto& method = tensors.addTexts("method");
    auto& granularity = tensors.addTexts("granularity");
    auto& type = tensors.addTexts("type");
    auto& bits = tensors.addIntegers("bits");
    auto& lowest = tensors.addIntegers("lowest_code");
    auto& highest = tensors.addIntegers("highest_code");
    auto& axis = tensors.addIntegers("axis", "-1: per tensor");
    auto& group = tensors.addIntegers("group", "source channels that share a scale; 0: all");
    auto& rounding = tensors.addTexts("rounding");
    Table params;
    auto& paramOwner = params.addIntegers("operator");
    auto& paramOf = params.addTexts("tensor");
    auto& scale = params.addReals("scale", "units of the tensor per code");
    auto& zeroPoint = params.addIntegers("zero_point", "code");
    Table thresholds;
    auto& thresholdOwner = thresholds.addIntegers("operator");
    auto& thresholdOf = thresholds.addTexts("tensor");
    auto& min = thresholds.addReals("min", "units of the tensor");
    auto& max = thresholds.addReals("max", "units of the tensor");
    eachTensor(report, [&](std::int64_t i, std::string_view tensor, const QuantizedTensorInfo& info) {
        owner.push_back(i);
        which.emplace_back(tensor);
        method.push_back(info.method);
        granularity.push_back(info.granularity);
        type.emplace_back(core::nameOf(info.params.type));
        bits.push_back(info.params.bits);
        lowest.push_back(info.params.codes.lowest);
        highest.push_back(info.params.codes.highest);
        axis.push_back(info.params.axis.value_or(-1));
        group.push_back(info.params.group);
        rounding.push_back(core::toString(info.params.rounding));
        for (std::size_t c = 0; c < info.params.scale.size(); ++c) {
            paramOwner.push_back(i);
            paramOf.emplace_back(tensor);
            scale.push_back(info.params.scale[c]);
            zeroPoint.push_back(info.params.zeroPoint[c]);
        }
        for (const core::Range& range : info.threshold) {
            thresholdOwner.push_back(i);
            thresholdOf.emplace_back(tensor);
            min.push_back(range.min);
            max.push_back(range.max);
        }
    });
    file.table(path + "/quantization", tensors);
    file.table(path + "/params", params);
    file.table(path + "/thresholds", thresholds);
}

void loadQuantization(const Hdf5Reader& file, const std::string& path, Layers& layers)
{
    const Table tensors = file.table(path + "/quantization");
    for (std::size_t r = 0; r < tensors.rows(); ++r) {
        QuantizedTensorInfo& info = tensorAt(layers, tensors, r);
        info.method = tensors.texts("method")[r];
        info.granularity = tensors.texts("granularity")[r];
        info.params.type = codeTypeNamed(tensors.texts("type")[r]);
        info.params.bits = static_cast<int>(tensors.integers("bits")[r]);
        info.params.codes.lowest = static_cast<std::int32_t>(tensors.integers("lowest_code")[r]);
        info.params.codes.highest = static_cast<std::int32_t>(tensors.integers("highest_code")[r]);
        info.params.group = static_cast<int>(tensors.integers("group")[r]);
        info.params.rounding = core::parseRounding(tensors.texts("rounding")[r]);
        if (const std::int64_t axis = tensors.integers("axis")[r]; axis >= 0) {
            info.params.axis = static_cast<int>(axis);
        }
    }
    const Table params = file.table(path + "/params");
    for (std::size_t r = 0; r < params.rows(); ++r) {
        QuantizedTensorInfo& info = tensorAt(layers, params, r);
        info.params.scale.push_back(static_cast<float>(params.reals("scale")[r]));
        info.params.zeroPoint.push_back(static_cast<std::int32_t>(params.integers("zero_point")[r]));
    }
    const Table thresholds = file.table(path + "/thresholds");
    for (std::size_t r = 0; r < thresholds.rows(); ++r) {
        tensorAt(layers, thresholds, r)
            .threshold.push_back({thresholds.reals("min")[r], thresholds.reals("max")[r]});
    }
}

void saveChannels(Hdf5Writer& file, const std::string& path, const core::Report& report)
{
    Table table;
    auto& owner = table.addIntegers("operator");
    auto& channel = table.addIntegers("channel");
    auto& error = table.addReals("relative_l2", "1");
    for (std::size_t i = 0; i < report.layers.size(); ++i) {
        for (const core::ChannelError& worst : report.layers[i]->worstChannels) {
            owner.push_back(static_cast<std::int64_t>(i));
            channel.push_back(worst.channel);
            error.push_back(worst.relativeL2);
        }
    }
    file.table(path + "/worst_channels", table);
    saveList(file, path + "/isolated_channels", report, "channel", "relative_l2",
             &LayerReport::channelRelativeL2);
    saveList(file, path + "/accumulated_channels", report, "channel", "relative_l2",
             &LayerReport::accumulatedChannelRelativeL2);
}

void loadChannels(const Hdf5Reader& file, const std::string& path, Layers& layers)
{
    const Table table = file.table(path + "/worst_channels");
    for (std::size_t r = 0; r < table.rows(); ++r) {
        layerAt(layers, table.integers("operator")[r])
            .worstChannels.push_back(
                {static_cast<int>(table.integers("channel")[r]), table.reals("relative_l2")[r]});
    }
    loadList(file, path + "/isolated_channels", layers, "channel", "relative_l2",
             &LayerReport::channelRelativeL2);
    loadList(file, path + "/accumulated_channels", layers, "channel", "relative_l2",
             &LayerReport::accumulatedChannelRelativeL2);
}

void saveSamples(Hdf5Writer& file, const std::string& path, const core::Report& report)
{
    saveList(file, path + "/samples", report, "sample", "relative_l2", &LayerReport::sampleRelativeL2);
}

void loadSamples(const Hdf5Reader& file, const std::string& path, Layers& layers)
{
    loadList(file, path + "/samples", layers, "sample", "relative_l2", &LayerReport::sampleRelativeL2);
}

void saveCodes(Hdf5Writer& file, const std::string& path, const core::Report& report)
{
    Table table;
    auto& owner = table.addIntegers("operator");
    auto& code = table.addIntegers("index", "code - lowest_code");
    auto& count = table.addIntegers("count", "values");
    auto& kinds = table.addIntegers("size", "codes in all");
    for (std::size_t i = 0; i < report.layers.size(); ++i) {
        if (!report.layers[i]->codeCounts) {
            continue;
        }
        const core::CodeCounts& counts = *report.layers[i]->codeCounts;
        for (std::size_t q = 0; q < counts.size(); ++q) {
            if (counts[q] > 0) {
                owner.push_back(static_cast<std::int64_t>(i));
                code.push_back(static_cast<std::int64_t>(q));
                count.push_back(static_cast<std::int64_t>(counts[q]));
                kinds.push_back(static_cast<std::int64_t>(counts.size()));
            }
        }
    }
    file.table(path + "/codes", table);
}

void loadCodes(const Hdf5Reader& file, const std::string& path, Layers& layers)
{
    constexpr std::int64_t kMostCodes = 65536;
    const Table table = file.table(path + "/codes");
    std::vector<core::CodeCounts> counts(layers.size());
    for (std::size_t r = 0; r < table.rows(); ++r) {
        const std::int64_t size = table.integers("size")[r];
        const std::int64_t index = table.integers("index")[r];
        (void)layerAt(layers, table.integers("operator")[r]);
        core::CodeCounts& own = counts[static_cast<std::size_t>(table.integers("operator")[r])];
        if (size > kMostCodes || index < 0 || index >= size
            || (!own.empty() && static_cast<std::int64_t>(own.size()) != size)) {
            throw core::Error(core::ErrorKind::FileFormat,
                              fmt::format("code {} of {} cannot be", index, size));
        }
        own.resize(static_cast<std::size_t>(size));
        own[static_cast<std::size_t>(index)] = static_cast<std::uint64_t>(table.integers("count")[r]);
    }
    for (std::size_t i = 0; i < layers.size(); ++i) {
        if (!counts[i].empty()) {
            layers[i].codeCounts = std::make_shared<const core::CodeCounts>(std::move(counts[i]));
        }
    }
}

} // namespace io
