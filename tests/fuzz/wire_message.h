#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace fuzz {

/// Protobuf's wire format, as much as a ModelProto takes: written by hand, so that forms newer or stranger
/// than the library's definitions can be drawn, too.
class Message
{
public:
    Message& integer(int field, std::int64_t value)
    {
        varint(static_cast<std::uint64_t>(field) << 3);
        varint(static_cast<std::uint64_t>(value));
        return *this;
    }
    Message& real(int field, float value)
    {
        varint((static_cast<std::uint64_t>(field) << 3) | 5);
        char bytes[sizeof(float)];
        std::memcpy(bytes, &value, sizeof(float));
        m_bytes.append(bytes, sizeof(float));
        return *this;
    }
    Message& text(int field, std::string_view value)
    {
        varint((static_cast<std::uint64_t>(field) << 3) | 2);
        varint(value.size());
        m_bytes += value;
        return *this;
    }
    Message& message(int field, const Message& value) { return text(field, value.m_bytes); }

    [[nodiscard]] const std::string& bytes() const { return m_bytes; }

private:
    void varint(std::uint64_t value)
    {
        for (; value >= 0x80; value >>= 7) {
            m_bytes += static_cast<char>(value | 0x80);
        }
        m_bytes += static_cast<char>(value);
    }

    std::string m_bytes;
};

} // namespace fuzz
