#pragma once

#include "core/base/fingerprint.h"
#include "core/sensitivity/leave_one.h"
#include "core/sensitivity/output_effect.h"
#include "io/files/journal.h"

#include <filesystem>
#include <map>
#include <string>

namespace io {

/// {"outputs": [[Σ(y − ŷ)², Σy²], …], "samples": N, "accuracy": {…}} in shortest round-trip form.
[[nodiscard]] std::string effectToJson(const core::OutputEffect& effect);
/// Inverse. Throws core::Error(FileFormat) on anything else.
[[nodiscard]] core::OutputEffect effectFromJson(const std::string& json);

/// 32 hexadecimal digits and back.
[[nodiscard]] std::string toHex(const core::Fingerprint& key);
[[nodiscard]] core::Fingerprint fingerprintFromHex(const std::string& text);

/// Takes {"key", "effect"} out of a journal's lines; returns how many were damaged.
std::size_t readEffects(const std::vector<std::string>& lines,
                        std::map<core::Fingerprint, core::OutputEffect>& effects);

/// Effects of one model in a journal, by what decides them: a command that is killed goes on where it was.
class EffectJournal
{
public:
    EffectJournal(const std::filesystem::path& path, const std::string& modelSha256);
    /// Looks up and appends; holds only as long as this journal.
    [[nodiscard]] core::EffectMemory memory();
    /// Lines that were damaged and left out.
    [[nodiscard]] std::size_t lost() const { return m_lost; }

private:
    std::size_t m_lost = 0;
    Journal m_journal;
    std::map<core::Fingerprint, core::OutputEffect> m_known;
};

} // namespace io
