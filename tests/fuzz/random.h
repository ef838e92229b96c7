#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

namespace fuzz {

/// Seeded numbers, the same on every machine and library (SplitMix64).
class Random
{
public:
    explicit Random(std::uint64_t seed)
        : m_state(seed)
    {
    }

    std::uint64_t next()
    {
        std::uint64_t z = m_state += 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    /// Both ends included.
    std::int64_t between(std::int64_t low, std::int64_t high)
    {
        const auto span = static_cast<std::uint64_t>(high - low) + 1;
        return low + static_cast<std::int64_t>(next() % span);
    }
    /// In [0, 1).
    double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
    double real(double low, double high) { return low + (high - low) * unit(); }
    double normal()
    {
        return std::sqrt(-2.0 * std::log(1.0 - unit())) * std::cos(6.283185307179586 * unit());
    }
    bool chance(double probability) { return unit() < probability; }

    template <typename T>
    T pick(std::initializer_list<T> all)
    {
        return all.begin()[next() % all.size()];
    }
    template <typename T>
    const T& pick(const std::vector<T>& all)
    {
        return all[next() % all.size()];
    }

private:
    std::uint64_t m_state;
};

} // namespace fuzz
