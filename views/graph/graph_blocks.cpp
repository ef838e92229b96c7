#include "views/graph/graph_blocks.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

namespace views {

namespace {

constexpr std::uint32_t kShortest = 3; // fewer operators are not worth a box to open

std::size_t boxesWith(const std::vector<GraphBlock>& blocks, std::size_t operators)
{
    std::size_t inBlocks = 0;
    for (const GraphBlock& block : blocks) {
        inBlocks += block.count;
    }
    return operators - inBlocks + blocks.size();
}

/// The first `parts` parts of a name; empty when it has no more than those, for then it is not inside them.
std::string_view prefixOf(std::string_view name, std::size_t parts)
{
    std::size_t at = 0;
    for (std::size_t part = 0; part < parts; ++part) {
        // A leading separator opens a part of its own in exporters that begin with one.
        at = name.find_first_of("/.", at == 0 ? std::min<std::size_t>(1, name.size()) : at + 1);
        if (at == std::string_view::npos) {
            return {};
        }
    }
    return name.substr(0, at);
}

std::vector<GraphBlock> blocksByPrefix(std::span<const std::string> names, std::size_t parts)
{
    std::vector<GraphBlock> blocks;
    std::map<std::string, int, std::less<>> uses;
    for (std::size_t i = 0; i < names.size();) {
        const std::string_view prefix = prefixOf(names[i], parts);
        std::size_t end = i + 1;
        while (end < names.size() && !prefix.empty() && prefixOf(names[end], parts) == prefix) {
            ++end;
        }
        if (end - i >= kShortest) {
            const int use = ++uses[std::string(prefix)];
            blocks.push_back({std::string(prefix) + (use > 1 ? " #" + std::to_string(use) : std::string()),
                              static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(end - i)});
        }
        i = end;
    }
    return blocks;
}

std::vector<GraphBlock> repeatedBlocks(std::span<const std::string> types, std::size_t period)
{
    // The longest run in which every operator has the type of the one a period later.
    std::size_t best = 0;
    std::size_t bestStart = 0;
    std::size_t run = 0;
    for (std::size_t i = 0; i + period < types.size(); ++i) {
        run = types[i] == types[i + period] ? run + 1 : 0;
        if (run > best) {
            best = run;
            bestStart = i + 1 - run;
        }
    }
    std::vector<GraphBlock> blocks;
    if (best == 0) {
        return blocks;
    }
    const std::size_t times = (best + period) / period;
    for (std::size_t k = 0; k < times; ++k) {
        blocks.push_back({"block " + std::to_string(k + 1) + " of " + std::to_string(times),
                          static_cast<std::uint32_t>(bestStart + k * period),
                          static_cast<std::uint32_t>(period)});
    }
    return blocks;
}

std::vector<GraphBlock> slices(std::size_t operators, std::size_t mostBoxes)
{
    const std::size_t length =
        std::max<std::size_t>(kShortest, (operators + mostBoxes - 1) / std::max<std::size_t>(1, mostBoxes));
    std::vector<GraphBlock> blocks;
    for (std::size_t i = 0; i < operators; i += length) {
        const std::size_t count = std::min(length, operators - i);
        blocks.push_back({"operators " + std::to_string(i) + "–" + std::to_string(i + count - 1),
                          static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(count)});
    }
    return blocks;
}

} // namespace

std::vector<GraphBlock> findBlocks(std::span<const std::string> names, std::span<const std::string> types,
                                   std::size_t mostBoxes)
{
    constexpr std::size_t kDeepest = 8;
    constexpr std::size_t kLongestPeriod = 256;
    for (std::size_t parts = kDeepest; parts > 0; --parts) {
        auto blocks = blocksByPrefix(names, parts);
        // One box for everything says nothing: prefixes that all share are no structure.
        if (blocks.size() > 1 && boxesWith(blocks, names.size()) <= mostBoxes) {
            return blocks;
        }
    }
    for (std::size_t period = kShortest; period <= std::min(kLongestPeriod, types.size() / 2); ++period) {
        auto blocks = repeatedBlocks(types, period);
        if (blocks.size() > 1 && boxesWith(blocks, names.size()) <= mostBoxes) {
            return blocks;
        }
    }
    return slices(names.size(), mostBoxes);
}

} // namespace views
