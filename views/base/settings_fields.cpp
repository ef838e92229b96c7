#include "views/base/settings_fields.h"

#include "views/base/settings_field_builder.h"

#include <algorithm>
#include <iterator>

namespace views {

namespace {

using fields::Choices;
using fields::field;
using fields::Half;
using fields::tr;

QString qt(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

template <typename Access>
SettingsField methodField(SettingsField made, Access access)
{
    for (const core::CalibrationMethodDefinition& method : core::calibrationMethods()) {
        made.choices.push_back({qt(method.name), qt(method.title), qt(method.help)});
    }
    made =
        field(std::move(made), access, [](const std::string& t) { return core::parseCalibrationMethod(t); });
    made.choice = [access](const core::OperatorSettings& settings) {
        const auto& method = access(settings);
        return method ? std::optional(QString::fromStdString(method->name)) : std::nullopt;
    };
    return made;
}

Choices plain(std::initializer_list<const char*> values)
{
    Choices choices;
    for (const char* const value : values) {
        choices.push_back({QLatin1String(value), {}, {}});
    }
    return choices;
}

Choices bits()
{
    Choices choices;
    for (int width = 2; width <= 16; ++width) {
        choices.push_back({QString::number(width), {}, {}});
    }
    return choices;
}

Choices schemes()
{
    return {{QStringLiteral("asymmetric"), {}, tr("Any zero point; zero stays exact")},
            {QStringLiteral("symmetric"), {}, tr("Zero point 0 of a signed type; both ends equally far")}};
}

const auto parseInt = [](const std::string& text) { return std::stoi(text); };

std::vector<SettingsField> outputFields()
{
    std::vector<SettingsField> fields;
    SettingsField precision{
        .key = "precision",
        .name = "precision",
        .label = tr("Precision"),
        .help = tr("What the operator runs in; intN sets the widths of output and weights"),
        .choices = plain({"int8", "fp32", "bf16", "fp16", "int2", "int3", "int4", "int5", "int6", "int7",
                          "int9", "int10", "int12", "int14", "int16", "int"}),
        .integerOnly = false};
    precision = field(
        std::move(precision), [](auto& s) -> auto& { return s.precision; },
        [](const std::string& text) { return core::parsePrecision(text); });
    precision.set = [set = precision.set](core::OperatorSettings& settings, const QString& text) {
        set(settings, text);
        if (settings.precision->isInteger()) { // intN sets both widths
            settings.activation.bits.reset();
            settings.weight.bits.reset();
        }
    };
    fields.push_back(std::move(precision));
    fields.push_back(methodField(
        {.key = "activation.method",
         .name = "activationMethod",
         .label = tr("Output by"),
         .help = tr("How the range of the output is chosen from the calibration data"),
         .integerOnly = false},
        [](auto& s) -> auto& { return s.activation.method; }));
    fields.push_back(field(
        {.key = "activation.scheme",
         .name = "activationScheme",
         .label = tr("Output scheme"),
         .help = tr("Whether the output's zero point is free or 0"),
         .choices = schemes()},
        [](auto& s) -> auto& { return s.activation.scheme; },
        [](const std::string& text) { return core::parseScheme(text); }));
    fields.push_back(field(
        {.key = "activation.bits",
         .name = "activationBits",
         .label = tr("Output bits"),
         .help = tr("Width of the output's codes"),
         .choices = bits()},
        [](auto& s) -> auto& { return s.activation.bits; }, parseInt));
    return fields;
}

std::vector<SettingsField> weightFields()
{
    std::vector<SettingsField> fields;
    fields.push_back(methodField(
        {.key = "weight.method",
         .name = "weightMethod",
         .half = Half::Weights,
         .label = tr("Weights by"),
         .help = tr("How the range of the weights is chosen")},
        [](auto& s) -> auto& { return s.weight.method; }));
    fields.push_back(field(
        {.key = "weight.granularity",
         .name = "weightGranularity",
         .half = Half::Weights,
         .label = tr("Granularity"),
         .help = tr("How many weights share a scale"),
         .choices = {{QStringLiteral("per-channel"), {}, tr("One scale per output channel")},
                     {QStringLiteral("per-tensor"), {}, tr("One scale for all weights")}}},
        [](auto& s) -> auto& { return s.weight.granularity; },
        [](const std::string& text) { return core::parseGranularity(text); }));
    fields.push_back(field(
        {.key = "weight.scheme",
         .name = "weightScheme",
         .half = Half::Weights,
         .label = tr("Weight scheme"),
         .help = tr("Whether the weights' zero point is free or 0"),
         .choices = schemes()},
        [](auto& s) -> auto& { return s.weight.scheme; },
        [](const std::string& text) { return core::parseScheme(text); }));
    fields.push_back(field(
        {.key = "weight.bits",
         .name = "weightBits",
         .half = Half::Weights,
         .label = tr("Weight bits"),
         .help = tr("Width of the weights' codes"),
         .choices = bits()},
        [](auto& s) -> auto& { return s.weight.bits; }, parseInt));
    return fields;
}

} // namespace

const std::vector<SettingsField>& settingsFields()
{
    static const std::vector<SettingsField> kFields = [] {
        std::vector<SettingsField> all = outputFields();
        for (auto more : {weightFields(), fields::rareFields()}) {
            std::move(more.begin(), more.end(), std::back_inserter(all));
        }
        return all;
    }();
    return kFields;
}

} // namespace views
