#include "io/reports/search_journal.h"

#include "core/base/error.h"
#include "io/plans/plan_json.h"
#include "io/reports/effect_journal.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace io {

namespace {

using Json = nlohmann::ordered_json;

Json orNull(const std::optional<double>& number) { return number ? Json(*number) : Json(nullptr); }

std::string headerOf(const SearchSubject& subject)
{
    Json header{{"format", "noisefloor-journal/1"},
                {"kind", "search"},
                {"model", subject.modelSha256},
                {"data", subject.data},
                {"samples", subject.samples},
                {"goal",
                 {{"sqnr_db", orNull(subject.goal.sqnrDb)},
                  {"top1_drop", orNull(subject.goal.top1Drop)},
                  {"int8_macs", orNull(subject.goal.int8Share)}}},
                {"plan", Json::parse(planToJson(subject.plan))}};
    if (subject.goal.metricDrop) {
        header["goal"]["metric_drop"] = *subject.goal.metricDrop;
        header["goal"]["of_upper_end"] = subject.goal.isOfUpperEnd;
    }
    return header.dump();
}

} // namespace

SearchJournal::SearchJournal(const std::filesystem::path& path, const SearchSubject& subject)
    : m_journal(path, headerOf(subject))
{
    m_lost = readEffects(m_journal.lines(), m_known);
}

core::EffectMemory SearchJournal::memory()
{
    return {[this](const core::Fingerprint& key) -> std::optional<core::OutputEffect> {
                const auto found = m_known.find(key);
                return found == m_known.end() ? std::nullopt : std::optional(found->second);
            },
            [this](const core::Fingerprint& key, const std::string&, const core::OutputEffect& effect) {
                m_measured.emplace(key, effect);
            }};
}

void SearchJournal::record(const core::SearchState& state)
{
    if (!m_measured) {
        return;
    }
    const core::Trial& trial = state.trials.back();
    m_journal.append(Json{{"trial", trial.number},
                          {"what", trial.what},
                          {"key", toHex(m_measured->first)},
                          {"int8_macs", trial.int8Share},
                          {"sqnr_db", orNull(trial.sqnrDb)},
                          {"top1_drop", orNull(trial.top1Drop)},
                          {"effect", Json::parse(effectToJson(m_measured->second))},
                          {"plan", Json::parse(planToJson(trial.plan))}}
                         .dump());
    m_known.insert(*m_measured);
    m_measured.reset();
}

} // namespace io
