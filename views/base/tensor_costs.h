#pragma once

#include "core/calibration/cost_curve.h"
#include "core/calibration/method_comparison.h"
#include "core/report/results.h"
#include "views/base/jobs.h"

#include <QObject>

#include <map>
#include <tuple>

namespace views {

/// What every calibration method would cost on one tensor, and the curve around the range in use.
struct TensorCosts
{
    std::string value;
    core::CalibrationTarget target;
    core::Range range;
    std::vector<core::MethodOutcome> methods;
    std::vector<core::CostPoint> curve;
    bool isComplete = true; ///< false: variants of other tools follow
};

/// sqrt(squared / Σy²), the measure of every cost shown; 0 without a signal.
[[nodiscard]] double relativeL2(const core::QuantizationCost& cost, double squared);

/// Computes TensorCosts off the UI thread; the newest request wins. Finished ones are kept while the
/// statistics stay.
class TensorCostsService : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    /// Answers with ready(), at once when the costs are known; else twice: first without the variants of
    /// other tools, which take longest.
    void request(const std::shared_ptr<const core::StatisticsByValue>& statistics, const std::string& value,
                 const core::CalibrationTarget& target, core::Range range);
    [[nodiscard]] bool isBusy() const { return !m_jobs.idle(); } ///< an answer is on its way

signals:
    void ready(std::shared_ptr<const views::TensorCosts> costs);

private:
    using Key = std::tuple<std::string, int, int>; // value, scheme, bits
    void keep(const std::shared_ptr<const TensorCosts>& costs);

    std::shared_ptr<const core::StatisticsByValue> m_statistics;
    std::map<Key, std::shared_ptr<const TensorCosts>> m_known;
    Jobs m_jobs; // last: joins before the rest is destroyed
};

} // namespace views
