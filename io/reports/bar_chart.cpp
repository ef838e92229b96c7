#include "io/reports/bar_chart.h"

#include "io/reports/plots.h"
#include "io/reports/text.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <iterator>

namespace io::html {

namespace {

constexpr double kLeft = 52;
constexpr double kTop = 12;
constexpr double kWidth = 1034;
constexpr double kHeight = 240;

double niceStep(double most)
{
    const double power = std::pow(10.0, std::floor(std::log10(most / 5)));
    const double digit = most / 5 / power;
    return power * (digit <= 1.0 ? 1.0 : digit <= 2.0 ? 2.0 : digit <= 5.0 ? 5.0 : 10.0);
}

double highest(const std::vector<BarSeries>& series)
{
    double most = 0.0;
    for (const BarSeries& one : series) {
        for (const Bar& bar : one.bars) {
            most = std::max({most, bar.value.value_or(0.0), bar.high.value_or(0.0)});
        }
    }
    return most;
}

std::string shortened(const std::string& name)
{
    constexpr std::size_t kMost = 26;
    return name.size() > kMost ? "…" + name.substr(name.size() - kMost + 1) : name;
}

} // namespace

std::string barChartSvg(const std::string& axis, const std::vector<std::string>& groups,
                        const std::vector<BarSeries>& series)
{
    const double most = highest(series);
    if (groups.empty() || !(most > 0.0) || !std::isfinite(most)) {
        return {};
    }
    const double grid = niceStep(most);
    const double high = std::ceil(most / grid) * grid;
    const auto y = [&](double value) { return kTop + kHeight * (1.0 - value / high); };
    std::string svg = fmt::format(
        "<svg class=\"plot\" viewBox=\"0 0 1100 370\" role=\"img\" aria-label=\"{}\">", escaped(axis));
    const auto out = std::back_inserter(svg);
    for (double value = 0.0; value <= high + grid / 2; value += grid) {
        fmt::format_to(out,
                       "<line x1=\"{0}\" y1=\"{2:.1f}\" x2=\"{1}\" y2=\"{2:.1f}\" class=\"grid\"/>"
                       "<text x=\"{3}\" y=\"{4:.1f}\" text-anchor=\"end\">{5}</text>",
                       kLeft, kLeft + kWidth, y(value), kLeft - 6, y(value) + 4, realText(value));
    }
    fmt::format_to(out,
                   "<text transform=\"translate(13 {:.0f}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
                   kTop + kHeight / 2, escaped(axis));
    const double room = kWidth / static_cast<double>(groups.size());
    const double width = std::min(room * 0.8 / static_cast<double>(series.size()), 46.0);
    for (std::size_t g = 0; g < groups.size(); ++g) {
        const double middle = kLeft + room * (static_cast<double>(g) + 0.5);
        const double first = middle - width * static_cast<double>(series.size()) / 2;
        for (std::size_t s = 0; s < series.size(); ++s) {
            const Bar& bar = series[s].bars[g];
            const double x = first + width * static_cast<double>(s);
            if (!bar.value || !std::isfinite(*bar.value)) {
                continue;
            }
            fmt::format_to(out,
                           "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" class=\"bar "
                           "s{}\"><title>{}, {}: {}</title></rect>",
                           x, y(*bar.value), width - 1, kTop + kHeight - y(*bar.value), s % kSeries,
                           escaped(groups[g]), escaped(series[s].name), realText(*bar.value));
            if (bar.low && bar.high) {
                fmt::format_to(out,
                               "<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{0:.1f}\" y2=\"{2:.1f}\" "
                               "class=\"whisker\"/>",
                               x + width / 2, y(*bar.low), y(*bar.high));
            }
        }
        fmt::format_to(
            out, "<text transform=\"translate({:.1f} {:.0f}) rotate(-24)\" text-anchor=\"end\">{}</text>",
            middle + 6, kTop + kHeight + 18, escaped(shortened(groups[g])));
    }
    return svg + "</svg>";
}

std::string barLegend(const std::vector<BarSeries>& series)
{
    std::string html = "<p class=\"note\">";
    for (std::size_t s = 0; s < series.size(); ++s) {
        html += fmt::format("<span class=\"key bar s{}\"></span>{} &nbsp; ", s % kSeries,
                            escaped(series[s].name));
    }
    return html + "</p>";
}

} // namespace io::html
