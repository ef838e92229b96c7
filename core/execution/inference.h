#pragma once

#include "core/execution/executable.h"
#include "core/execution/pipeline.h"
#include "core/quantization/resolved_plan.h"
#include "core/tensor/dataset.h"

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace core {

/// A network run for its outputs alone, as deployment would: every value is dropped behind its last reader,
/// so that its memory is the next value's, and a fused residual sum is written over its operand. What comes
/// out equals what Pipeline, which keeps every tensor, gives, bit for bit. run() may be called from several
/// threads at once.
class Inference
{
public:
    /// FP32. The pipeline must outlive it.
    explicit Inference(const Pipeline& pipeline);
    /// The quantized pipeline under that plan; the plan is only read here.
    Inference(const Pipeline& pipeline, const ResolvedPlan& plan);

    /// Values of the graph's outputs, in order: codes where the plan says so, else reals.
    [[nodiscard]] std::vector<Tensor> run(const Sample& sample) const;

private:
    struct Operand
    {
        ValueId value = kNoValue; ///< kNoValue: constant or left out
        bool isLast = false; ///< nothing reads it afterwards
        std::optional<QuantizationParams> quantize;
        std::optional<QuantizationParams> dequantize;
    };
    struct Step
    {
        std::shared_ptr<const Executable> form;
        std::optional<std::size_t> sampleInput; ///< of operators of type Input
        std::vector<Operand> operands;
        std::vector<ValueId> results; ///< kNoValue where nothing reads it
        std::vector<std::optional<QuantizationParams>>
            quantizeResults; ///< of FP32 operators that write codes
    };

    void addSteps();
    void markLastReaders();

    std::shared_ptr<const OperatorGraph> m_graph;
    std::vector<Step> m_steps;
};

} // namespace core
