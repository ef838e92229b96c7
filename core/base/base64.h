#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core {

/// RFC 4648 with padding.
[[nodiscard]] std::string toBase64(std::span<const std::uint8_t> bytes);

/// Inverse; none where the text is not canonical base64.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> fromBase64(std::string_view text);

} // namespace core
