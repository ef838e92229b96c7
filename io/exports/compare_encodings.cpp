#include "io/exports/compare_encodings.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace io {

namespace {

/// Floats in order as integers.
std::int64_t orderOf(float value)
{
    const auto bits = std::bit_cast<std::int32_t>(value);
    return bits < 0 ? std::int64_t{std::numeric_limits<std::int32_t>::min()} - bits : bits;
}

class Comparer
{
public:
    Comparer(const EncodingTable& found, std::span<const ExportLoss> losses)
        : m_found(found)
        , m_losses(losses)
    {
    }

    void compareTensor(const TensorEncoding& expected, const TensorEncoding* found)
    {
        ++m_result.tensors;
        if (!found) {
            add(expected.tensor, expected.op, "is missing", {});
            return;
        }
        const auto& e = expected.params;
        const auto& f = found->params;
        // One scale for all channels is the same as an equal one for each.
        const bool areAlike = e.group == 0 && f.group == 0 && !e.scale.empty() && !f.scale.empty()
            && (e.scale.size() == 1 || f.scale.size() == 1);
        if (e.scale.size() != f.scale.size() && !areAlike) {
            add(expected.tensor, expected.op,
                fmt::format("{} scales became {}", e.scale.size(), f.scale.size()), {});
            return;
        }
        if (e.group != f.group) {
            const auto groups = [](int size) {
                return size > 0 ? fmt::format("groups of {}", size) : std::string("no groups");
            };
            add(expected.tensor, expected.op, fmt::format("{} became {}", groups(e.group), groups(f.group)),
                {});
            return;
        }
        double worst = 0.0;
        std::size_t at = 0;
        for (std::size_t c = 0; c < std::max(e.scale.size(), f.scale.size()); ++c) {
            const std::size_t i = std::min(c, e.scale.size() - 1);
            const std::size_t k = std::min(c, f.scale.size() - 1);
            const double ulps = ulpsBetween(e.scale[i], f.scale[k]);
            if (ulps > worst) {
                worst = ulps;
                at = c;
            }
            const int before = e.zeroPoint[i] - full(e);
            const int after = f.zeroPoint[k] - full(f);
            if (before != after || e.bits != f.bits) {
                add(expected.tensor, expected.op,
                    fmt::format("zero point {} of {} bits became {} of {} bits", e.zeroPoint[i], e.bits,
                                f.zeroPoint[k], f.bits),
                    {});
                return;
            }
        }
        if (worst > 1.0 && e.scale.size() != f.scale.size()) {
            add(expected.tensor, expected.op,
                fmt::format("{} scales became {}", e.scale.size(), f.scale.size()), worst);
            return;
        }
        if (worst > 1.0) {
            add(expected.tensor, expected.op, fmt::format("scale {} became {}", e.scale[at], f.scale[at]),
                worst);
            return;
        }
        m_result.maxUlps = std::max(m_result.maxUlps, worst);
    }

    void compareOperator(const OperatorEncoding& expected, bool everyOperatorNamed)
    {
        ++m_result.operators;
        const OperatorEncoding* found = m_found.op(expected.name);
        const bool isFloat = found ? found->isFloat : everyOperatorNamed && expected.isFloat;
        if (isFloat != expected.isFloat) {
            add(expected.name, {}, expected.isFloat ? "float became quantized" : "quantized became float",
                {});
        }
    }

    EncodingComparison result() { return std::move(m_result); }

private:
    /// Lowest code of the whole type: a narrow range (−127…127) has the grid of its type.
    static int full(const core::QuantizationParams& params)
    {
        return params.codes.lowest < 0 ? -(1 << (params.bits - 1)) : 0;
    }

    void add(const std::string& item, const std::string& op, std::string what, std::optional<double> ulps)
    {
        const auto named = std::ranges::find_if(m_losses, [&](const ExportLoss& loss) {
            return loss.item == item || (!op.empty() && loss.item == op);
        });
        m_result.differences.push_back(
            {item, std::move(what), ulps, named == m_losses.end() ? "" : named->what});
    }

    const EncodingTable& m_found;
    std::span<const ExportLoss> m_losses;
    EncodingComparison m_result;
};

} // namespace

double ulpsBetween(float a, float b)
{
    return std::isnan(a) || std::isnan(b) ? INFINITY
                                          : static_cast<double>(std::llabs(orderOf(a) - orderOf(b)));
}

bool EncodingComparison::passed() const
{
    return std::ranges::none_of(differences, [](const auto& difference) { return difference.loss.empty(); });
}

EncodingComparison compareEncodings(const ExportFormat& format, const EncodingTable& expected,
                                    const EncodingTable& found, std::span<const ExportLoss> losses)
{
    Comparer comparer(found, losses);
    if (format.keepsActivations) {
        for (const TensorEncoding& tensor : expected.activations) {
            comparer.compareTensor(tensor, found.activation(tensor.tensor));
        }
    }
    if (format.keepsWeights) {
        for (const TensorEncoding& tensor : expected.weights) {
            const auto byOperator = std::ranges::find(found.weights, tensor.op, &TensorEncoding::op);
            const bool isNamedAfterOperator = byOperator != found.weights.end() && !tensor.op.empty();
            comparer.compareTensor(tensor, isNamedAfterOperator ? &*byOperator : found.weight(tensor.tensor));
        }
    }
    if (format.keepsOperators) {
        for (const OperatorEncoding& op : expected.operators) {
            comparer.compareOperator(op, format.isModel);
        }
    }
    return comparer.result();
}

} // namespace io
