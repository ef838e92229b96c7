#include "io/files/text_format.h"

#include "core/base/error.h"
#include "io/files/json_keys.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace io {

namespace {

template <typename T>
std::string shortestForm(T value)
{
    std::array<char, 40> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}

} // namespace

std::string shortest(float value) { return shortestForm(value); }
std::string shortest(double value) { return shortestForm(value); }

nlohmann::ordered_json jsonNumber(float value) { return nlohmann::ordered_json::parse(shortest(value)); }

nlohmann::ordered_json numberOrNull(double value)
{
    return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json numberOrNull(const std::optional<double>& value)
{
    return value ? numberOrNull(*value) : nlohmann::ordered_json(nullptr);
}

ReadJson parseJson(std::string_view content, std::string_view file)
{
    try {
        auto json = ReadJson::parse(content);
        refuseDuplicateKeys(content, file);
        return json;
    } catch (const nlohmann::json::exception& error) {
        std::string why = error.what();
        std::ranges::replace(why, '\n', ' ');
        throw core::Error(core::ErrorKind::FileFormat, fmt::format("{}: not JSON: {}", file, why));
    }
}

void refuseLine(std::string_view file, std::size_t line, const std::string& what)
{
    throw core::Error(core::ErrorKind::FileFormat, fmt::format("{}:{}: {}", file, line, what));
}

float floatOf(std::string_view text, std::string_view file, std::size_t line)
{
    float value = 0.0f;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
        refuseLine(file, line, fmt::format("'{}' is no number", text));
    }
    return value;
}

std::vector<std::string_view> linesOf(std::string_view content)
{
    std::vector<std::string_view> lines;
    while (!content.empty()) {
        const std::size_t end = content.find('\n');
        std::string_view line = content.substr(0, end);
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        lines.push_back(line);
        content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
    }
    return lines;
}

} // namespace io
