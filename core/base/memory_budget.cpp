#include "core/base/memory_budget.h"

#include "core/base/error.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <string_view>
#include <unistd.h>

namespace core {

std::size_t defaultMemoryBytes()
{
    constexpr std::size_t kMost = std::size_t{1} << 30;
    const long pages = sysconf(_SC_PHYS_PAGES);
    const long pageBytes = sysconf(_SC_PAGESIZE);
    if (pages <= 0 || pageBytes <= 0) {
        return kMost;
    }
    return std::min(kMost, static_cast<std::size_t>(pages) / 4 * static_cast<std::size_t>(pageBytes));
}

std::size_t parseBytes(const std::string& text)
{
    constexpr double kMost = 1e15; // beyond any machine, and exact in double
    double number = 0.0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    std::string unit(rest, text.data() + text.size());
    if (unit.ends_with("iB")) {
        unit.resize(unit.size() - 2);
    } else if (unit.ends_with("B")) {
        unit.resize(unit.size() - 1);
    }
    const std::string_view units = "KMGT";
    const std::size_t power = unit.empty() ? 0 : units.find(unit) + 1;
    const double bytes = std::ldexp(number, static_cast<int>(10 * power));
    if (error != std::errc() || unit.size() > 1 || (!unit.empty() && power == 0)
        || !(bytes >= 1.0 && bytes <= kMost)) {
        throw Error(
            ErrorKind::Usage,
            fmt::format("{} is no size of memory: give a number with K, M, G or T, such as 512M", text));
    }
    return static_cast<std::size_t>(bytes);
}

void MemoryBudget::beginGeneration()
{
    const std::lock_guard lock(m_mutex);
    ++m_generation;
}

std::size_t MemoryBudget::bytes() const
{
    const std::lock_guard lock(m_mutex);
    return m_bytes;
}

std::size_t MemoryBudget::mostBytes() const
{
    const std::lock_guard lock(m_mutex);
    return m_mostBytes;
}

void MemoryBudget::setMostBytes(std::size_t mostBytes)
{
    const std::lock_guard lock(m_mutex);
    m_mostBytes = mostBytes;
    (void)makeRoom(0, true);
}

MemoryBudget::Reservation MemoryBudget::reserve(const std::shared_ptr<MemoryBudget>& budget,
                                                std::size_t bytes, std::size_t leaving)
{
    const std::lock_guard lock(budget->m_mutex);
    if (!budget->makeRoom(bytes + leaving, false)) {
        return {};
    }
    budget->m_bytes += bytes;
    return {budget, bytes};
}

MemoryBudget::Reservation::~Reservation()
{
    if (m_budget) {
        const std::lock_guard lock(m_budget->m_mutex);
        m_budget->m_bytes -= m_bytes;
    }
}

void MemoryBudget::enter(std::uint64_t generation, std::size_t bytes)
{
    if (bytes > 0) {
        m_bytesByGeneration[generation] += bytes;
        m_bytes += bytes;
    }
}

void MemoryBudget::leave(std::uint64_t generation, std::size_t bytes)
{
    if (bytes == 0) { // a tensor without elements was never counted
        return;
    }
    const auto it = m_bytesByGeneration.find(generation);
    it->second -= bytes;
    if (it->second == 0) {
        m_bytesByGeneration.erase(it);
    }
    m_bytes -= bytes;
}

bool MemoryBudget::makeRoom(std::size_t bytes, bool isNeeded)
{
    const auto fits = [&] { return bytes <= m_mostBytes && m_bytes <= m_mostBytes - bytes; };
    if (fits()) {
        return true;
    }
    // The oldest generations that free enough, but neither this one nor the last.
    std::size_t freed = 0;
    std::uint64_t last = 0;
    for (const auto& [generation, kept] : m_bytesByGeneration) {
        if (generation + 1 >= m_generation || m_bytes - freed + bytes <= m_mostBytes) {
            break;
        }
        freed += kept;
        last = generation;
    }
    if (freed > 0) {
        for (Client* const client : m_clients) {
            client->dropUntil(last);
        }
    }
    if (!fits() && isNeeded) {
        for (Client* const client : m_clients) {
            if (client->isOptional()) {
                client->dropUntil(m_generation);
            }
        }
    }
    return fits();
}

} // namespace core
