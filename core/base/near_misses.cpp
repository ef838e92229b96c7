#include "core/base/near_misses.h"

#include <algorithm>
#include <cctype>

namespace core {

namespace {

constexpr std::size_t kMostLetters = 256; // the distance takes the product of both lengths

std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = std::tolower(static_cast<unsigned char>(a[i - 1]))
                == std::tolower(static_cast<unsigned char>(b[j - 1]));
            const std::size_t replaced = diagonal + (same ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row.back();
}

} // namespace

std::string nearMisses(std::string_view word, const std::vector<std::string>& candidates)
{
    std::vector<std::pair<std::size_t, std::string>> ranked;
    for (const std::string& candidate : candidates) {
        const bool contained = !word.empty() && candidate.find(word) != std::string::npos;
        const std::size_t most = std::max<std::size_t>(2, word.size() / 3);
        const std::size_t longer = std::max(word.size(), candidate.size());
        // As many steps as lengths differ are needed at least, and names that long are nobody's slip.
        if (!contained
            && (longer - std::min(word.size(), candidate.size()) > most || longer > kMostLetters)) {
            continue;
        }
        const std::size_t d = longer > kMostLetters ? 1 : distance(word, candidate);
        if (contained || d <= most) {
            ranked.emplace_back(contained ? std::min<std::size_t>(d, 1) : d, candidate);
        }
    }
    std::ranges::stable_sort(ranked, {}, &std::pair<std::size_t, std::string>::first);
    std::string text;
    for (std::size_t i = 0; i < std::min<std::size_t>(ranked.size(), 3); ++i) {
        text += (i ? " or '" : " (did you mean '") + ranked[i].second + "'";
    }
    return text.empty() ? text : text + "?)";
}

} // namespace core
