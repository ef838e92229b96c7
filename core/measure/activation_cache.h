#pragma once

#include "core/base/fingerprint.h"
#include "core/tensor/tensor.h"

#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace core {

/// Tensors by (what they are, sample), bounded in bytes. Eviction costs time, never correctness.
///
/// Samples are visited in order, so least-recently-used eviction would drop each tensor just before it is
/// wanted. Instead a full cache drops what only earlier generations (runs) used, and else refuses: a run over
/// more than fits still finds the part that fitted. Thread-safe.
class ActivationCache
{
public:
    explicit ActivationCache(std::size_t mostBytes)
        : m_mostBytes(mostBytes)
    {
    }

    void beginGeneration();
    [[nodiscard]] std::optional<Tensor> find(const Fingerprint& key, std::size_t sample);
    void insert(const Fingerprint& key, std::size_t sample, const Tensor& tensor);
    [[nodiscard]] std::size_t bytes() const;

private:
    struct Entry
    {
        Tensor tensor;
        std::uint64_t generation = 0;
    };
    bool makeRoom(std::size_t bytes);

    const std::size_t m_mostBytes;
    mutable std::mutex m_mutex; // guards all below
    std::unordered_map<Fingerprint, Entry, FingerprintHash> m_entries;
    std::size_t m_bytes = 0;
    std::uint64_t m_generation = 1;
    std::uint64_t m_sweptGeneration = 0; // nothing older than this is left
};

} // namespace core
