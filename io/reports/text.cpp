#include "io/reports/text.h"

#include "core/report/non_finite.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace io::html {

namespace {

constexpr std::string_view kMissing = "–";

std::string withMinus(std::string text)
{
    if (!text.empty() && text.front() == '-') {
        text.replace(0, 1, "−");
    }
    return text;
}

/// What an error met instead of a number.
std::optional<std::string> nonFiniteText(const core::ErrorMetrics& error)
{
    const std::string_view name = core::nonFiniteName(error);
    if (name.empty()) {
        return std::nullopt;
    }
    return name == "nan" ? "NaN" : name == "infinity" ? "infinite" : "∞ (y = 0)";
}

} // namespace

std::string escaped(std::string_view text)
{
    std::string safe;
    safe.reserve(text.size());
    for (const char c : text) {
        switch (c) {
        case '&':
            safe += "&amp;";
            break;
        case '<':
            safe += "&lt;";
            break;
        case '>':
            safe += "&gt;";
            break;
        case '"':
            safe += "&quot;";
            break;
        case '\'':
            safe += "&#39;";
            break;
        default:
            safe += c;
        }
    }
    return safe;
}

std::string realText(double value)
{
    return std::isfinite(value) ? withMinus(fmt::format("{:.4g}", value)) : std::string(kMissing);
}

std::string percentText(double share)
{
    if (share > 0.0 && share < 1e-5) {
        return "< 0.001 %";
    }
    return std::isfinite(share) ? withMinus(fmt::format("{:.3g} %", 100.0 * share))
        : std::isnan(share)     ? "NaN"
                                : "∞";
}

std::string decibelText(double decibel)
{
    if (std::isinf(decibel)) {
        return decibel > 0 ? "∞" : "−∞";
    }
    return withMinus(fmt::format("{:.1f}", decibel));
}

std::string rangeText(core::Range range)
{
    return fmt::format("{} … {}", realText(range.min), realText(range.max));
}

std::string cell(const std::string& text, std::optional<double> value, std::string_view kind)
{
    // What a page's script reads has no infinity.
    return value && !std::isnan(*value)
        ? fmt::format("<td class=\"{}\" data-v=\"{}\">{}</td>", kind, std::clamp(*value, -1e9, 1e9), text)
        : fmt::format("<td class=\"{}\">{}</td>", kind, text);
}

std::string errorCell(const std::optional<core::ErrorMetrics>& error)
{
    if (!error || !error->relativeL2) {
        return cell(std::string(kMissing), std::nullopt);
    }
    // The scale of the window: 0.1 % is cold, 100 % is hot, logarithmic.
    const double relative = *error->relativeL2;
    const double heat = relative > 0.0 ? std::clamp((std::log10(relative) + 3.0) / 3.0, 0.0, 1.0) : 0.0;
    return fmt::format("<td class=\"n heat h{}\" data-v=\"{}\">{}</td>",
                       static_cast<int>(std::lround(heat * 8.0)), std::min(relative, 1e9),
                       nonFiniteText(*error).value_or(percentText(relative)));
}

std::string sqnrCell(const std::optional<core::ErrorMetrics>& error)
{
    if (!error) {
        return cell(std::string(kMissing), std::nullopt);
    }
    if (const auto text = nonFiniteText(*error)) {
        return cell(*text, -1e9, "n heat h8");
    }
    return error->sqnrDb ? cell(decibelText(*error->sqnrDb), error->sqnrDb) : cell("∞", 1e9);
}

} // namespace io::html
