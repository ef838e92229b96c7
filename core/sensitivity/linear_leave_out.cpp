#include "core/sensitivity/linear_leave_out.h"

#include "core/base/sample_loop.h"
#include "core/execution/executable.h"
#include "core/sensitivity/local_changes.h"
#include "core/sensitivity/reverse_parts.h"
#include "core/sensitivity/reverse_pass.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>

namespace core {

namespace {

double dot(const Tensor& a, const Tensor& b)
{
    const auto x = a.as<float>();
    const auto y = b.as<float>();
    double sum = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        sum += static_cast<double>(x[i]) * y[i];
    }
    return sum;
}

Tensor difference(const Tensor& a, const Tensor& b)
{
    const Tensor x = inKernelLayout(a);
    const Tensor y = inKernelLayout(b);
    return filled(x.shape(), x.layout(), [&](std::size_t i) { return x.as<float>()[i] - y.as<float>()[i]; });
}

Tensor randomSigns(const Shape& shape, std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    return filled(shape, kernelLayout(shape), [&](std::size_t) { return random() & 1 ? 1.0f : -1.0f; });
}

/// Values of the quantized pipeline as real numbers.
SampleValues realsOf(const PreparedNetwork& network, const OutputProbe::Values& values)
{
    SampleValues reals(values.quantized.size());
    for (std::size_t i = 0; i < reals.size(); ++i) {
        const Tensor& value = values.quantized[i];
        if (value.isDefined()) {
            reals[i] = inKernelLayout(network.plan.isCodes(network.graph(), ValueId(i))
                                          ? dequantized(value, network.plan.values[i]->params)
                                          : value);
        }
    }
    return reals;
}

struct Partial
{
    std::vector<double> removed; ///< by operator asked for
    double squaredError = 0.0;
};

Partial measureSample(const PreparedNetwork& network, const OutputProbe::Values& values,
                      const ReversePass& pass, const std::vector<std::unique_ptr<LocalLeaveOut>>& leaveOuts,
                      ValueId output, std::uint64_t index)
{
    const SampleValues reals = realsOf(network, values);
    const Tensor error = difference(reals[indexOf(output)], values.fp32[indexOf(output)]);
    const double squaredError = dot(error, error);
    const Tensor random = randomSigns(error.shape(), index + 1);
    // What the random direction has of E's own is taken out: along E the effect is known.
    const double common = squaredError > 0.0 ? dot(random, error) / squaredError : 0.0;
    const SampleValues along = pass.run(reals, values.quantizedSample, error);
    const SampleValues across = pass.run(reals, values.quantizedSample, random);
    Partial result{std::vector<double>(leaveOuts.size(), 0.0), squaredError};
    for (std::size_t i = 0; i < leaveOuts.size(); ++i) {
        if (!leaveOuts[i]) {
            continue;
        }
        double inner = 0.0; // E·(J·δ)
        double drawn = 0.0; // v·(J·δ)
        for (const LocalChange& change : leaveOuts[i]->on(values, reals)) {
            const std::size_t value = indexOf(change.value);
            if (along[value].isDefined()) {
                inner += dot(along[value], change.error);
                drawn += dot(across[value], change.error);
            }
        }
        const double rest = drawn - common * inner;
        const double energy = (squaredError > 0.0 ? inner * inner / squaredError : 0.0) + rest * rest;
        result.removed[i] = 2.0 * inner - energy;
    }
    return result;
}

/// Sums that also tell how much the samples differ.
class Totals
{
public:
    explicit Totals(std::size_t operators)
        : m_sums(operators, 0.0)
        , m_squares(operators, 0.0)
    {
    }

    void add(const Partial& part)
    {
        for (std::size_t i = 0; i < m_sums.size(); ++i) {
            m_sums[i] += part.removed[i];
            m_squares[i] += part.removed[i] * part.removed[i];
        }
        m_squaredError += part.squaredError;
    }

    void conclude(LinearLeaveOut& result) const
    {
        const auto n = static_cast<double>(result.samples);
        result.squaredError = m_squaredError;
        for (std::size_t i = 0; i < m_sums.size(); ++i) {
            const double scatter = std::max(m_squares[i] - m_sums[i] * m_sums[i] / n, 0.0);
            result.effects[i].removed = m_sums[i];
            result.effects[i].standardError = n > 1.0 ? std::sqrt(n / (n - 1.0) * scatter) : 0.0;
        }
    }

private:
    std::vector<double> m_sums;
    std::vector<double> m_squares;
    double m_squaredError = 0.0;
};

} // namespace

std::optional<LinearLeaveOut> predictLeaveOut(Session& session, const OutputProbe& probe,
                                              const std::vector<OperatorId>& operators, ValueId output,
                                              std::size_t samples, const std::stop_token& stop,
                                              const ProgressCallback& progress)
{
    const PreparedNetwork& network = probe.network();
    const ReversePass pass(network.pipeline, output);
    LinearLeaveOut result;
    result.samples = std::min(samples, probe.samples());
    result.ends = pass.ends();
    std::vector<std::unique_ptr<LocalLeaveOut>> leaveOuts;
    for (const OperatorId id : operators) {
        const bool isKnown = std::ranges::all_of(network.graph().at(id).outputs, [&](ValueId value) {
            return value == kNoValue || pass.reaches(value);
        });
        leaveOuts.push_back(nullptr);
        if (isKnown) {
            auto without = session.prepare(probe.without(id), stop, {});
            if (!without) {
                return std::nullopt;
            }
            leaveOuts.back() = std::make_unique<LocalLeaveOut>(network, std::move(without), id);
        }
        result.effects.push_back({id, isKnown});
    }
    Totals totals(operators.size());
    OrderedMerge<Partial> merge([&](std::size_t, Partial&& part) { totals.add(part); });
    const auto work = [&](std::size_t index) {
        const OutputProbe::Values values = probe.values(index);
        if (values.pipeline.get() == &network.pipeline) {
            merge.add(index, measureSample(network, values, pass, leaveOuts, output, index));
            return;
        }
        const ReversePass own(*values.pipeline, output); // this sample has shapes of its own
        merge.add(index, measureSample(network, values, own, leaveOuts, output, index));
    };
    const auto onDone = [&](std::size_t done) {
        if (progress) {
            progress({"Reverse passes", done, result.samples});
        }
    };
    if (!forEachSample(result.samples, network.threads, stop, work, onDone)) {
        return std::nullopt;
    }
    totals.conclude(result);
    return result;
}

} // namespace core
