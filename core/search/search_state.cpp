#include "core/search/search_state.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace core {

namespace {

/// What the goal bounds of the user's own number; none where it is unknown.
std::optional<double> metricLoss(const Trial& trial, const SearchGoal& goal)
{
    if (!trial.metric || !goal.isOfUpperEnd) {
        return trial.metric ? std::optional(trial.metric->drop) : std::nullopt;
    }
    return trial.metric->interval ? std::optional(trial.metric->interval->upper) : std::nullopt;
}

double decibels(const Trial& trial) { return trial.sqnrDb.value_or(std::numeric_limits<double>::infinity()); }

} // namespace

bool reaches(const Trial& trial, const SearchGoal& goal)
{
    if (goal.sqnrDb) {
        return decibels(trial) >= *goal.sqnrDb;
    }
    if (goal.top1Drop) {
        return trial.top1Drop && *trial.top1Drop <= *goal.top1Drop;
    }
    if (goal.metricDrop) {
        const auto loss = metricLoss(trial, goal);
        return loss && *loss <= *goal.metricDrop;
    }
    constexpr double kRounding = 1e-9; // shares are sums of doubles
    return trial.int8Share + kRounding >= goal.int8Share.value_or(0.0);
}

bool hasLessError(const Trial& a, const Trial& b, const SearchGoal& goal)
{
    if (goal.top1Drop && a.top1Drop && b.top1Drop && *a.top1Drop != *b.top1Drop) {
        return *a.top1Drop < *b.top1Drop;
    }
    if (goal.metricDrop) {
        const auto first = metricLoss(a, goal);
        const auto second = metricLoss(b, goal);
        if (first && second && *first != *second) {
            return *first < *second;
        }
    }
    return decibels(a) > decibels(b);
}

bool isBetter(const Trial& a, const Trial& b, const SearchGoal& goal)
{
    const bool reached = reaches(a, goal);
    if (reached != reaches(b, goal)) {
        return reached;
    }
    const bool sharesCount = reached ? !goal.int8Share.has_value() : goal.int8Share.has_value();
    if (sharesCount && a.int8Share != b.int8Share) {
        return a.int8Share > b.int8Share;
    }
    return hasLessError(a, b, goal);
}

std::vector<std::size_t> paretoFront(const std::vector<Trial>& trials, const SearchGoal& goal)
{
    std::vector<std::size_t> order(trials.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
        return trials[a].int8Share != trials[b].int8Share ? trials[a].int8Share > trials[b].int8Share
                                                          : hasLessError(trials[a], trials[b], goal);
    });
    std::vector<std::size_t> front;
    for (const std::size_t i : order) {
        if (front.empty() || hasLessError(trials[i], trials[front.back()], goal)) {
            front.push_back(i);
        }
    }
    return front;
}

} // namespace core
