#pragma once

#include "core/base/fingerprint.h"
#include "core/base/memory_budget.h"
#include "core/tensor/tensor.h"

#include <memory>
#include <optional>
#include <utility>

namespace core {

/// Tensors by (what they are, sample), within the budget of a session. Thread-safe.
///
/// Samples are visited in order, so least-recently-used eviction would drop each tensor just before it is
/// wanted. Instead a full cache drops what only earlier generations (runs) used, and else refuses: a run over
/// more than fits still finds the part that fitted. Where nothing will run again (`keeps` false) it keeps
/// nothing.
class ActivationCache
{
public:
    explicit ActivationCache(std::shared_ptr<MemoryBudget> budget, bool keeps = true)
        : m_tensors(std::move(budget), BudgetedCache<Tensor>::Kind::Optional)
        , m_keeps(keeps)
    {
    }

    [[nodiscard]] std::optional<Tensor> find(const Fingerprint& key, std::size_t sample) const
    {
        return m_tensors.find(sampleKey(key, sample));
    }
    void insert(const Fingerprint& key, std::size_t sample, const Tensor& tensor)
    {
        if (m_keeps) {
            m_tensors.insert(sampleKey(key, sample), tensor, tensor.byteCount());
        }
    }

private:
    static Fingerprint sampleKey(const Fingerprint& key, std::size_t sample)
    {
        return FingerprintBuilder().add(key).add(sample).finish();
    }

    BudgetedCache<Tensor> m_tensors;
    const bool m_keeps;
};

} // namespace core
