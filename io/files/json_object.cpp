#include "io/files/json_object.h"

#include "core/base/error.h"
#include "core/base/near_misses.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>

namespace io {

JsonObject::JsonObject(const nlohmann::json& json, std::string where)
    : m_json(&json)
    , m_where(std::move(where))
{
    if (!json.is_object()) {
        fail("must be an object {…}");
    }
}

void JsonObject::allowKeys(std::initializer_list<std::string_view> keys) const
{
    allowKeys(std::span(keys.begin(), keys.size()));
}

void JsonObject::allowKeys(std::span<const std::string_view> keys) const
{
    for (const auto& [key, value] : m_json->items()) {
        if (std::ranges::find(keys, key) == keys.end()) {
            const std::vector<std::string> known(keys.begin(), keys.end());
            const std::string near = core::nearMisses(key, known);
            fail(fmt::format("unknown key '{}'{}", key,
                             near.empty() ? fmt::format("; known are {}", fmt::join(known, ", ")) : near));
        }
    }
}

const nlohmann::json& JsonObject::at(std::string_view key) const
{
    const auto found = m_json->find(key);
    if (found == m_json->end()) {
        fail(fmt::format("'{}' is missing", key));
    }
    return *found;
}

std::string JsonObject::text(std::string_view key) const
{
    const nlohmann::json& value = at(key);
    if (!value.is_string()) {
        fail(fmt::format("'{}' must be a text", key));
    }
    return value.get<std::string>();
}

std::string JsonObject::textOr(std::string_view key, std::string_view fallback) const
{
    return has(key) ? text(key) : std::string(fallback);
}

std::int64_t JsonObject::integer(std::string_view key, std::int64_t least) const
{
    const nlohmann::json& value = at(key);
    constexpr std::uint64_t kMost = std::uint64_t{1} << 62;
    if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<std::uint64_t>() > kMost)
        || value.get<std::int64_t>() < least) {
        fail(fmt::format("'{}' must be a whole number of at least {}", key, least));
    }
    return value.get<std::int64_t>();
}

std::int64_t JsonObject::integerOr(std::string_view key, std::int64_t least, std::int64_t fallback) const
{
    return has(key) ? integer(key, least) : fallback;
}

double JsonObject::number(std::string_view key) const
{
    const nlohmann::json& value = at(key);
    if (!value.is_number()) {
        fail(fmt::format("'{}' must be a number", key));
    }
    return value.get<double>();
}

std::vector<double> JsonObject::numbers(std::string_view key) const
{
    const nlohmann::json& value = at(key);
    std::vector<double> result;
    for (const nlohmann::json& element : value.is_array() ? value : nlohmann::json::array({value})) {
        if (!element.is_number()) {
            fail(fmt::format("'{}' must be a number or an array of numbers", key));
        }
        result.push_back(element.get<double>());
    }
    return result;
}

std::vector<std::int64_t> JsonObject::integers(std::string_view key, std::int64_t least) const
{
    std::vector<std::int64_t> result;
    for (const double value : numbers(key)) {
        if (value != std::floor(value) || value < static_cast<double>(least) || value > 9e15) {
            fail(fmt::format("'{}' must hold whole numbers of at least {}", key, least));
        }
        result.push_back(static_cast<std::int64_t>(value));
    }
    return result;
}

void JsonObject::refuseTogether(std::initializer_list<std::string_view> keys) const
{
    std::vector<std::string_view> present;
    std::ranges::copy_if(keys, std::back_inserter(present), [&](std::string_view key) { return has(key); });
    if (present.size() > 1) {
        fail(fmt::format("{} exclude each other", fmt::join(present, " and ")));
    }
}

void JsonObject::failUnknown(std::string_view key, const std::string& value,
                             const std::vector<std::string>& known) const
{
    fail(fmt::format("unknown {} '{}'{}; known are {}", key, value, core::nearMisses(value, known),
                     fmt::join(known, ", ")));
}

void JsonObject::fail(std::string_view message) const
{
    throw core::Error(core::ErrorKind::Usage, fmt::format("{}: {}", m_where, message));
}

} // namespace io
