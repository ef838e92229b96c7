#include "core/report/results.h"

#include <algorithm>

namespace core {

namespace {

const TensorStatistics* find(const std::shared_ptr<const StatisticsByValue>& all, const std::string& value)
{
    if (!all) {
        return nullptr;
    }
    const auto found = all->find(value);
    return found == all->end() ? nullptr : &found->second;
}

} // namespace

const TensorStatistics* Results::measured(const std::string& value) const
{
    const TensorStatistics* const own = find(evaluation, value);
    return own ? own : find(calibration, value);
}

const TensorStatistics* Results::calibrated(const std::string& value) const
{
    return find(calibration, value);
}

std::shared_ptr<const LayerReport> Results::layer(const std::string& name) const
{
    if (!report) {
        return nullptr;
    }
    const auto found =
        std::ranges::find_if(report->layers, [&](const auto& layer) { return layer->name == name; });
    return found == report->layers.end() ? nullptr : *found;
}

std::shared_ptr<const LayerReport> Results::layer(OperatorId id) const
{
    if (!report) {
        return nullptr;
    }
    const auto found =
        std::ranges::find_if(report->layers, [&](const auto& layer) { return layer->id == id; });
    return found == report->layers.end() ? nullptr : *found;
}

} // namespace core
