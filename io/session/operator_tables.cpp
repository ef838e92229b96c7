#include "io/session/operator_tables.h"

#include "core/base/error.h"
#include "io/session/error_columns.h"
#include "io/session/saved_saturation.h"
#include "io/session/tensor_tables.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <limits>

namespace io {

namespace {

using core::LayerReport;

// Each column once, for both directions.
struct TextField
{
    const char* name;
    std::string LayerReport::*member;
};
constexpr TextField kTexts[]{{"name", &LayerReport::name},
                             {"type", &LayerReport::type},
                             {"group", &LayerReport::group},
                             {"output", &LayerReport::output},
                             {"reason", &LayerReport::reason},
                             {"backend", &LayerReport::backend},
                             {"implementation", &LayerReport::implementation}};

struct RealField
{
    const char* name;
    const char* unit;
    std::function<double(const LayerReport&)> get;
    std::function<void(LayerReport&, double)> set;
};

/// A number of OutputQuantization; all of them are NaN where there is none.
RealField split(const char* name, const char* unit, double core::OutputQuantization::*member)
{
    return {name, unit,
            [member](const LayerReport& r) {
                return r.outputQuantization ? (*r.outputQuantization).*member : orNan({});
            },
            [member](LayerReport& r, double value) {
                if (unlessNan(value)) {
                    if (!r.outputQuantization) {
                        r.outputQuantization.emplace();
                    }
                    (*r.outputQuantization).*member = value;
                }
            }};
}

/// An optional number of WeightError.
RealField weight(const char* name, std::optional<double> core::WeightError::*member)
{
    return {name, "1",
            [member](const LayerReport& r) {
                return r.weightError ? orNan((*r.weightError).*member) : orNan({});
            },
            [member](LayerReport& r, double value) {
                if (r.weightError) {
                    (*r.weightError).*member = unlessNan(value);
                }
            }};
}

RealField time(const char* name, double LayerReport::*member)
{
    return {name, "us per sample", [member](const LayerReport& r) { return r.*member; },
            [member](LayerReport& r, double value) { r.*member = value; }};
}

RealField conversion(const char* name, double core::ConversionTime::*member)
{
    return {name, "us per sample", [member](const LayerReport& r) { return r.conversion.*member; },
            [member](LayerReport& r, double value) { r.conversion.*member = value; }};
}

/// Columns that sessions of before do not have.
const std::vector<RealField>& laterFields()
{
    static const std::vector<RealField> fields{
        conversion("quantize_time", &core::ConversionTime::quantize),
        conversion("dequantize_time", &core::ConversionTime::dequantize),
        conversion("requantize_time", &core::ConversionTime::requantize)};
    return fields;
}

const std::vector<RealField>& realFields()
{
    using Split = core::OutputQuantization;
    static const std::vector<RealField> fields{
        split("output_l2", "units of the tensor", &Split::l2),
        split("clip_l2", "units of the tensor", &Split::clipL2),
        split("round_l2", "units of the tensor", &Split::roundL2),
        split("cross", "units of the tensor squared", &Split::cross),
        split("clipped", "share of values", &Split::clipped),
        split("range_used", "share of the range", &Split::rangeUsed),
        weight("weight_relative_l2", &core::WeightError::relativeL2),
        weight("weight_median_channel_relative_l2", &core::WeightError::medianChannelRelativeL2),
        time("fp32_time", &LayerReport::fp32Microseconds),
        time("quantized_time", &LayerReport::quantizedMicroseconds)};
    return fields;
}

struct IntegerField
{
    const char* name;
    std::function<std::int64_t(const LayerReport&)> get;
    std::function<void(LayerReport&, std::int64_t)> set;
};

const std::vector<IntegerField>& integerFields()
{
    static const std::vector<IntegerField> fields{
        {"id", [](const LayerReport& r) { return static_cast<std::int64_t>(r.id); },
         [](LayerReport& r, std::int64_t v) { r.id = core::OperatorId(static_cast<std::uint32_t>(v)); }},
        {"depth", [](const LayerReport& r) { return r.depth; },
         [](LayerReport& r, std::int64_t v) { r.depth = static_cast<int>(v); }},
        {"inherits_activation", [](const LayerReport& r) { return r.inheritsActivation ? 1 : 0; },
         [](LayerReport& r, std::int64_t v) { r.inheritsActivation = v != 0; }},
        // Makes the WeightError that the columns after it fill in.
        {"has_weight_error", [](const LayerReport& r) { return r.weightError ? 1 : 0; },
         [](LayerReport& r, std::int64_t v) {
             if (v != 0) {
                 r.weightError.emplace();
             }
         }},
        {"weight_worst_channel",
         [](const LayerReport& r) { return r.weightError ? r.weightError->worstChannel : -1; },
         [](LayerReport& r, std::int64_t v) {
             if (r.weightError) {
                 r.weightError->worstChannel = static_cast<int>(v);
             }
         }},
        {"weight_channels_limited_by_bias",
         [](const LayerReport& r) { return r.weightError ? r.weightError->channelsLimitedByBias : 0; },
         [](LayerReport& r, std::int64_t v) {
             if (r.weightError) {
                 r.weightError->channelsLimitedByBias = static_cast<int>(v);
             }
         }}};
    return fields;
}

struct ErrorField
{
    const char* prefix;
    std::optional<core::ErrorMetrics> LayerReport::*member;
};
constexpr ErrorField kErrors[]{{"isolated_", &LayerReport::isolated},
                               {"accumulated_", &LayerReport::accumulated},
                               {"at_output_", &LayerReport::atOutput}};

/// "int" stands for widths that differ.
core::Precision precisionOf(const std::string& text)
{
    return text == "int" ? core::Precision{core::Precision::Kind::Integer, 0} : core::parsePrecision(text);
}

void saveMain(Hdf5Writer& file, const std::string& path, const core::Report& report)
{
    Table table;
    for (const TextField& field : kTexts) {
        auto& column = table.addTexts(field.name);
        for (const auto& layer : report.layers) {
            column.push_back((*layer).*field.member);
        }
    }
    auto& requested = table.addTexts("requested");
    auto& effective = table.addTexts("effective");
    for (const auto& layer : report.layers) {
        requested.push_back(toString(layer->requested));
        effective.push_back(toString(layer->effective));
    }
    for (const IntegerField& field : integerFields()) {
        auto& column = table.addIntegers(field.name);
        for (const auto& layer : report.layers) {
            column.push_back(field.get(*layer));
        }
    }
    for (const auto* fields : {&realFields(), &laterFields()}) {
        for (const RealField& field : *fields) {
            auto& column = table.addReals(field.name, field.unit);
            for (const auto& layer : report.layers) {
                column.push_back(field.get(*layer));
            }
        }
    }
    for (const ErrorField& field : kErrors) {
        ErrorColumns columns(table, field.prefix);
        for (const auto& layer : report.layers) {
            columns.add((*layer).*field.member);
        }
    }
    file.table(path + "/operators", table);
}

} // namespace

void saveOperators(Hdf5Writer& file, const std::string& path, const core::Report& report)
{
    saveMain(file, path, report);
    saveNodes(file, path, report);
    saveQuantization(file, path, report);
    saveChannels(file, path, report);
    saveSamples(file, path, report);
    saveCodes(file, path, report);
    saveSaturation(file, path, report);
}

std::vector<LayerReport> loadOperators(const Hdf5Reader& file, const std::string& path)
{
    const Table table = file.table(path + "/operators");
    std::vector<LayerReport> layers(table.rows());
    for (std::size_t r = 0; r < layers.size(); ++r) {
        for (const TextField& field : kTexts) {
            layers[r].*field.member = table.texts(field.name)[r];
        }
        layers[r].requested = precisionOf(table.texts("requested")[r]);
        layers[r].effective = precisionOf(table.texts("effective")[r]);
        for (const IntegerField& field : integerFields()) {
            field.set(layers[r], table.integers(field.name)[r]);
        }
        for (const RealField& field : realFields()) {
            field.set(layers[r], table.reals(field.name)[r]);
        }
        for (const RealField& field : laterFields()) {
            const auto named = std::ranges::find(table.columns(), field.name, &Table::Column::name);
            if (named != table.columns().end()) {
                field.set(layers[r], table.reals(field.name)[r]);
            }
        }
        for (const ErrorField& field : kErrors) {
            layers[r].*field.member = ErrorColumns::read(table, field.prefix, r);
        }
    }
    loadNodes(file, path, layers);
    loadQuantization(file, path, layers);
    loadChannels(file, path, layers);
    loadSamples(file, path, layers);
    loadCodes(file, path, layers);
    loadSaturation(file, path, layers);
    return layers;
}

} // namespace io
