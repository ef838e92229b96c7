#include "core/tensor/buffer_pool.h"

#include "core/base/error.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <fmt/format.h>
#include <map>
#include <mutex>
#include <vector>

#if defined(__GLIBC__)
#include <malloc.h>
#include <sys/mman.h>
#endif

namespace core {

namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kMostIdleBytes = std::size_t{128} << 20;

/// Rounds up to 1/8 steps between powers of two: at most 12.5 % waste, few classes.
std::size_t sizeClass(std::size_t count)
{
    const std::size_t size = std::max<std::size_t>(count, kAlignment);
    const std::size_t step = std::max<std::size_t>(std::bit_floor(size) / 8, kAlignment);
    return (size + step - 1) / step * step;
}

/// Large blocks in large pages where the system gives them: one fault instead of 512.
std::byte* freshBlock(std::size_t size)
{
#if defined(__linux__)
    constexpr std::size_t kLargePage = std::size_t{2} << 20;
    if (size >= kLargePage) {
        const std::size_t whole = (size + kLargePage - 1) / kLargePage * kLargePage;
        void* const block = std::aligned_alloc(kLargePage, whole);
        if (block) {
            madvise(block, size / kLargePage * kLargePage, MADV_HUGEPAGE);
        }
        return static_cast<std::byte*>(block);
    }
#endif
    return static_cast<std::byte*>(std::aligned_alloc(kAlignment, size));
}

class Pool
{
public:
    std::byte* take(std::size_t size)
    {
        {
            const std::lock_guard lock(m_mutex);
            if (auto it = m_idle.find(size); it != m_idle.end() && !it->second.empty()) {
                std::byte* block = it->second.back();
                it->second.pop_back();
                m_idleBytes -= size;
                return block;
            }
        }
        return freshBlock(size);
    }

    void give(std::byte* block, std::size_t size)
    {
        {
            const std::lock_guard lock(m_mutex);
            if (m_idleBytes + size <= kMostIdleBytes) {
                m_idle[size].push_back(block);
                m_idleBytes += size;
                return;
            }
        }
        std::free(block);
    }

    void trim()
    {
        const std::lock_guard lock(m_mutex);
        for (auto& [size, blocks] : m_idle) {
            for (std::byte* block : blocks) {
                std::free(block);
            }
        }
        m_idle.clear();
        m_idleBytes = 0;
    }

private:
    std::mutex m_mutex; // guards all below
    std::map<std::size_t, std::vector<std::byte*>> m_idle;
    std::size_t m_idleBytes = 0;
};

/// Never destroyed: tensors in static storage may outlive any other static.
Pool& pool()
{
    static Pool* const instance = new Pool;
    return *instance;
}

} // namespace

std::shared_ptr<std::byte[]> allocateBytes(std::size_t count)
{
    const std::size_t size = sizeClass(count);
    std::byte* block = pool().take(size);
    if (!block) {
        throw Error(ErrorKind::OutOfBudget, fmt::format("no memory for a tensor of {} bytes", count));
    }
    return {block, [size](std::byte* p) { pool().give(p, size); }};
}

void giveMemoryBack()
{
    pool().trim();
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

void keepFreedMemory()
{
#if defined(__GLIBC__)
    constexpr int kMostThreshold = 32 << 20; // the most that malloc takes
    mallopt(M_MMAP_THRESHOLD, kMostThreshold);
    mallopt(M_TRIM_THRESHOLD, 8 * kMostThreshold);
#endif
}

} // namespace core
