#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace core {

/// Up to three candidates closest to a word that matched nothing (Levenshtein distance, case ignored),
/// closest first, as a phrase: ` (did you mean 'conv1' or 'conv2'?)`; empty when nothing is near.
[[nodiscard]] std::string nearMisses(std::string_view word, const std::vector<std::string>& candidates);

} // namespace core
