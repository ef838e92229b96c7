#include "core/calibration/learn_range.h"

#include "kernels/codes/fake_quantize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace core {

namespace {

/// One parameter under Adam with its usual constants.
class Adam
{
public:
    double step(double gradient, double rate)
    {
        constexpr double kFirst = 0.9;
        constexpr double kSecond = 0.999;
        m_first = kFirst * m_first + (1.0 - kFirst) * gradient;
        m_second = kSecond * m_second + (1.0 - kSecond) * gradient * gradient;
        m_firstPower *= kFirst;
        m_secondPower *= kSecond;
        const double spread = std::sqrt(m_second / (1.0 - m_secondPower));
        return spread > 0.0 ? rate * m_first / (1.0 - m_firstPower) / spread : 0.0;
    }

private:
    double m_first = 0.0;
    double m_second = 0.0;
    double m_firstPower = 1.0;
    double m_secondPower = 1.0;
};

struct Gradient
{
    double error = 0.0; ///< Σ(y − ŷ)²
    double scale = 0.0;
    double zeroPoint = 0.0;
};

Gradient gradientOf(std::span<const Tensor> samples, const QuantizationParams& params, float scale,
                    std::int32_t zeroPoint)
{
    Gradient total;
    std::vector<float> back;
    const std::array scales{scale};
    const std::array zeroPoints{zeroPoint};
    const kernels::FakeQuantizeParams fake{scales, zeroPoints, params.codes.lowest, params.codes.highest, {}};
    for (const Tensor& sample : samples) {
        const auto y = sample.as<float>();
        back.resize(y.size());
        kernels::fakeQuantize(y, fake, back, {}); // fakeQuantizeLearnable looks at y itself
        for (std::size_t i = 0; i < y.size(); ++i) {
            const float difference = std::isfinite(y[i]) ? back[i] - y[i] : 0.0f;
            total.error += static_cast<double>(difference) * difference;
            back[i] = 2.0f * difference; // dE/dŷ
        }
        std::array<double, 1> dScale{};
        std::array<double, 1> dZeroPoint{};
        kernels::fakeQuantizeLearnable(y, back, fake, 1.0f, dScale, dZeroPoint);
        total.scale += dScale[0];
        total.zeroPoint += dZeroPoint[0];
    }
    return total;
}

} // namespace

LearnedRange learnRange(std::span<const Tensor> samples, const QuantizationParams& start,
                        const LearnRangeOptions& options)
{
    double signal = 0.0;
    for (const Tensor& sample : samples) {
        for (const float y : sample.as<float>()) {
            signal += std::isfinite(y) ? static_cast<double>(y) * y : 0.0;
        }
    }
    const auto relative = [&](double error) { return signal > 0.0 ? std::sqrt(error / signal) : 0.0; };
    const bool movesZeroPoint = start.zeroPoint[0] != 0;
    const double codes = start.codes.highest - start.codes.lowest;
    double logScale = std::log(static_cast<double>(start.scale[0]));
    double zeroPoint = start.zeroPoint[0];
    Adam scaleStep;
    Adam zeroPointStep;
    LearnedRange best;
    double least = std::numeric_limits<double>::infinity();
    for (int step = 0; step <= options.steps; ++step) {
        const auto scale = static_cast<float>(std::exp(logScale));
        const auto rounded = static_cast<std::int32_t>(std::nearbyint(zeroPoint));
        const Gradient gradient = gradientOf(samples, start, scale, rounded);
        if (step == 0) {
            best.before = relative(gradient.error);
        }
        if (gradient.error < least) {
            least = gradient.error;
            best.step = step;
            best.after = relative(gradient.error);
            best.range = {static_cast<double>(scale) * (start.codes.lowest - rounded),
                          static_cast<double>(scale) * (start.codes.highest - rounded)};
        }
        logScale -= scaleStep.step(gradient.scale * static_cast<double>(scale), options.rate);
        if (movesZeroPoint) {
            zeroPoint -= zeroPointStep.step(gradient.zeroPoint, options.rate * codes / 16.0);
            zeroPoint = std::clamp<double>(zeroPoint, start.codes.lowest, start.codes.highest);
        }
    }
    return best;
}

} // namespace core
