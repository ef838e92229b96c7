#include "core/sensitivity/three_truths.h"

#include "core/report/non_finite.h"
#include "core/sensitivity/ranks.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

/// Ranks of the rows that have the number.
void rankBy(std::vector<OperatorTruths>& rows, std::optional<double> OperatorTruths::*number,
            double OperatorTruths::*rank)
{
    std::vector<OperatorTruths*> known;
    std::vector<double> values;
    for (OperatorTruths& row : rows) {
        if (row.*number) {
            known.push_back(&row);
            values.push_back(*(row.*number));
        }
    }
    const std::vector<double> ranks = ranksOf(values);
    for (std::size_t i = 0; i < known.size(); ++i) {
        known[i]->*rank = ranks[i];
    }
}

std::optional<double> relativeOf(const std::optional<ErrorMetrics>& error)
{
    return error ? error->relativeL2 : std::nullopt;
}

} // namespace

std::string_view wordsFor(GainSource source)
{
    switch (source) {
    case GainSource::Measured:
        return "measured";
    case GainSource::ReversePass:
        return "reverse pass";
    case GainSource::UncorrelatedErrors:
        return "uncorrelated errors";
    }
    return "";
}

void rankTruths(std::vector<OperatorTruths>& rows)
{
    rankBy(rows, &OperatorTruths::isolated, &OperatorTruths::isolatedRank);
    rankBy(rows, &OperatorTruths::accumulated, &OperatorTruths::accumulatedRank);
    rankBy(rows, &OperatorTruths::onlyThis, &OperatorTruths::onlyThisRank);
    rankBy(rows, &OperatorTruths::gainDb, &OperatorTruths::gainRank);
    const double far = std::max(3.0, static_cast<double>(rows.size()) / 4.0);
    for (OperatorTruths& row : rows) {
        const double atOutput = row.onlyThisRank > 0.0 ? row.onlyThisRank : row.gainRank;
        row.disagrees =
            row.isolatedRank > 0.0 && atOutput > 0.0 && std::abs(row.isolatedRank - atOutput) > far;
    }
}

void fillAtOutput(OperatorTruths& row, const std::vector<MeasuredOutput>& outputs, const OutputEffect& all,
                  const LeaveOneEffect& effect)
{
    row.isPredicted = false;
    if (effect.in) {
        row.onlyThis = relativeL2Of(*effect.in, outputs);
        row.top1Only = top1DropOf(*effect.in);
    }
    if (effect.out) {
        row.gainSource = GainSource::Measured;
        row.gainErrorDb.reset();
        row.allButThis = relativeL2Of(*effect.out, outputs);
        const auto allDb = sqnrDbOf(all, outputs);
        const auto db = sqnrDbOf(*effect.out, outputs);
        row.gainDb = allDb && db ? std::optional(decibelGain(allDb, db)) : std::nullopt;
        const auto allDrop = top1DropOf(all);
        const auto drop = top1DropOf(*effect.out);
        row.top1Gain = allDrop && drop ? std::optional(*allDrop - *drop) : std::nullopt;
    }
}

std::vector<OperatorTruths> threeTruths(const Report& report, const std::vector<MeasuredOutput>& outputs,
                                        const OutputEffect& all, const std::vector<LeaveOneEffect>& effects)
{
    std::vector<OperatorTruths> rows;
    for (const LeaveOneEffect& effect : effects) {
        const LayerReport& layer = *report.layers[indexOf(effect.op)];
        OperatorTruths row;
        row.op = effect.op;
        row.name = layer.name;
        row.type = layer.type;
        row.isolated = relativeOf(layer.isolated);
        row.accumulated = relativeOf(layer.accumulated);
        fillAtOutput(row, outputs, all, effect);
        rows.push_back(std::move(row));
    }
    rankTruths(rows);
    return rows;
}

} // namespace core
