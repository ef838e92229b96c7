#pragma once

#include <QString>

#include <cstdint>
#include <utility>
#include <vector>

namespace views {

/// A piece of a text, and whether the other text has it too.
struct TextPiece
{
    std::int64_t token = 0; ///< code point or class number
    bool isShared = true;
};

/// Both texts, aligned by the fewest insertions, deletions and substitutions (Levenshtein 1966).
[[nodiscard]] std::pair<std::vector<TextPiece>, std::vector<TextPiece>>
textDifference(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b);

/// As rich text: what the other does not have is underlined and bold in `color`. Class numbers are parted by
/// spaces.
[[nodiscard]] QString markedText(const std::vector<TextPiece>& text, bool isCharacters, const QString& color);

} // namespace views
