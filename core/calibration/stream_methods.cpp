// DNNLOWP's searches on what its own histogram observer collects (dynamic_histogram.cc): 2048 bins that grow
// with the data, item by item. They answer as an observer file of the same data does.
#include "core/calibration/collector.h"
#include "core/calibration/definitions.h"
#include "core/calibration/dnnlowp_histogram.h"
#include "core/calibration/dynamic_histogram.h"
#include "core/calibration/observed_range.h"

namespace core {

namespace {

class StreamCollector : public Collector
{
public:
    explicit StreamCollector(CalibrationMethod method)
        : m_method(std::move(method))
    {
    }

    void add(std::span<const float> values) override { m_histogram.add(values); }

    [[nodiscard]] Range range(const TensorStatistics& statistics,
                              const CalibrationTarget& target) const override
    {
        const StaticHistogram bins = m_histogram.finalize();
        if (bins.min == bins.max) {
            return dataRange(statistics);
        }
        const double width =
            (static_cast<double>(bins.max) - bins.min) / static_cast<double>(bins.counts.size());
        return observedRange({bins.min, width, {bins.counts.begin(), bins.counts.end()}}, m_method, target);
    }

    [[nodiscard]] std::size_t byteCount() const override
    {
        return sizeof(*this) + m_histogram.internal().counts.size() * sizeof(std::uint64_t);
    }

private:
    CalibrationMethod m_method;
    DynamicHistogram m_histogram{kDnnlowpMostBins};
};

/// `search`: the method that observedRange() searches by.
template <const char* Search>
CalibrationMethodDefinition streamDefinition(std::string_view name, std::string_view title,
                                             std::string_view help)
{
    return {.name = name,
            .title = title,
            .help = help,
            .collect = [](double) -> std::unique_ptr<Collector> {
                return std::make_unique<StreamCollector>(CalibrationMethod{Search, std::nullopt});
            },
            .isByName = true};
}

constexpr char kL1[] = "l1:dnnlowp";
constexpr char kL2[] = "l2:dnnlowp";
constexpr char kL2Approx[] = "l2-approx";
constexpr char kEntropy[] = "entropy:dnnlowp";

} // namespace

CalibrationMethodDefinition l1StreamDefinition()
{
    return streamDefinition<kL1>("l1:stream", "L1 (DNNLOWP's observer)",
                                 "l1:dnnlowp on the bins of DNNLOWP's own observer");
}

CalibrationMethodDefinition l2StreamDefinition()
{
    return streamDefinition<kL2>("l2:stream", "L2 (DNNLOWP's observer)",
                                 "l2:dnnlowp on the bins of DNNLOWP's own observer");
}

CalibrationMethodDefinition l2ApproxStreamDefinition()
{
    return streamDefinition<kL2Approx>("l2-approx:stream", "L2 approximation (DNNLOWP's observer)",
                                       "l2-approx on the bins of DNNLOWP's own observer");
}

CalibrationMethodDefinition entropyStreamDefinition()
{
    return streamDefinition<kEntropy>(
        "entropy:stream", "Entropy (DNNLOWP's observer)",
        "entropy:dnnlowp on the 2048 bins of DNNLOWP's own observer; seconds per tensor");
}

CalibrationMethodDefinition p99StreamDefinition()
{
    return {.name = "p99:stream",
            .title = "P99 (DNNLOWP's observer)",
            .help = "p99 on the bins of DNNLOWP's own observer",
            .parameter = 0.99,
            .lowest = 0.5,
            .highest = 1.0,
            .collect = [](double share) -> std::unique_ptr<Collector> {
                return std::make_unique<StreamCollector>(CalibrationMethod{"p99", share});
            },
            .isByName = true};
}

} // namespace core
