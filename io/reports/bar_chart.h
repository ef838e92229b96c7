#pragma once

#include <optional>
#include <string>
#include <vector>

namespace io::html {

/// A bar; none where there is no number. `low` and `high` are the ends of its whisker, where it has one.
struct Bar
{
    std::optional<double> value;
    std::optional<double> low{};
    std::optional<double> high{};
};

struct BarSeries
{
    std::string name;
    std::vector<Bar> bars; ///< one per group
};

/// Bars of several series side by side over named groups, as an inline SVG coloured by the page's style
/// sheet. The axis starts at 0; values are not below it. Empty when no bar has a number.
[[nodiscard]] std::string barChartSvg(const std::string& axis, const std::vector<std::string>& groups,
                                      const std::vector<BarSeries>& series);

/// The names of the series beside their colours.
[[nodiscard]] std::string barLegend(const std::vector<BarSeries>& series);

} // namespace io::html
