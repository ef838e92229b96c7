#include "views/base/tensor_costs.h"

#include <algorithm>
#include <cmath>

namespace views {

double relativeL2(const core::QuantizationCost& cost, double squared)
{
    return cost.signalSquared > 0.0 ? std::sqrt(std::max(0.0, squared) / cost.signalSquared) : 0.0;
}

void TensorCostsService::request(const std::shared_ptr<const core::StatisticsByValue>& statistics,
                                 const std::string& value, const core::CalibrationTarget& target,
                                 core::Range range)
{
    if (statistics != m_statistics) {
        m_statistics = statistics;
        m_known.clear();
    }
    if (!statistics || !statistics->contains(value)) {
        m_jobs.cancelAll();
        return;
    }
    std::vector<core::MethodOutcome> methods;
    const auto known = m_known.find(Key{value, static_cast<int>(target.scheme), target.bits});
    if (known != m_known.end()) {
        if (known->second->range == range) {
            m_jobs.cancelAll(); // an older request must not answer after this one
            emit ready(known->second);
            return;
        }
        methods = known->second->methods; // the range moved: only the curve is new
    }
    const auto work = [=, this](const Jobs::Call& call) -> std::shared_ptr<const TensorCosts> {
        constexpr int kPointsPerSide = 96;
        const core::TensorStatistics& tensor = statistics->at(value);
        auto costs = std::make_shared<TensorCosts>();
        *costs = {value, target, range, methods, {}};
        costs->curve = core::costCurve(tensor, target, range, kPointsPerSide, call.stop);
        if (methods.empty()) {
            auto first = std::make_shared<TensorCosts>(*costs);
            first->methods = core::compareMethods(tensor, target, call.stop, core::ComparedMethods::Own);
            first->isComplete = false;
            call.tell([this, first] { emit ready(first); });
            const auto variants =
                core::compareMethods(tensor, target, call.stop, core::ComparedMethods::Variants);
            costs->methods = first->methods;
            costs->methods.insert(costs->methods.end(), variants.begin(), variants.end());
        }
        return call.stop.stop_requested() ? nullptr : costs;
    };
    m_jobs.run(Jobs::Lane::Preview, this, work, [this](const auto& costs) { keep(costs); });
}

void TensorCostsService::keep(const std::shared_ptr<const TensorCosts>& costs)
{
    m_known[Key{costs->value, static_cast<int>(costs->target.scheme), costs->target.bits}] = costs;
    emit ready(costs);
}

} // namespace views
