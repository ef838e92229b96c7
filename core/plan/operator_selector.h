#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core {

/// An operator as selectors see it.
struct SelectableOperator
{
    std::string_view name;
    std::string_view type; ///< "Input" for inputs of the graph, which selectors pass over
    std::span<const std::string> nodes; ///< names of the nodes it came from
    std::size_t position = 0; ///< in execution order, inputs not counted, from 0
    std::vector<std::size_t> sources{}; ///< indices, in the same list, of what writes its inputs
};

/// What picks operators where a plan, `--set`, `--fail-if` or a filter would name one:
///   type:Conv       by type; * and ? as below
///   Conv>Relu>Conv  a sequence of types: the last, where it reads the one before, and so on
///   block?/conv*    by name: * stands for any characters, ? for one
///   /conv[0-9]+$/   by name: an ECMAScript regular expression, found anywhere in it
///   #3              by position in execution order, from 0, inputs not counted
/// A name is that of the operator or of a node fused into it. Whoever asks looks for exact names first.
class OperatorSelector
{
public:
    /// In the order in which one gives way to the next.
    enum class Kind : unsigned char
    {
        Type,
        Sequence,
        Wildcard,
        Expression,
        Position
    };

    /// Whether text has the form of a selector. Looks at signs only, does not throw.
    [[nodiscard]] static bool isOne(std::string_view text);
    /// Throws core::Error(Usage) for a form that does not hold together: a broken expression, "#x", "Conv>".
    [[nodiscard]] static OperatorSelector parse(std::string_view text);

    [[nodiscard]] const std::string& text() const { return m_text; }
    [[nodiscard]] Kind kind() const { return m_kind; }
    [[nodiscard]] bool matches(std::span<const SelectableOperator> all, std::size_t index) const;
    /// Whether the other says more about what it means: a later kind, or of the same kind a longer text.
    [[nodiscard]] bool givesWayTo(const OperatorSelector& other) const;
    /// Why it may have matched nothing: near misses, or how many operators there are.
    [[nodiscard]] std::string advice(std::span<const SelectableOperator> all) const;

private:
    struct Expression;

    OperatorSelector() = default;
    [[nodiscard]] bool matchesName(std::string_view name) const;
    [[nodiscard]] bool endsSequence(std::span<const SelectableOperator> all, std::size_t index) const;

    std::string m_text;
    Kind m_kind = Kind::Wildcard;
    std::vector<std::string> m_steps; ///< of Type (one) and Sequence: types
    std::shared_ptr<const Expression> m_expression;
    std::size_t m_position = 0;
};

/// Indices of what a selector picks, in order.
[[nodiscard]] std::vector<std::size_t> selectedBy(const OperatorSelector& selector,
                                                  std::span<const SelectableOperator> all);

/// Where a single text may be a name or a selector: indices of the operators of exactly that name, of their
/// own or of a node in them, else of what it selects. Throws core::Error(Usage) starting with `subject` when
/// there is none, with near misses.
[[nodiscard]] std::vector<std::size_t>
namedOrSelected(std::string_view text, std::span<const SelectableOperator> all, std::string_view subject);

} // namespace core
