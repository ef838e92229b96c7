#include "io/reports/plots.h"

#include "core/report/cause.h"
#include "core/report/display_bins.h"
#include "io/reports/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace io::html {

namespace {

struct Frame
{
    double left = 46;
    double top = 10;
    double width = 0;
    double height = 0;
    double low = 0; ///< of the value axis
    double high = 1;

    [[nodiscard]] double y(double value) const { return top + height * (high - value) / (high - low); }
    [[nodiscard]] double bottom() const { return top + height; }
};

void line(std::string& svg, double x1, double y1, double x2, double y2, std::string_view kind)
{
    fmt::format_to(std::back_inserter(svg),
                   "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>", x1, y1, x2,
                   y2, kind);
}

void text(std::string& svg, double x, double y, std::string_view what, std::string_view anchor)
{
    fmt::format_to(std::back_inserter(svg), "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>", x,
                   y, anchor, what);
}

/// 1, 2 or 5 times a power of ten, so that about `wanted` steps span the range.
double stepFor(double span, int wanted)
{
    const double raw = span / wanted;
    const double power = std::pow(10.0, std::floor(std::log10(raw)));
    const double digit = raw / power;
    return power * (digit <= 1.0 ? 1.0 : digit <= 2.0 ? 2.0 : digit <= 5.0 ? 5.0 : 10.0);
}

constexpr double kFloorDb = -20.0;

std::optional<double> decibels(const std::optional<core::ErrorMetrics>& error)
{
    // The worst there is lies on the floor of the plot.
    return error && error->sqnrDb ? std::optional(std::max(*error->sqnrDb, kFloorDb)) : std::nullopt;
}

using Errors = std::optional<core::ErrorMetrics> core::LayerReport::*;

void series(std::string& svg, const core::Report& report, const Frame& frame, double step, Errors which,
            std::string_view kind, std::string_view title)
{
    std::string path;
    std::string points;
    for (std::size_t i = 0; i < report.layers.size(); ++i) {
        const core::LayerReport& layer = *report.layers[i];
        const auto value = decibels(layer.*which);
        if (!value) {
            continue; // no number here: the line goes on from the one before
        }
        const double x = frame.left + step * (static_cast<double>(i) + 0.5);
        const double y = frame.y(std::clamp(*value, frame.low, frame.high));
        fmt::format_to(std::back_inserter(path), "{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x, y);
        fmt::format_to(std::back_inserter(points),
                       "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"><title>{}: {} {} dB</title></circle>", x,
                       y, escaped(layer.name), title, decibelText(*value));
    }
    svg += fmt::format("<g class=\"{}\"><path d=\"{}\"/>{}</g>", kind, path, points);
}

std::string steps(const std::vector<double>& counts, const Frame& frame, double step, bool filled)
{
    std::string path;
    const auto at = [&](double x, double y) {
        fmt::format_to(std::back_inserter(path), "{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x, y);
    };
    if (filled) {
        at(frame.left, frame.bottom());
    }
    double before = -1.0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        const double y = counts[i] < 0.5 ? frame.bottom() : frame.y(std::log10(counts[i]));
        if (y != before) {
            const double x = frame.left + step * static_cast<double>(i);
            if (before >= 0.0) {
                at(x, before);
            }
            at(x, y);
            before = y;
        }
    }
    at(frame.left + frame.width, std::max(before, 0.0));
    if (filled) {
        at(frame.left + frame.width, frame.bottom());
    }
    return path;
}

} // namespace

std::string profileSvg(const core::Report& report)
{
    constexpr std::size_t kMostNames = 48; // more cannot be read
    double low = 0.0;
    double high = 0.0;
    bool any = false;
    for (const auto& layer : report.layers) {
        for (const auto& value : {decibels(layer->isolated), decibels(layer->accumulated)}) {
            if (value && std::isfinite(*value)) {
                low = std::min(low, *value);
                high = std::max(high, *value);
                any = true;
            }
        }
    }
    if (!any) {
        return {};
    }
    const bool named = report.layers.size() <= kMostNames;
    Frame frame{.width = 1040, .height = 230, .low = low, .high = std::max(high, low + 1.0)};
    const double grid = stepFor(frame.high - frame.low, 5);
    frame.low = std::floor(frame.low / grid) * grid;
    frame.high = std::ceil(frame.high / grid) * grid;
    const double step = frame.width / static_cast<double>(report.layers.size());
    std::string svg =
        fmt::format("<svg class=\"plot\" viewBox=\"0 0 1100 {}\" role=\"img\" aria-label=\"SQNR of every "
                    "operator in the order of the network\">",
                    named ? 350 : 280);
    for (double value = frame.low; value <= frame.high + grid / 2; value += grid) {
        line(svg, frame.left, frame.y(value), frame.left + frame.width, frame.y(value), "grid");
        text(svg, frame.left - 6, frame.y(value) + 4, realText(std::abs(value) < grid / 2 ? 0.0 : value),
             "end");
    }
    svg += fmt::format(
        "<text transform=\"translate(12 {:.0f}) rotate(-90)\" text-anchor=\"middle\">SQNR (dB)</text>",
        frame.top + frame.height / 2);
    for (std::size_t i = 0; named && i < report.layers.size(); ++i) {
        fmt::format_to(
            std::back_inserter(svg),
            "<text transform=\"translate({:.1f} {:.0f}) rotate(-38)\" text-anchor=\"end\">{}</text>",
            frame.left + step * (static_cast<double>(i) + 0.5) + 4, frame.bottom() + 14,
            escaped(report.layers[i]->name.size() > 22
                        ? "…" + report.layers[i]->name.substr(report.layers[i]->name.size() - 21)
                        : report.layers[i]->name));
    }
    if (!named) {
        text(svg, frame.left, frame.bottom() + 18, "first operator", "start");
        text(svg, frame.left + frame.width, frame.bottom() + 18, "last operator", "end");
    }
    series(svg, report, frame, step, &core::LayerReport::isolated, "isolated", "isolated");
    series(svg, report, frame, step, &core::LayerReport::accumulated, "accumulated", "accumulated");
    return svg + "</svg>";
}

std::string histogramSvg(const core::Results& results, const core::LayerReport& layer,
                         const std::vector<core::MethodOutcome>& methods)
{
    constexpr int kBins = 260;
    const core::TensorStatistics* const statistics = results.measured(layer.output);
    if (!statistics || !layer.activation) {
        return {};
    }
    const core::QuantizationParams& params = layer.activation->params;
    const core::DisplayGrid bins = core::displayGrid(*statistics, params.range(), kBins);
    if (bins.bins == 0) {
        return {};
    }
    const std::vector<double> fp32 = core::binnedValues(*statistics, bins);
    const core::CodeCounts codes =
        layer.codeCounts ? *layer.codeCounts : core::simulatedCodes(*statistics, params);
    const std::vector<double> quantized = core::binnedCodes(codes, params, statistics->total.zeros, bins);
    const double most = std::max(*std::ranges::max_element(fp32), *std::ranges::max_element(quantized));
    Frame frame{.width = 500,
                .height = 250,
                .low = -0.3,
                .high = std::max(1.0, std::log10(std::max(1.0, most)) + 0.1)};
    const auto x = [&](double value) {
        return frame.left
            + frame.width * std::clamp((value - bins.lower) / (bins.upper() - bins.lower), 0.0, 1.0);
    };
    std::string svg = fmt::format(
        "<svg class=\"plot\" viewBox=\"0 0 560 300\" role=\"img\" aria-label=\"Distribution of {}\">",
        escaped(layer.output));
    const core::Range range = params.range();
    for (const auto& [from, to] : {std::pair(bins.lower, range.min), std::pair(range.max, bins.upper())}) {
        if (to > from) {
            fmt::format_to(std::back_inserter(svg),
                           "<rect x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\" class=\"clipped\"/>",
                           x(from), frame.top, x(to) - x(from), frame.height);
        }
    }
    for (int power = 0; power <= static_cast<int>(frame.high); power += frame.high > 5 ? 2 : 1) {
        line(svg, frame.left, frame.y(power), frame.left + frame.width, frame.y(power), "grid");
        text(svg, frame.left - 6, frame.y(power) + 4, power == 0 ? "1" : fmt::format("1e{}", power), "end");
    }
    const double step = stepFor(bins.upper() - bins.lower, 6);
    for (double value = std::ceil(bins.lower / step) * step; value <= bins.upper(); value += step) {
        line(svg, x(value), frame.bottom(), x(value), frame.bottom() + 4, "axis");
        text(svg, x(value), frame.bottom() + 17, realText(std::abs(value) < step / 2 ? 0.0 : value),
             "middle");
    }
    line(svg, frame.left, frame.bottom(), frame.left + frame.width, frame.bottom(), "axis");
    const double width = frame.width / bins.bins;
    svg += fmt::format("<path class=\"fp32\" d=\"{}\"/>", steps(fp32, frame, width, true));
    svg += fmt::format("<path class=\"codes\" d=\"{}\"/>", steps(quantized, frame, width, false));
    for (std::size_t i = 0; i < methods.size(); ++i) {
        for (const double end : {methods[i].range.min, methods[i].range.max}) {
            if (end != 0.0) {
                fmt::format_to(std::back_inserter(svg),
                               "<line x1=\"{0:.1f}\" y1=\"{1}\" x2=\"{0:.1f}\" y2=\"{2}\" class=\"method "
                               "s{3}\"><title>{4}: {5}</title></line>",
                               x(end), frame.top, frame.bottom(), i % kSeries,
                               escaped(core::toString(methods[i].method)), realText(end));
            }
        }
    }
    for (const double end : {range.min, range.max}) {
        if (end != 0.0) {
            line(svg, x(end), frame.top, x(end), frame.bottom(), "inuse");
        }
    }
    return svg + "</svg>";
}

} // namespace io::html
