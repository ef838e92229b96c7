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
        m_queue.cancelAll();
        m_busy = false;
        return;
    }
    std::vector<core::MethodOutcome> methods;
    const auto known = m_known.find(Key{value, static_cast<int>(target.scheme), target.bits});
    if (known != m_known.end()) {
        if (known->second->range == range) {
            m_queue.cancelAll(); // an older request must not answer after this one
            m_busy = false;
            emit ready(known->second);
            return;
        }
        methods = known->second->methods; // the range moved: only the curve is new
    }
    m_busy = true;
    m_queue.submit(core::RunQueue::Lane::Preview, [=, this](const std::stop_token& stop) {
        constexpr int kPointsPerSide = 96;
        const core::TensorStatistics& tensor = statistics->at(value);
        auto costs = std::make_shared<TensorCosts>();
        *costs = {value, target, range, methods, {}};
        costs->curve = core::costCurve(tensor, target, range, kPointsPerSide, stop);
        const auto answer = [&, this](std::shared_ptr<TensorCosts> answered) {
            if (!stop.stop_requested()) {
                QMetaObject::invokeMethod(
                    this, [this, of = statistics.get(), answered] { deliver(of, answered); },
                    Qt::QueuedConnection);
            }
        };
        if (methods.empty()) {
            auto first = std::make_shared<TensorCosts>(*costs);
            first->methods = core::compareMethods(tensor, target, stop, core::ComparedMethods::Own);
            first->isComplete = false;
            answer(first);
            const auto variants = core::compareMethods(tensor, target, stop, core::ComparedMethods::Variants);
            costs->methods = first->methods;
            costs->methods.insert(costs->methods.end(), variants.begin(), variants.end());
        }
        answer(std::move(costs));
    });
}

void TensorCostsService::deliver(const core::StatisticsByValue* of,
                                 const std::shared_ptr<const TensorCosts>& costs)
{
    if (of != m_statistics.get()) {
        return;
    }
    if (costs->isComplete) {
        m_busy = false;
        m_known[Key{costs->value, static_cast<int>(costs->target.scheme), costs->target.bits}] = costs;
    }
    emit ready(costs);
}

} // namespace views
