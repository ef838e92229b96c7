#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace io {

[[noreturn]] inline void refuseStructure(const std::string& what)
{
    throw core::Error(core::ErrorKind::FileFormat,
                      "is not written as sessions of this version are, or was tampered with: " + what);
}

/// Reads little-endian numbers from bytes that nobody vouches for, never past their end.
class Cursor
{
public:
    explicit Cursor(std::string_view bytes)
        : m_rest(bytes)
    {
    }

    [[nodiscard]] std::size_t left() const { return m_rest.size(); }
    std::string_view take(std::uint64_t count)
    {
        if (count > m_rest.size()) {
            refuseStructure("a part is longer than what holds it");
        }
        const std::string_view part = m_rest.substr(0, static_cast<std::size_t>(count));
        m_rest.remove_prefix(part.size());
        return part;
    }
    std::uint64_t number(std::size_t bytes)
    {
        const std::string_view part = take(bytes);
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < part.size(); ++i) {
            value |= std::uint64_t{static_cast<unsigned char>(part[i])} << (8 * i);
        }
        return value;
    }
    std::uint64_t byte() { return number(1); }
    void expect(std::uint64_t value, std::size_t bytes, const char* what)
    {
        if (number(bytes) != value) {
            refuseStructure(what);
        }
    }
    /// A text that ends in a zero byte within what is left.
    void skipText()
    {
        const std::size_t end = m_rest.find('\0');
        if (end == std::string_view::npos) {
            refuseStructure("a name has no end");
        }
        (void)take(end + 1);
    }

private:
    std::string_view m_rest;
};

} // namespace io
