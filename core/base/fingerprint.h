#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace core {

/// 128 bits that stand for everything a result depends on. Not cryptographic.
struct Fingerprint
{
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    auto operator<=>(const Fingerprint&) const = default;
};

struct FingerprintHash
{
    std::size_t operator()(const Fingerprint& f) const { return f.low ^ (f.high * 0x9e3779b97f4a7c15u); }
};

/// Two independent 64-bit mixes over the same words (constants of SplitMix64 and of xxHash's primes).
class FingerprintBuilder
{
public:
    FingerprintBuilder& word(std::uint64_t value)
    {
        m_state.high = mix(m_state.high ^ value, 0xbf58476d1ce4e5b9u, 0x94d049bb133111ebu);
        m_state.low =
            mix(m_state.low + value * 0xc2b2ae3d27d4eb4fu, 0x9e3779b185ebca87u, 0x165667b19e3779f9u);
        return *this;
    }
    template <typename T>
    requires std::is_integral_v<T> || std::is_enum_v<T> FingerprintBuilder& add(T value)
    {
        return word(static_cast<std::uint64_t>(value));
    }
    FingerprintBuilder& add(float value)
    {
        std::uint32_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        return word(bits);
    }
    FingerprintBuilder& add(std::string_view text)
    {
        word(text.size());
        for (const char c : text) {
            word(static_cast<unsigned char>(c));
        }
        return *this;
    }
    FingerprintBuilder& add(const Fingerprint& f) { return word(f.high).word(f.low); }
    template <typename T>
    FingerprintBuilder& add(const std::vector<T>& values)
    {
        word(values.size());
        for (const T& value : values) {
            add(value);
        }
        return *this;
    }
    [[nodiscard]] Fingerprint finish() const { return m_state; }

private:
    static std::uint64_t mix(std::uint64_t x, std::uint64_t a, std::uint64_t b)
    {
        x = (x ^ (x >> 30)) * a;
        x = (x ^ (x >> 27)) * b;
        return x ^ (x >> 31);
    }
    Fingerprint m_state{0x243f6a8885a308d3u, 0x13198a2e03707344u}; // digits of pi
};

} // namespace core
