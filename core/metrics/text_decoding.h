#pragma once

#include "core/metrics/metric.h"

namespace core {

/// How a recognizer writes text.
struct TextDecoding
{
    bool isCtc =
        true; ///< Graves et al. 2006: repeated classes are one, blanks are none; else each step counts
    std::int64_t blank = 0;
    std::optional<std::int64_t> end; ///< the class that ends a text
    /// What each class stands for, as code points; the blank's entry is empty. Empty: class numbers are the
    /// text.
    std::vector<std::vector<std::int64_t>> alphabet;
};

/// The text of an output of [1,T,C] or [T,1,C] scores (the largest wins) or of [1,T] class numbers.
/// Throws core::Error(ShapeMismatch) where a class has no entry in the alphabet.
[[nodiscard]] std::vector<std::int64_t> decodeText(const Tensor& output, const TextDecoding& decoding);

/// Code points of UTF-8; a broken byte counts as one.
[[nodiscard]] std::vector<std::int64_t> codePointsOf(std::string_view utf8);
[[nodiscard]] std::string utf8Of(const std::vector<std::int64_t>& codePoints);

/// Levenshtein's distance: insertions, deletions and substitutions.
[[nodiscard]] std::size_t editDistance(const std::vector<std::vector<std::int64_t>>& a,
                                       const std::vector<std::vector<std::int64_t>>& b);

} // namespace core
