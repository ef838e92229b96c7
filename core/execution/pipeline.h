#pragma once

#include "core/base/fingerprint.h"
#include "core/base/memory_budget.h"
#include "core/execution/executable.h"
#include "core/network/operator_graph.h"
#include "core/params/kernel_format.h"
#include "core/quantization/resolved_plan.h"
#include "core/tensor/dataset.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

namespace core {

/// Values of one sample by ValueId; undefined where not computed.
using SampleValues = std::vector<Tensor>;

/// FP32 values of one sample as the codes of a plan hold them, by ValueId; each is made when first asked for.
using RoundedValues = std::vector<RoundedTensor>;

/// Microseconds of conversions at the borders of an operator.
struct BorderTime
{
    double quantize = 0.0;
    double dequantize = 0.0;
};

/// The same operators for inputs of other shapes (one per graph input, in order).
using Rebind = std::function<std::shared_ptr<const OperatorGraph>(const std::vector<Shape>&)>;

/// A fused graph with its executables: FP32 ones compiled once, integer ones by what their arithmetic depends
/// on, so that weights are packed once per (weights, params) and shared between runs. Thread-safe.
class Pipeline
{
public:
    /// Integer forms are kept within the budget. Without `rebind` every sample must have the shapes of the
    /// graph's inputs.
    explicit Pipeline(std::shared_ptr<const OperatorGraph> graph, Rebind rebind = {},
                      std::shared_ptr<MemoryBudget> budget = std::make_shared<MemoryBudget>());

    /// The pipeline for the shapes of this sample: a plan of this one holds for it, too. The few last used
    /// are kept. Throws core::Error(ShapeMismatch) where other shapes make another network.
    [[nodiscard]] std::shared_ptr<const Pipeline> forSample(const Sample& sample) const;

    [[nodiscard]] const OperatorGraph& graph() const { return *m_graph; }
    [[nodiscard]] const std::shared_ptr<const OperatorGraph>& sharedGraph() const { return m_graph; }

    [[nodiscard]] const Executable& floatForm(OperatorId id) const { return m_float[indexOf(id)]; }
    /// The form that the quantized pipeline runs: integer, or FP32 where the operator stays float.
    [[nodiscard]] std::shared_ptr<const Executable> quantizedForm(OperatorId id,
                                                                  const ResolvedPlan& plan) const;

    /// Gives the sample's inputs to the operators of type Input: values of their own are written by run().
    [[nodiscard]] std::vector<Tensor> inputsOf(OperatorId id, const SampleValues& values,
                                               const Sample& sample) const;

    /// The whole FP32 pipeline. Microseconds per operator are added to `time` when given.
    [[nodiscard]] SampleValues runFloat(const Sample& sample, std::vector<double>* time = nullptr) const;

    /// Runs of FP32 operators so far, in executions of the whole pipeline (a rest does not count).
    [[nodiscard]] std::uint64_t floatExecutions() const
    {
        return m_floatOperatorRuns / std::max<std::size_t>(m_graph->operators.size(), 1);
    }

    /// Runs one FP32 operator on values and stores what it writes.
    void runFloat(OperatorId id, const Sample& sample, SampleValues& values) const;

    /// One operator of the quantized pipeline: converts between codes and reals at borders, stores what it
    /// writes. Returns what saturated (see compileEmulatedLinear), undefined where nothing can. What the
    /// conversions took is added to `conversion` when given.
    Tensor runQuantized(OperatorId id, const ResolvedPlan& plan, const Executable& form, const Sample& sample,
                        SampleValues& values, BorderTime* conversion = nullptr) const;

    /// The operator alone: its integer form on the quantized FP32 inputs, and its FP32 form on the same
    /// inputs dequantized (DNNLOWP's shadow operator). {quantized result, FP32 result}. Readers of one value
    /// share what `kept` holds of it, when given.
    [[nodiscard]] std::pair<Tensor, Tensor> runIsolated(OperatorId id, const ResolvedPlan& plan,
                                                        const Executable& form, const Sample& sample,
                                                        const SampleValues& reference,
                                                        RoundedValues* kept = nullptr) const;

    /// The integer form alone on quantized reals: everything it writes, as reals, replaces what `values`
    /// hold.
    void runAlone(OperatorId id, const ResolvedPlan& plan, const Executable& form, const Sample& sample,
                  SampleValues& values) const;

private:
    /// What the integer form takes of real inputs, and the reals that it stands for.
    struct IsolatedInputs
    {
        std::vector<Tensor> taken;
        std::vector<Tensor> reals;
    };
    [[nodiscard]] IsolatedInputs isolatedInputs(OperatorId id, const ResolvedPlan& plan, const Sample& sample,
                                                const SampleValues& reference, RoundedValues* kept) const;

    std::shared_ptr<const OperatorGraph> m_graph;
    std::vector<Executable> m_float;
    mutable std::atomic<std::uint64_t> m_floatOperatorRuns = 0;
    Rebind m_rebind;
    std::shared_ptr<MemoryBudget> m_budget;
    mutable BudgetedCache<std::shared_ptr<const Executable>> m_quantized;
    mutable std::mutex m_mutex; // guards what follows
    mutable std::list<std::pair<std::vector<Shape>, std::shared_ptr<const Pipeline>>>
        m_others; // last used first
};

} // namespace core
