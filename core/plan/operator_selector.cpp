#include "core/plan/operator_selector.h"

#include "core/base/error.h"
#include "core/base/near_misses.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <regex>
#include <set>

namespace core {

namespace {

constexpr std::string_view kTypePrefix = "type:";
constexpr std::size_t kLongestExpression = 512; // compiled recursively
constexpr std::string_view kInputType = "Input";

[[noreturn]] void refuseSelector(std::string_view text, std::string_view what)
{
    throw Error(ErrorKind::Usage, fmt::format("selector '{}': {}", text, what));
}

bool isWildcard(std::string_view text) { return text.find_first_of("*?") != std::string_view::npos; }

bool isExpression(std::string_view text)
{
    return text.size() > 2 && text.front() == '/' && text.back() == '/';
}

/// * and ? against a whole text, without recursion.
bool fits(std::string_view pattern, std::string_view text)
{
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::vector<std::string> stepsOf(std::string_view text)
{
    std::vector<std::string> steps;
    for (std::size_t start = 0; start <= text.size();) {
        const std::size_t end = std::min(text.find('>', start), text.size());
        std::string_view step = text.substr(start, end - start);
        while (step.starts_with(' ')) {
            step.remove_prefix(1);
        }
        while (step.ends_with(' ')) {
            step.remove_suffix(1);
        }
        steps.emplace_back(step);
        start = end + 1;
    }
    return steps;
}

/// The longest piece of a pattern that stands for itself.
std::string plainPiece(std::string_view text)
{
    std::string longest;
    std::string piece;
    for (const char c : text) {
        piece = std::isalnum(static_cast<unsigned char>(c)) || c == '_' ? piece + c : std::string();
        longest = piece.size() > longest.size() ? piece : longest;
    }
    return longest;
}

bool hasName(const SelectableOperator& op, std::string_view name)
{
    return op.name == name || std::ranges::find(op.nodes, name) != op.nodes.end();
}

} // namespace

struct OperatorSelector::Expression
{
    std::regex regex;
};

bool OperatorSelector::isOne(std::string_view text)
{
    return text.starts_with(kTypePrefix) || text.starts_with('#') || isWildcard(text) || isExpression(text)
        || text.find('>') != std::string_view::npos;
}

OperatorSelector OperatorSelector::parse(std::string_view text)
{
    OperatorSelector result;
    result.m_text = text;
    if (text.starts_with(kTypePrefix)) {
        result.m_kind = Kind::Type;
        result.m_steps = {std::string(text.substr(kTypePrefix.size()))};
    } else if (text.starts_with('#')) {
        result.m_kind = Kind::Position;
        const auto [end, error] =
            std::from_chars(text.data() + 1, text.data() + text.size(), result.m_position);
        if (error != std::errc{} || end != text.data() + text.size()) {
            refuseSelector(text, "# and a position in execution order is expected, the first is #0");
        }
    } else if (isExpression(text)) {
        result.m_kind = Kind::Expression;
        if (text.size() > kLongestExpression) {
            refuseSelector(text.substr(0, 40), "the expression is too long");
        }
        try { // the matcher that needs neither recursion nor exponential time
            const std::string body(text.substr(1, text.size() - 2));
            result.m_expression = std::make_shared<const Expression>(
                Expression{std::regex(body, std::regex::ECMAScript | std::regex_constants::__polynomial)});
        } catch (const std::regex_error& error) {
            refuseSelector(text, fmt::format("no regular expression ({})", error.what()));
        }
    } else if (text.find('>') != std::string_view::npos) {
        result.m_kind = Kind::Sequence;
        result.m_steps = stepsOf(text);
    } else {
        result.m_kind = Kind::Wildcard;
    }
    if (std::ranges::any_of(result.m_steps, &std::string::empty)) {
        refuseSelector(text, "a type is missing; type:Conv or Conv>Conv is expected");
    }
    return result;
}

bool OperatorSelector::matchesName(std::string_view name) const
{
    return m_expression ? std::regex_search(name.begin(), name.end(), m_expression->regex)
                        : fits(m_text, name);
}

bool OperatorSelector::endsSequence(std::span<const SelectableOperator> all, std::size_t index) const
{
    std::set<std::size_t> reached{index};
    for (std::size_t k = m_steps.size(); k-- > 0;) {
        std::erase_if(reached, [&](std::size_t i) { return !fits(m_steps[k], all[i].type); });
        if (k == 0 || reached.empty()) {
            break;
        }
        std::set<std::size_t> before;
        for (const std::size_t i : reached) {
            before.insert(all[i].sources.begin(), all[i].sources.end());
        }
        reached = std::move(before);
    }
    return !reached.empty();
}

bool OperatorSelector::matches(std::span<const SelectableOperator> all, std::size_t index) const
{
    const SelectableOperator& op = all[index];
    if (op.type == kInputType) {
        return false;
    }
    switch (m_kind) {
    case Kind::Type:
        return fits(m_steps.front(), op.type);
    case Kind::Sequence:
        return endsSequence(all, index);
    case Kind::Position:
        return op.position == m_position;
    case Kind::Wildcard:
    case Kind::Expression:
        break;
    }
    return matchesName(op.name)
        || std::ranges::any_of(op.nodes, [&](const std::string& node) { return matchesName(node); });
}

bool OperatorSelector::givesWayTo(const OperatorSelector& other) const
{
    if (m_kind != other.m_kind) {
        return m_kind < other.m_kind;
    }
    return m_text.size() != other.m_text.size() ? m_text.size() < other.m_text.size() : m_text < other.m_text;
}

std::string OperatorSelector::advice(std::span<const SelectableOperator> all) const
{
    std::vector<std::string> names;
    std::set<std::string> types;
    for (const SelectableOperator& op : all) {
        types.emplace(op.type);
        if (op.type != kInputType) {
            names.emplace_back(op.name);
        }
    }
    if (m_kind == Kind::Position) {
        return fmt::format("; there are {}, from #0", names.size());
    }
    const std::vector<std::string> known(types.begin(), types.end());
    for (const std::string& step : m_steps) {
        if (!isWildcard(step) && !types.contains(step)) {
            return fmt::format("; none is of type '{}'{}", step, nearMisses(step, known));
        }
    }
    return m_steps.empty() ? nearMisses(plainPiece(m_text), names) : std::string();
}

std::vector<std::size_t> selectedBy(const OperatorSelector& selector, std::span<const SelectableOperator> all)
{
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (selector.matches(all, i)) {
            indices.push_back(i);
        }
    }
    return indices;
}

std::vector<std::size_t> namedOrSelected(std::string_view text, std::span<const SelectableOperator> all,
                                         std::string_view subject)
{
    std::vector<std::size_t> indices;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < all.size(); ++i) {
        names.emplace_back(all[i].name);
        if (all[i].name == text) {
            return {i};
        }
        if (hasName(all[i], text)) {
            indices.push_back(i);
        }
    }
    if (!indices.empty()) {
        return indices;
    }
    if (!OperatorSelector::isOne(text)) {
        throw Error(ErrorKind::Usage,
                    fmt::format("{}: no operator is named '{}'{}", subject, text, nearMisses(text, names)));
    }
    const OperatorSelector selector = OperatorSelector::parse(text);
    indices = selectedBy(selector, all);
    if (indices.empty()) {
        throw Error(ErrorKind::Usage,
                    fmt::format("{}: no operator matches '{}'{}", subject, text, selector.advice(all)));
    }
    return indices;
}

} // namespace core
