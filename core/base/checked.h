#pragma once

#include "core/base/error.h"

#include <compare>
#include <cstdint>

namespace core {

/// What a file says gives a size that 64 bits do not hold.
class OverflowError : public Error
{
public:
    OverflowError()
        : Error(ErrorKind::InvalidModel, "sizes beyond 64 bits")
    {
    }
};

/// A 64-bit integer whose arithmetic throws OverflowError where the result does not fit: for sizes that are
/// computed from numbers of a file. Division by 0 is the caller's to refuse.
class Checked
{
public:
    constexpr Checked(std::int64_t value = 0) // implicit: numbers mix with it
        : m_value(value)
    {
    }
    [[nodiscard]] constexpr std::int64_t value() const { return m_value; }
    explicit constexpr operator std::int64_t() const { return m_value; }

    friend constexpr Checked operator+(Checked a, Checked b)
    {
        return made(__builtin_add_overflow(a.m_value, b.m_value, &a.m_value), a);
    }
    friend constexpr Checked operator-(Checked a, Checked b)
    {
        return made(__builtin_sub_overflow(a.m_value, b.m_value, &a.m_value), a);
    }
    friend constexpr Checked operator*(Checked a, Checked b)
    {
        return made(__builtin_mul_overflow(a.m_value, b.m_value, &a.m_value), a);
    }
    friend constexpr Checked operator/(Checked a, Checked b)
    {
        return b.m_value == -1 ? Checked() - a : Checked(a.m_value / b.m_value);
    }
    friend constexpr auto operator<=>(Checked, Checked) = default;

private:
    static constexpr Checked made(bool isOverflow, Checked result)
    {
        return isOverflow ? throw OverflowError() : result;
    }
    std::int64_t m_value;
};

} // namespace core
