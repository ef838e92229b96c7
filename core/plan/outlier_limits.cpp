#include "core/plan/plan.h"
#include "core/plan/refuse.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace core {

namespace {

constexpr std::string_view kAccepted =
    "density=SHARE (0 … 1), m=, n= and k=NUMBER (from 0), parted by commas: density=0.05,m=0,n=0,k=0";

/// False where it is no number from 0 to `most`.
template <typename Number>
bool read(std::string_view text, Number most, Number& number)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && number >= 0 && number <= most;
}

bool readPart(std::string_view key, std::string_view value, OutlierLimits& limits)
{
    constexpr int kMost = 1 << 30;
    return key == "density" ? read(value, 1.0, limits.density)
        : key == "m"        ? read(value, kMost, limits.rows)
        : key == "n"        ? read(value, kMost, limits.columns)
                            : key == "k" && read(value, kMost, limits.products);
}

} // namespace

std::string toString(const OutlierLimits& limits)
{
    return fmt::format("density={},m={},n={},k={}", limits.density, limits.rows, limits.columns,
                       limits.products);
}

OutlierLimits parseOutlierLimits(std::string_view text)
{
    OutlierLimits limits;
    std::string_view rest = text;
    do {
        const std::string_view part = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(part.size() + 1, rest.size()));
        const std::size_t equals = part.find('=');
        if (equals == std::string_view::npos
            || !readPart(part.substr(0, equals), part.substr(equals + 1), limits)) {
            refuse("acc16_thresholds", text, kAccepted);
        }
    } while (!rest.empty());
    return limits;
}

} // namespace core
