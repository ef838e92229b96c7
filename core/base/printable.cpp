#include "core/base/printable.h"

#include <cstddef>
#include <cstdint>
#include <fmt/format.h>

namespace core {

namespace {

struct Character
{
    std::uint32_t code = 0;
    std::size_t bytes = 0; ///< 0: no UTF-8
};

/// The character at the start of the text; refuses overlong forms, surrogates and codes past U+10FFFF.
Character firstOf(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) {
        return {lead, 1};
    }
    const std::size_t count = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < count) {
        return {};
    }
    std::uint32_t code = lead & (0x7fU >> count);
    for (std::size_t i = 1; i < count; ++i) {
        if ((byte(i) & 0xc0U) != 0x80U) {
            return {};
        }
        code = code << 6U | (byte(i) & 0x3fU);
    }
    const bool isOverlong = (count == 3 && code < 0x800) || (count == 4 && code < 0x10000);
    const bool isSurrogate = code >= 0xd800 && code <= 0xdfff;
    return isOverlong || isSurrogate || code > 0x10ffff ? Character{} : Character{code, count};
}

/// Moves the cursor, breaks the line or turns the direction of writing.
bool isInvisible(std::uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x200b && code <= 0x200f)
        || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
}

} // namespace

std::string printable(std::string_view text)
{
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        const Character next = firstOf(text.substr(i));
        if (next.bytes == 0) {
            result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i++]));
            continue;
        }
        if (!isInvisible(next.code)) {
            result += text.substr(i, next.bytes);
        } else if (next.code < 0x80) {
            result += fmt::format("\\x{:02x}", next.code);
        } else {
            result += fmt::format("\\u{{{:04x}}}", next.code);
        }
        i += next.bytes;
    }
    return result;
}

} // namespace core
