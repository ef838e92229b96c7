#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace io {

/// One object of a description, read strictly: every mistake throws core::Error(Usage) that says where it
/// stands.
class JsonObject
{
public:
    /// `where` begins every message, e.g. "a.data.json: inputs[0]".
    JsonObject(const nlohmann::json& json, std::string where);

    /// Keys other than these are errors, with near misses.
    void allowKeys(std::initializer_list<std::string_view> keys) const;
    void allowKeys(std::span<const std::string_view> keys) const;

    [[nodiscard]] bool has(std::string_view key) const { return m_json->contains(key); }
    [[nodiscard]] const nlohmann::json& at(std::string_view key) const; ///< throws when the key is missing
    [[nodiscard]] std::string text(std::string_view key) const;
    [[nodiscard]] std::string textOr(std::string_view key, std::string_view fallback) const;
    [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t least) const;
    [[nodiscard]] std::int64_t integerOr(std::string_view key, std::int64_t least,
                                         std::int64_t fallback) const;
    [[nodiscard]] double number(std::string_view key) const;
    [[nodiscard]] std::vector<double> numbers(std::string_view key) const; ///< one number or an array of them
    [[nodiscard]] std::vector<std::int64_t> integers(std::string_view key, std::int64_t least) const;

    /// At most one of these keys may be there.
    void refuseTogether(std::initializer_list<std::string_view> keys) const;

    /// The value that a text stands for; another text is an error that lists the known ones.
    template <typename T, std::size_t N>
    [[nodiscard]] T choice(std::string_view key,
                           const std::array<std::pair<std::string_view, T>, N>& choices) const
    {
        const std::string wanted = text(key);
        std::vector<std::string> names;
        for (const auto& [name, value] : choices) {
            if (name == wanted) {
                return value;
            }
            names.emplace_back(name);
        }
        failUnknown(key, wanted, names);
    }

    [[noreturn]] void fail(std::string_view message) const;
    [[nodiscard]] const std::string& where() const { return m_where; }

private:
    [[noreturn]] void failUnknown(std::string_view key, const std::string& value,
                                  const std::vector<std::string>& known) const;

    const nlohmann::json* m_json;
    std::string m_where;
};

} // namespace io
