#include "io/exports/target_losses.h"

#include "core/quantization/linear_arithmetic.h"
#include "io/exports/encoding_table.h"
#include "io/exports/support.h"

#include <algorithm>
#include <fmt/format.h>

namespace io {

namespace {

using core::QuantizedKind;
using kernels::AccumulatorForm;
using kernels::RequantizationForm;

std::string_view nameOf(RequantizationForm form)
{
    switch (form) {
    case RequantizationForm::Reciprocal:
        return "a reciprocal scale";
    case RequantizationForm::Gemmlowp:
        return "gemmlowp's multiplier and shift";
    case RequantizationForm::Qnnpack:
        return "QNNPACK's multiplier and shift";
    case RequantizationForm::Dnnlowp:
        return "DNNLOWP's multiplier and shift";
    default:
        return "FP32";
    }
}

class Finder
{
public:
    Finder(const ExportFormat& format, const ExportSource& source)
        : m_format(format)
        , m_source(source)
        , m_table(encodingTable(*source.graph, *source.resolved))
    {
    }

    std::vector<ExportLoss> run()
    {
        for (std::size_t i = 0; i < m_source.graph->operators.size(); ++i) {
            const core::Operator& op = m_source.graph->operators[i];
            const core::ResolvedOperator& how = m_source.resolved->operators[i];
            addPrecision(op, how);
            addArithmetic(op, how);
            if (!m_format.keepsFloatOutputs) {
                addFloatOutput(op, how);
            }
            for (const core::ValueId id : op.outputs) {
                if (id != core::kNoValue && m_source.resolved->values[core::indexOf(id)]) {
                    addValue(id, *m_source.resolved->values[core::indexOf(id)]);
                }
            }
        }
        if (!m_format.keepsWeights) {
            std::ranges::for_each(m_table.weights, [&](const auto& weights) { addWeights(weights); });
        }
        return std::move(m_losses);
    }

private:
    void lose(const std::string& item, std::string what) { m_losses.push_back({item, std::move(what)}); }

    void addPrecision(const core::Operator& op, const core::ResolvedOperator& how)
    {
        if (how.effective.isLowFloat() && !(how.effective.isWeightOnly() && m_format.isModel)) {
            lose(op.name,
                 fmt::format("runs in {}: the file knows integers and FP32", toString(how.effective)));
        }
    }

    void addArithmetic(const core::Operator& op, const core::ResolvedOperator& how)
    {
        const core::LinearArithmetic& arithmetic = how.arithmetic;
        if (how.intermediate) {
            lose(op.name,
                 fmt::format("sums of codes of {} bits are the target's own matter", how.intermediate->bits));
        }
        if (how.isFixedPoint) {
            lose(op.name, "normalization in DNNLOWP's fixed point is the target's own matter");
        }
        if (how.kind != QuantizedKind::Linear) {
            return;
        }
        const bool isOutlierSplit = arithmetic.accumulator == AccumulatorForm::Acc16;
        if (arithmetic.accumulator != AccumulatorForm::Exact && !(isOutlierSplit && m_format.isDnnlowp)) {
            lose(op.name,
                 fmt::format("{} that saturate are the target's own matter",
                             isOutlierSplit ? "16-bit sums" : "pairs of products"));
        }
        if (arithmetic.halvedWeights) {
            lose(op.name, "weights that lose a bit to AVX2 without VNNI are the target's own matter");
        }
        const bool isOwn = m_format.isDnnlowp
            && (arithmetic.requantization == RequantizationForm::Dnnlowp
                || arithmetic.requantization == RequantizationForm::Reciprocal);
        if (arithmetic.requantization != RequantizationForm::Float && !isOwn) {
            lose(op.name,
                 fmt::format("requantization by {} is the target's own matter",
                             nameOf(arithmetic.requantization)));
        }
    }

    void addFloatOutput(const core::Operator& op, const core::ResolvedOperator& how)
    {
        const bool isInteger = how.kind != QuantizedKind::None && op.type != "Input";
        if (isInteger && !how.writesCodes && !isEncoded(op.result())) {
            lose(op.name, "writes float: the file cannot keep the target from quantizing its output");
        }
    }

    void addValue(core::ValueId id, const core::ResolvedValue& value)
    {
        const std::string& name = m_source.graph->value(id).name;
        if (!isEncoded(id)) {
            return;
        }
        if (value.isDynamic) {
            lose(name,
                 m_format.keepsActivations
                     ? "its range, chosen at run time, becomes that of the calibration data"
                     : "its range is chosen at run time: the target calibrates it");
        }
        const core::Rounding rounding = value.params.rounding;
        if (rounding != core::Rounding::HalfEven
            && !(m_format.isDnnlowp && rounding == core::Rounding::Dnnlowp)) {
            lose(name, fmt::format("rounding {} is the target's own matter", toString(rounding)));
        }
        const int stored = value.params.bits > 8 ? 16 : 8;
        const int lowest = value.params.codes.lowest < 0 ? -(1 << (stored - 1)) : 0;
        const bool isNarrow = value.params.bits == stored && value.params.codes.lowest > lowest;
        if (!m_format.keepsCodes && isNarrow && goesBelow(name, value.params)) {
            lose(name, fmt::format("saturates at code {} instead of {}", lowest, value.params.codes.lowest));
        }
    }

    /// Whether calibration data would become a code below the lowest one.
    bool goesBelow(const std::string& name, const core::QuantizationParams& params) const
    {
        if (!m_source.statistics || !m_source.statistics->contains(name)) {
            return true;
        }
        const auto& total = m_source.statistics->at(name).total;
        return total.min < (params.codes.lowest - params.zeroPoint[0] - 0.5) * params.scale[0];
    }

    void addWeights(const TensorEncoding& weights)
    {
        const auto id = m_source.graph->find(weights.op);
        const auto settings =
            m_source.plan->settingsFor(weights.op, id ? m_source.graph->at(*id).type : "").weight;
        std::string what;
        const auto add = [&](const std::string& phrase) { what += (what.empty() ? "" : ", ") + phrase; };
        if (weights.params.bits != 8) {
            add(fmt::format("{} bits", weights.params.bits));
        }
        if (weights.params.group > 0) {
            add(fmt::format("groups of {}", weights.params.group));
        } else if (!m_format.keepsWeightGranularity && !weights.params.isPerChannel()) {
            add("one scale per tensor");
        }
        if (!isSymmetric(weights.params)) {
            add("the asymmetric scheme");
        }
        if (weights.method != "minmax") {
            add("method " + weights.method);
        }
        if (settings.powerOfTwo.value_or(false)) {
            add("powers of two as scales");
        }
        if (settings.convention.value_or(core::Convention::Noisefloor) != core::Convention::Noisefloor) {
            add("convention " + toString(*settings.convention));
        }
        if (!what.empty()) {
            lose(weights.op, "the target quantizes its weights itself, without " + what);
        }
    }

    bool isEncoded(core::ValueId id) const
    {
        return m_table.activation(m_source.graph->value(id).name) != nullptr;
    }

    const ExportFormat& m_format;
    const ExportSource& m_source;
    const EncodingTable m_table;
    std::vector<ExportLoss> m_losses;
};

} // namespace

std::vector<ExportLoss> lossesOfTarget(const ExportFormat& format, const ExportSource& source)
{
    return Finder(format, source).run();
}

} // namespace io
