#include "views/base/format.h"

#include "core/report/non_finite.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <cmath>

namespace views {

namespace {

QString fixed(double value, int digits)
{
    // Three significant digits without an exponent in the span that people read as a plain number.
    const double magnitude = std::abs(value);
    const int before = magnitude >= 1.0 ? static_cast<int>(std::floor(std::log10(magnitude))) + 1 : 1;
    return QLocale::c().toString(value, 'f', std::max(0, digits - before));
}

/// An error that met NaN or infinity says so instead of a number.
QString nonFiniteText(const core::ErrorMetrics& error)
{
    return core::nonFiniteName(error) == "nan" ? QStringLiteral("NaN") : QStringLiteral("infinite");
}

} // namespace

QString missingText() { return QStringLiteral("–"); }

QString realText(double value, int digits)
{
    if (!std::isfinite(value)) {
        return std::isnan(value) ? missingText() : QStringLiteral("∞");
    }
    return QString::number(value, 'g', digits).replace(QLatin1Char('-'), QStringLiteral("−"));
}

QString shareText(double share)
{
    if (!std::isfinite(share)) {
        return std::isnan(share) ? missingText() : QStringLiteral("∞");
    }
    const double percent = share * 100.0;
    if (percent != 0.0 && std::abs(percent) < 0.001) {
        return QStringLiteral("< 0.001 %");
    }
    return percent == 0.0 ? QStringLiteral("0 %")
                          : fixed(percent, percent < 1.0 ? 4 : 3) + QStringLiteral(" %");
}

QString decibelText(double decibel)
{
    if (std::isnan(decibel)) {
        return missingText();
    }
    return std::isinf(decibel)
        ? (decibel > 0.0 ? QStringLiteral("∞") : QStringLiteral("−∞"))
        : QString::number(decibel, 'f', 1).replace(QLatin1Char('-'), QStringLiteral("−"));
}

QString durationText(double microseconds)
{
    if (microseconds < 1000.0) {
        return fixed(microseconds, 3) + QStringLiteral(" µs");
    }
    return fixed(microseconds / 1000.0, 3) + QStringLiteral(" ms");
}

QString countText(double count)
{
    if (count < 10000.0) {
        return QString::number(count, 'f', 0);
    }
    return count < 1e6 ? fixed(count / 1e3, 3) + QStringLiteral(" k")
                       : fixed(count / 1e6, 3) + QStringLiteral(" M");
}

QString rangeText(core::Range range)
{
    return realText(range.min) + QStringLiteral(" … ") + realText(range.max);
}

QString secondsText(double seconds)
{
    const auto whole = static_cast<long long>(std::ceil(std::max(0.0, seconds)));
    if (whole < 60) {
        return QStringLiteral("%1 s").arg(whole);
    }
    return QStringLiteral("%1 min %2 s").arg(whole / 60).arg(whole % 60, 2, 10, QLatin1Char('0'));
}

QString relativeText(const std::optional<core::ErrorMetrics>& error)
{
    if (error && core::isNonFinite(*error)) {
        return nonFiniteText(*error);
    }
    return error && error->relativeL2 ? shareText(*error->relativeL2) : missingText();
}

QString sqnrText(const std::optional<core::ErrorMetrics>& error)
{
    if (!error) {
        return missingText();
    }
    if (core::isNonFinite(*error)) {
        return nonFiniteText(*error);
    }
    return error->sqnrDb   ? decibelText(*error->sqnrDb)
        : error->l2 == 0.0 ? QStringLiteral("∞")
                           : missingText();
}

QString typeText(const core::QuantizationParams& params)
{
    const bool isSigned = params.type == core::DataType::Int8 || params.type == core::DataType::Int16;
    return (isSigned ? QStringLiteral("s%1") : QStringLiteral("u%1")).arg(params.bits);
}

QString paramsText(const core::QuantizationParams& params)
{
    if (params.scale.empty()) {
        return typeText(params);
    }
    if (params.isPerChannel()) {
        const auto [low, high] = std::ranges::minmax(params.scale);
        return QCoreApplication::translate("format", "%1 per channel · scales %2 … %3")
            .arg(typeText(params), realText(low, 3), realText(high, 3));
    }
    return QCoreApplication::translate("format", "%1 · scale %2 · zero point %3")
        .arg(typeText(params), realText(params.scale.front()))
        .arg(params.zeroPoint.empty() ? 0 : params.zeroPoint.front());
}

QString methodTitle(const core::CalibrationMethod& method)
{
    const core::CalibrationMethodDefinition* const definition = core::findCalibrationMethod(method.name);
    const QString title = definition && !definition->title.empty()
        ? QString::fromUtf8(definition->title.data(), static_cast<qsizetype>(definition->title.size()))
        : QString::fromStdString(method.name);
    return method.parameter ? title + QLatin1Char(' ') + QString::number(*method.parameter, 'g', 6) : title;
}

} // namespace views
