#include "app/cli/sensitivity_table.h"

#include "core/report/non_finite.h"

#include <algorithm>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace cli {

namespace {

using Json = nlohmann::ordered_json;

Json orNull(const std::optional<double>& number) { return number ? Json(*number) : Json(nullptr); }

std::string roleOf(const core::SensitivityTable& table, const core::OperatorTruths& row)
{
    return table.flow ? std::string(core::wordFor(table.flow->operators[core::indexOf(row.op)].role)) : "";
}

std::optional<double> gainOf(const core::SensitivityTable& table, const core::OperatorTruths& row)
{
    return table.flow ? table.flow->operators[core::indexOf(row.op)].gain : std::nullopt;
}

/// ~ first order, by a reverse pass; ? by energies alone.
std::string gainText(const core::OperatorTruths& row)
{
    const char* mark = row.gainSource == core::GainSource::ReversePass ? "~"
        : row.gainSource == core::GainSource::UncorrelatedErrors       ? "?"
                                                                       : "";
    return row.gainDb ? fmt::format("{:+.2f}{}", *row.gainDb, mark) : "-";
}

std::string percent(const std::optional<double>& relative)
{
    return relative ? fmt::format("{:.3f}", 100.0 * *relative) : "-";
}

std::string signedNumber(const std::optional<double>& number)
{
    return number ? fmt::format("{:+.2f}", *number) : "-";
}

} // namespace

std::string tableToJson(const core::SensitivityTable& table, const core::Session& session)
{
    Json json{{"format", "noisefloor-sensitivity/1"},
              {"model", {{"file", session.model().file}, {"sha256", session.model().sha256}}},
              {"method", table.method == core::SensitivityMethod::Fast ? "fast" : "exact"},
              {"samples", table.all.samples},
              {"synthetic", session.data().evaluation->isSynthetic()},
              {"output_sqnr_db", orNull(core::sqnrDbOf(table.all, table.outputs))},
              {"top1_drop", orNull(core::top1DropOf(table.all))},
              {"linearised_samples", table.linearised},
              {"reverse_pass_ends", table.ends},
              {"operators", Json::array()}};
    for (const core::OperatorTruths& row : table.rows) {
        json["operators"].push_back(
            {{"name", row.name},
             {"type", row.type},
             {"isolated_relative_l2", orNull(row.isolated)},
             {"accumulated_relative_l2", orNull(row.accumulated)},
             {"only_this_relative_l2", orNull(row.onlyThis)},
             {"all_but_this_relative_l2", orNull(row.allButThis)},
             {"all_but_this_gain_db", orNull(row.gainDb)},
             {"all_but_this_gain_error_db", orNull(row.gainErrorDb)},
             {"all_but_this_from", core::wordsFor(row.gainSource)},
             {"only_this_top1_drop", orNull(row.top1Only)},
             {"all_but_this_top1_gain", orNull(row.top1Gain)},
             {"ranks", {row.isolatedRank, row.accumulatedRank, row.onlyThisRank, row.gainRank}},
             {"ranks_disagree", row.disagrees},
             {"predicted", row.isPredicted}});
    }
    return json.dump(1) + "\n";
}

void printTable(const core::SensitivityTable& table, const core::Session& session, std::size_t top)
{
    const auto db = core::sqnrDbOf(table.all, table.outputs);
    const std::string output = table.outputs.empty() ? "no float output to compare"
        : db ? fmt::format("output SQNR {} dB", core::decibelWords(db))
             : "output exact";
    fmt::print("{}: everything quantized: {}, top-1 drop {} points ({}{} samples)\n", session.model().file,
               output, signedNumber(core::top1DropOf(table.all)), table.all.samples,
               session.data().evaluation->isSynthetic() ? " synthetic" : "");
    fmt::print("Errors are 100·‖y − ŷ‖/‖y‖ in %. isolated, accumulated: of the operator's output; only this: "
               "of the network's "
               "output, this operator alone quantized; gain: dB of output SQNR and points of top-1 when it "
               "alone stays in FP32.\n");
    if (table.method == core::SensitivityMethod::Fast) {
        fmt::print(
            "~ predicted: gains by reverse passes over {} samples, to first order{}\n", table.linearised,
            table.ends.empty() ? std::string()
                               : fmt::format("; ? by energies alone: no rule leads through {}{}",
                                             table.ends.front(), table.ends.size() > 1 ? " and others" : ""));
    }
    fmt::print("\n");
    fmt::print("{:<32}{:<14}{:>11}{:>13}{:>11}{:>10}{:>9}{:>8}  {}\n", "operator", "type", "isolated %",
               "accumulated %", "only this %", "gain dB", "top-1", "flow ×", "role");
    std::vector<const core::OperatorTruths*> order;
    for (const core::OperatorTruths& row : table.rows) {
        order.push_back(&row);
    }
    std::ranges::stable_sort(order, std::greater<>{},
                             [](const auto* row) { return row->onlyThis.value_or(-1.0); });
    if (top > 0 && order.size() > top) {
        order.resize(top);
    }
    bool flagged = false;
    for (const core::OperatorTruths* row : order) {
        fmt::print("{:<32}{:<14}{:>11}{:>13}{:>11}{:>10}{:>9}{:>8}  {}{}\n", row->name, row->type,
                   percent(row->isolated), percent(row->accumulated),
                   percent(row->onlyThis) + (row->isPredicted ? "~" : ""), gainText(*row),
                   signedNumber(row->top1Gain),
                   gainOf(table, *row) ? fmt::format("{:.2f}", *gainOf(table, *row)) : "-",
                   roleOf(table, *row), row->disagrees ? "  *" : "");
        flagged = flagged || row->disagrees;
    }
    if (flagged) {
        fmt::print("\n* its rank by isolated error and its rank at the output differ by more than a quarter "
                   "of the operators\n");
    }
}

} // namespace cli
