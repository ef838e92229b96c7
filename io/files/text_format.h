#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Numbers, lines and JSON of text files, in one spelling.
namespace io {

/// What is read looks keys up: an object may have very many, which an ordered one compares each with each.
using ReadJson = nlohmann::json;

/// A float in the shortest decimal form that reads back as the same float.
[[nodiscard]] std::string shortest(float value);
[[nodiscard]] std::string shortest(double value);
[[nodiscard]] nlohmann::ordered_json jsonNumber(float value);
/// JSON has no infinity and no NaN: they become null, as what is absent.
[[nodiscard]] nlohmann::ordered_json numberOrNull(double value);
[[nodiscard]] nlohmann::ordered_json numberOrNull(const std::optional<double>& value);

/// Throws core::Error(FileFormat) "FILE: not JSON: where and why", or naming a key that comes twice.
[[nodiscard]] ReadJson parseJson(std::string_view content, std::string_view file);
[[nodiscard]] float floatOf(std::string_view text, std::string_view file, std::size_t line);

/// Throws core::Error(FileFormat) "FILE:LINE: what".
[[noreturn]] void refuseLine(std::string_view file, std::size_t line, const std::string& what);

/// Lines without their ends; empty ones stay, so that indices are line numbers − 1.
[[nodiscard]] std::vector<std::string_view> linesOf(std::string_view content);

} // namespace io
