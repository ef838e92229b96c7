#include "core/measure/activation_cache.h"

namespace core {

namespace {
Fingerprint sampleKey(const Fingerprint& key, std::size_t sample)
{
    return FingerprintBuilder().add(key).add(sample).finish();
}
} // namespace

void ActivationCache::beginGeneration()
{
    const std::lock_guard lock(m_mutex);
    ++m_generation;
}

std::optional<Tensor> ActivationCache::find(const Fingerprint& key, std::size_t sample)
{
    const std::lock_guard lock(m_mutex);
    const auto it = m_entries.find(sampleKey(key, sample));
    if (it == m_entries.end()) {
        return std::nullopt;
    }
    it->second.generation = m_generation;
    return it->second.tensor;
}

void ActivationCache::insert(const Fingerprint& key, std::size_t sample, const Tensor& tensor)
{
    const std::lock_guard lock(m_mutex);
    const Fingerprint k = sampleKey(key, sample);
    if (m_entries.contains(k) || !makeRoom(tensor.byteCount())) {
        return;
    }
    m_entries.emplace(k, Entry{tensor, m_generation});
    m_bytes += tensor.byteCount();
}

bool ActivationCache::makeRoom(std::size_t bytes)
{
    if (m_bytes + bytes <= m_mostBytes) {
        return true;
    }
    if (m_sweptGeneration != m_generation) { // once per generation: one sweep is linear in the entries
        m_sweptGeneration = m_generation;
        std::erase_if(m_entries, [&](const auto& item) {
            const bool old = item.second.generation + 1 < m_generation;
            if (old) {
                m_bytes -= item.second.tensor.byteCount();
            }
            return old;
        });
    }
    return m_bytes + bytes <= m_mostBytes;
}

std::size_t ActivationCache::bytes() const
{
    const std::lock_guard lock(m_mutex);
    return m_bytes;
}

} // namespace core
