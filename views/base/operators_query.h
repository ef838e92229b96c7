#pragma once

#include "core/plan/operator_selector.h"
#include "core/report/results.h"

#include <QString>

#include <optional>
#include <set>
#include <vector>

namespace views {

/// What the filter field understands: words joined by spaces, all of which must hold, ignoring case.
///   type:Conv  name:block3  precision:fp32  method:entropy  why:clipped  – text contained (type: equal)
///   sqnr<20 (the worse of both)  iso<20  acc<15  err>1%  out>0.05  clip>0.1%  lsb>1  depth<5        –
///   numbers, % divides by 100
///   conv* /block[0-9]+/ #3 Conv>Conv  – selectors, as plans take them (core::OperatorSelector)
/// Anything else: part of the operator's name or of one of its ONNX nodes.
class OperatorsQuery
{
public:
    OperatorsQuery() = default;
    [[nodiscard]] static OperatorsQuery parse(const QString& text);
    /// Finds what selectors pick among the operators of these results; without it they look at one alone.
    void bind(const core::Results* results);
    [[nodiscard]] bool matches(const core::LayerReport& layer) const;
    [[nodiscard]] bool isEmpty() const { return m_terms.empty(); }
    [[nodiscard]] const QString& problem() const
    {
        return m_problem;
    } ///< the first word that means nothing, or empty

private:
    enum class Key
    {
        Anywhere,
        Selector,
        Type,
        Name,
        Precision,
        Method,
        Why,
        Sqnr,
        Isolated,
        Error,
        Accumulated,
        AtOutput,
        Clipped,
        Lsb,
        Depth
    };
    enum class Relation
    {
        Contains,
        Less,
        LessEqual,
        Greater,
        GreaterEqual
    };
    struct Term
    {
        Key key = Key::Anywhere;
        Relation relation = Relation::Contains;
        QString text;
        double number = 0.0;
        std::optional<core::OperatorSelector> selector{};
        std::optional<std::set<std::size_t>> picked{}; ///< by OperatorId
    };
    static bool holds(const Term& term, const core::LayerReport& layer);
    static std::optional<double> numberOf(Key key, const core::LayerReport& layer);

    std::vector<Term> m_terms;
    QString m_problem;
};

} // namespace views
