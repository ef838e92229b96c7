#include "core/base/memory_budget.h"

namespace core {

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
