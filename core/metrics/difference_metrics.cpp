#include "core/metrics/difference_metrics.h"

#include "core/base/error.h"
#include "core/metrics/ratio_aggregate.h"
#include "core/metrics/ssim.h"
#include "core/metrics/tensor_reading.h"

#include <cmath>
#include <fmt/format.h>
#include <functional>

namespace core {

namespace {

using Values = std::vector<double>;

/// A metric that compares the output with a target of as many elements.
class DifferenceMetric : public Metric
{
public:
    using Measure = std::function<Evidence(const Values& own, const Values& target, const Shape& shape)>;

    DifferenceMetric(MetricInfo info, RatioForm form, Measure measure)
        : m_info(std::move(info))
        , m_form(form)
        , m_measure(std::move(measure))
    {
    }
    [[nodiscard]] MetricInfo info() const override { return m_info; }
    [[nodiscard]] Evidence evidence(const MetricSample& sample, const Truth& truth) const override
    {
        const Tensor& output = onlyOutput(sample);
        refuseOtherCount("target", output, truth.values);
        return m_measure(doublesOf(output), doublesOf(truth.values), output.shape());
    }
    [[nodiscard]] Truth truthOf(const MetricSample& fp32) const override
    {
        Truth truth;
        truth.values = onlyOutput(fp32);
        return truth;
    }
    [[nodiscard]] std::unique_ptr<MetricAggregate> over(std::span<const Evidence> all) const override
    {
        return ratioOver(all, 1.0, m_form);
    }

private:
    MetricInfo m_info;
    RatioForm m_form;
    Measure m_measure;
};

double squaredDifference(const Values& own, const Values& target)
{
    double sum = 0.0;
    for (std::size_t i = 0; i < own.size(); ++i) {
        sum += (own[i] - target[i]) * (own[i] - target[i]);
    }
    return sum;
}

double ssimOfAll(const Values& own, const Values& target, const Shape& shape, double peak,
                 bool isChannelsLast)
{
    const std::size_t rank = shape.size();
    const std::size_t last = isChannelsLast ? rank - 1 : rank;
    constexpr std::int64_t kLeast = 11;
    if (rank < 3 || shape[last - 1] < kLeast || shape[last - 2] < kLeast) {
        throw Error(ErrorKind::ShapeMismatch,
                    fmt::format("metric ssim: the output is {}; a picture of at least 11×11 is expected",
                                toString(shape)));
    }
    const auto height = static_cast<std::size_t>(shape[last - 2]);
    const auto width = static_cast<std::size_t>(shape[last - 1]);
    const std::size_t channels = own.size() / (height * width);
    double sum = 0.0;
    for (std::size_t c = 0; c < channels; ++c) {
        Values a(height * width);
        Values b(a.size());
        for (std::size_t i = 0; i < a.size(); ++i) {
            const std::size_t at = isChannelsLast ? i * channels + c : c * a.size() + i;
            a[i] = own[at];
            b[i] = target[at];
        }
        sum += ssimOf(a, b, height, width, peak);
    }
    return sum / static_cast<double>(channels);
}

double cosineOf(const Values& own, const Values& target)
{
    double both = 0.0;
    double first = 0.0;
    double second = 0.0;
    for (std::size_t i = 0; i < own.size(); ++i) {
        both += own[i] * target[i];
        first += own[i] * own[i];
        second += target[i] * target[i];
    }
    return first > 0.0 && second > 0.0 ? both / std::sqrt(first * second) : 0.0;
}

} // namespace

MetricPtr makeMeanAbsoluteError()
{
    return std::make_shared<DifferenceMetric>(
        MetricInfo{"mae", "mean absolute error", "", false}, RatioForm::Plain,
        [](const Values& own, const Values& target, const Shape&) -> Evidence {
            double sum = 0.0;
            for (std::size_t i = 0; i < own.size(); ++i) {
                sum += std::abs(own[i] - target[i]);
            }
            return {sum, static_cast<double>(own.size())};
        });
}

MetricPtr makeRootMeanSquareError()
{
    return std::make_shared<DifferenceMetric>(
        MetricInfo{"rmse", "root mean square error", "", false}, RatioForm::Root,
        [](const Values& own, const Values& target, const Shape&) -> Evidence {
            return {squaredDifference(own, target), static_cast<double>(own.size())};
        });
}

MetricPtr makePsnr(double peak)
{
    return std::make_shared<DifferenceMetric>(
        MetricInfo{"psnr", "PSNR", "dB"}, RatioForm::Plain,
        [peak](const Values& own, const Values& target, const Shape&) -> Evidence {
            const double mean = squaredDifference(own, target) / static_cast<double>(own.size());
            return {10.0 * std::log10(peak * peak / mean), 1.0};
        });
}

MetricPtr makeSsim(double peak, bool isChannelsLast)
{
    return std::make_shared<DifferenceMetric>(
        MetricInfo{"ssim", "SSIM", ""}, RatioForm::Plain,
        [=](const Values& own, const Values& target, const Shape& shape) -> Evidence {
            return {ssimOfAll(own, target, shape, peak, isChannelsLast), 1.0};
        });
}

MetricPtr makeCosine()
{
    return std::make_shared<DifferenceMetric>(
        MetricInfo{"cosine", "cosine of embeddings", ""}, RatioForm::Plain,
        [](const Values& own, const Values& target, const Shape&) -> Evidence {
            return {cosineOf(own, target), 1.0};
        });
}

} // namespace core
