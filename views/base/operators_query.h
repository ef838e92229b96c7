#pragma once

#include "core/report/report.h"

#include <QString>

#include <optional>
#include <vector>

namespace views {

/// What the filter field understands: words joined by spaces, all of which must hold, ignoring case.
///   type:Conv  name:block3  precision:fp32  method:entropy  why:clipped  – text contained (type: equal)
///   sqnr<20 (the worse of both)  iso<20  acc<15  err>1%  out>0.05  clip>0.1%  lsb>1  depth<5        –
///   numbers, % divides by 100 anything else: part of the operator's name or of one of its ONNX nodes.
class OperatorsQuery
{
public:
    OperatorsQuery() = default;
    [[nodiscard]] static OperatorsQuery parse(const QString& text);
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
    };
    static bool holds(const Term& term, const core::LayerReport& layer);
    static std::optional<double> numberOf(Key key, const core::LayerReport& layer);

    std::vector<Term> m_terms;
    QString m_problem;
};

} // namespace views
