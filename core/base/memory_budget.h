#pragma once

#include "core/base/fingerprint.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace core {

/// What a process takes where nobody says how much: 1 GiB, or a quarter of a machine that has less than 4
/// GiB.
[[nodiscard]] std::size_t defaultMemoryBytes();

/// "512M", "2G", "1.5GiB", "4096": bytes, in units of 1024. Throws core::Error(Usage) on anything else.
[[nodiscard]] std::size_t parseBytes(const std::string& text);

/// The part of a process's memory that may be kept only to save time: three quarters. The rest is for what
/// runs.
[[nodiscard]] constexpr std::size_t cacheBytesOf(std::size_t memoryBytes) { return memoryBytes / 4 * 3; }

/// The bytes that may be kept only to save time, shared by every cache of a session.
///
/// Time is counted in generations, one per run. A cache that needs room lets go what no run has used for
/// longest, in whichever cache it lies; what this and the last generation used stays, for a re-run reads it.
/// Where that is not enough, values that can be computed again at any time (activations) make way for what a
/// run cannot do without. Eviction costs time, never correctness. Thread-safe.
class MemoryBudget
{
public:
    explicit MemoryBudget(std::size_t mostBytes = std::numeric_limits<std::size_t>::max())
        : m_mostBytes(mostBytes)
    {
    }
    MemoryBudget(const MemoryBudget&) = delete;
    MemoryBudget& operator=(const MemoryBudget&) = delete;

    void beginGeneration();
    [[nodiscard]] std::size_t bytes() const; ///< kept now
    [[nodiscard]] std::size_t mostBytes() const;
    /// Another bound from now on. A smaller one lets go at once what may go: all but what this and the last
    /// run cannot do without.
    void setMostBytes(std::size_t mostBytes);

    /// Bytes that somebody who is no cache keeps to save time, for as long as this lives. Moves, does not
    /// copy.
    class Reservation
    {
    public:
        Reservation() = default;
        Reservation(std::shared_ptr<MemoryBudget> budget, std::size_t bytes)
            : m_budget(std::move(budget))
            , m_bytes(bytes)
        {
        }
        Reservation(Reservation&& other) noexcept
            : m_budget(std::exchange(other.m_budget, nullptr))
            , m_bytes(std::exchange(other.m_bytes, 0))
        {
        }
        Reservation& operator=(Reservation&& other) noexcept
        {
            std::swap(m_budget, other.m_budget);
            std::swap(m_bytes, other.m_bytes);
            return *this;
        }
        ~Reservation();
        [[nodiscard]] explicit operator bool() const { return m_budget != nullptr; }

    private:
        std::shared_ptr<MemoryBudget> m_budget;
        std::size_t m_bytes = 0;
    };
    /// `bytes` of the budget, so that `leaving` more would still fit; an empty one where they do not.
    [[nodiscard]] static Reservation reserve(const std::shared_ptr<MemoryBudget>& budget, std::size_t bytes,
                                             std::size_t leaving = 0);

    /// What a cache is to its budget. Its members are called with the budget's mutex held.
    class Client
    {
    public:
        virtual ~Client() = default;
        /// Lets go all that was last used in generation `last` or before.
        virtual void dropUntil(std::uint64_t last) = 0;
        [[nodiscard]] virtual bool isOptional() const = 0;
    };

private:
    template <typename Value>
    friend class BudgetedCache;

    // All with m_mutex held.
    void enter(std::uint64_t generation, std::size_t bytes);
    void leave(std::uint64_t generation, std::size_t bytes);
    /// Whether `bytes` more fit, after letting go what may go.
    bool makeRoom(std::size_t bytes, bool isNeeded);

    mutable std::mutex m_mutex; // guards all below, and what the caches hold
    std::size_t m_mostBytes;
    std::vector<Client*> m_clients;
    std::map<std::uint64_t, std::size_t> m_bytesByGeneration; // of their last use
    std::size_t m_bytes = 0;
    std::uint64_t m_generation = 2;
};

/// Values by fingerprint within a budget that others share. Several threads may use it.
template <typename Value>
class BudgetedCache : private MemoryBudget::Client
{
public:
    enum class Kind : std::uint8_t
    {
        Needed, ///< kept while it is in use, even above the budget
        Optional ///< refused where there is no room
    };

    explicit BudgetedCache(std::shared_ptr<MemoryBudget> budget, Kind kind = Kind::Needed)
        : m_budget(std::move(budget))
        , m_kind(kind)
    {
        const std::lock_guard lock(m_budget->m_mutex);
        m_budget->m_clients.push_back(this);
    }
    ~BudgetedCache() override
    {
        const std::lock_guard lock(m_budget->m_mutex);
        dropUntil(std::numeric_limits<std::uint64_t>::max());
        std::erase(m_budget->m_clients, static_cast<MemoryBudget::Client*>(this));
    }
    BudgetedCache(const BudgetedCache&) = delete;
    BudgetedCache& operator=(const BudgetedCache&) = delete;

    [[nodiscard]] std::optional<Value> find(const Fingerprint& key) const
    {
        const std::lock_guard lock(m_budget->m_mutex);
        const auto it = m_entries.find(key);
        if (it == m_entries.end()) {
            return std::nullopt;
        }
        Entry& entry = it->second;
        if (entry.generation != m_budget->m_generation) {
            m_budget->leave(entry.generation, entry.bytes);
            entry.generation = m_budget->m_generation;
            m_budget->enter(entry.generation, entry.bytes);
        }
        return entry.value;
    }

    /// Keeps the value, where it may, and returns what is kept for the key: an earlier value wins.
    Value insert(const Fingerprint& key, Value value, std::size_t bytes)
    {
        const std::lock_guard lock(m_budget->m_mutex);
        if (const auto it = m_entries.find(key); it != m_entries.end()) {
            return it->second.value;
        }
        if (!m_budget->makeRoom(bytes, m_kind == Kind::Needed) && m_kind == Kind::Optional) {
            return value;
        }
        m_entries.emplace(key, Entry{value, bytes, m_budget->m_generation});
        m_budget->enter(m_budget->m_generation, bytes);
        return value;
    }

private:
    struct Entry
    {
        Value value;
        std::size_t bytes = 0;
        std::uint64_t generation = 0; ///< of its last use
    };

    void dropUntil(std::uint64_t last) override
    {
        std::erase_if(m_entries, [&](const auto& item) {
            const bool goes = item.second.generation <= last;
            if (goes) {
                m_budget->leave(item.second.generation, item.second.bytes);
            }
            return goes;
        });
    }
    [[nodiscard]] bool isOptional() const override { return m_kind == Kind::Optional; }

    std::shared_ptr<MemoryBudget> m_budget;
    Kind m_kind;
    mutable std::unordered_map<Fingerprint, Entry, FingerprintHash>
        m_entries; // guarded by the budget's mutex
};

} // namespace core
