#pragma once

#include "core/search/precision_search.h"
#include "core/search/search_state.h"
#include "core/sensitivity/leave_one.h"
#include "io/files/journal.h"

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace io {

/// What a search depends on; a journal belongs to one.
struct SearchSubject
{
    std::string modelSha256;
    std::string data; ///< Dataset::fingerprint of the evaluation data
    std::size_t samples = 0;
    core::QuantizationPlan plan;
    core::SearchGoal goal;
};

/// The trials of a search as JSON lines, each on disk before the search goes on, so that one that is killed
/// loses at most the trial under way. A line holds {"trial", "what", "key", "int8_macs" (share), "sqnr_db",
/// "top1_drop", "effect", "plan"}: any point of the front can be loaded from it.
class SearchJournal
{
public:
    /// Throws as Journal does. Lines that are damaged are left out: their trials are measured again.
    SearchJournal(const std::filesystem::path& path, const SearchSubject& subject);

    /// For searchPrecision: what the journal holds is not measured again. Lives no longer than this.
    [[nodiscard]] core::EffectMemory memory();
    /// For searchPrecision's `finished`: writes the last trial if it was measured just now.
    void record(const core::SearchState& state);

    /// Lines that were left out.
    [[nodiscard]] std::size_t lost() const { return m_lost; }

private:
    std::size_t m_lost = 0;
    Journal m_journal;
    std::map<core::Fingerprint, core::OutputEffect> m_known;
    std::optional<std::pair<core::Fingerprint, core::OutputEffect>> m_measured; ///< and not recorded yet
};

} // namespace io
