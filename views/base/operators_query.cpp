#include "views/base/operators_query.h"

#include "core/base/error.h"
#include "core/network/selected_operators.h"
#include "core/report/cause.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include <algorithm>
#include <limits>
#include <span>

namespace views {

namespace {

bool contains(const std::string& text, const QString& part)
{
    return QString::fromStdString(text).contains(part, Qt::CaseInsensitive);
}

std::optional<double> sqnr(const std::optional<core::ErrorMetrics>& error)
{
    if (!error) {
        return std::nullopt;
    }
    return error->sqnrDb ? error->sqnrDb : std::optional(std::numeric_limits<double>::infinity());
}

/// Nothing for a comparison with a number, whose left side is unknown, and for what is no selector.
std::optional<core::OperatorSelector> selectorIn(const QString& word)
{
    static const QRegularExpression kComparison(QStringLiteral("<|>[-+.0-9=]"));
    const std::string text = word.toStdString();
    if (!core::OperatorSelector::isOne(text) || kComparison.match(word).hasMatch()) {
        return std::nullopt;
    }
    try {
        return core::OperatorSelector::parse(text);
    } catch (const core::Error&) {
        return std::nullopt;
    }
}

} // namespace

OperatorsQuery OperatorsQuery::parse(const QString& text)
{
    static const QRegularExpression kText(QStringLiteral("^(type|name|precision|method|why):~?(.+)$"),
                                          QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression kNumber(
        QStringLiteral(
            "^(sqnr|iso|err|acc|out|clip|lsb|depth)(<=|>=|<|>)([-+]?[0-9]*\\.?[0-9]+(?:e[-+]?[0-9]+)?)(%?)$"),
        QRegularExpression::CaseInsensitiveOption);
    static const std::map<QString, Key> kKeys{
        {"type", Key::Type},     {"name", Key::Name},    {"precision", Key::Precision},
        {"method", Key::Method}, {"why", Key::Why},      {"sqnr", Key::Sqnr},
        {"iso", Key::Isolated},  {"err", Key::Error},    {"acc", Key::Accumulated},
        {"out", Key::AtOutput},  {"clip", Key::Clipped}, {"lsb", Key::Lsb},
        {"depth", Key::Depth}};
    static const std::map<QString, Relation> kRelations{{"<", Relation::Less},
                                                        {"<=", Relation::LessEqual},
                                                        {">", Relation::Greater},
                                                        {">=", Relation::GreaterEqual}};
    OperatorsQuery query;
    for (const QString& word : text.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        if (const auto match = kText.match(word); match.hasMatch()) {
            query.m_terms.push_back(
                {kKeys.at(match.captured(1).toLower()), Relation::Contains, match.captured(2), 0.0});
        } else if (const auto compared = kNumber.match(word); compared.hasMatch()) {
            const double scale = compared.captured(4).isEmpty() ? 1.0 : 0.01;
            query.m_terms.push_back({kKeys.at(compared.captured(1).toLower()),
                                     kRelations.at(compared.captured(2)),
                                     {},
                                     compared.captured(3).toDouble() * scale});
        } else if (auto selector = selectorIn(word)) {
            query.m_terms.push_back({Key::Selector, Relation::Contains, word, 0.0, std::move(selector)});
        } else if ((word.contains(QRegularExpression(QStringLiteral("[<>:]")))
                    || core::OperatorSelector::isOne(word.toStdString()))
                   && query.m_problem.isEmpty()) {
            query.m_problem = word;
        } else {
            query.m_terms.push_back({Key::Anywhere, Relation::Contains, word, 0.0});
        }
    }
    return query;
}

void OperatorsQuery::bind(const core::Results* results)
{
    for (Term& term : m_terms) {
        term.picked.reset();
        if (!term.selector || !results || !results->operators) {
            continue;
        }
        const auto all = core::selectableOperators(*results->operators);
        const std::string text = term.text.toStdString();
        const bool isName = std::ranges::any_of(all, [&](const auto& op) { return op.name == text; });
        term.picked.emplace();
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (isName ? all[i].name == text : term.selector->matches(all, i)) {
                term.picked->insert(i);
            }
        }
    }
}

bool OperatorsQuery::matches(const core::LayerReport& layer) const
{
    return std::ranges::all_of(m_terms, [&](const Term& term) { return holds(term, layer); });
}

std::optional<double> OperatorsQuery::numberOf(Key key, const core::LayerReport& layer)
{
    switch (key) {
    case Key::Sqnr: {
        const auto own = sqnr(layer.isolated);
        const auto all = sqnr(layer.accumulated);
        return own && all ? std::min(*own, *all) : own ? own : all;
    }
    case Key::Isolated:
        return sqnr(layer.isolated);
    case Key::Error:
        return layer.isolated ? layer.isolated->relativeL2 : std::nullopt;
    case Key::Accumulated:
        return sqnr(layer.accumulated);
    case Key::AtOutput:
        return layer.atOutput ? layer.atOutput->relativeL2 : std::nullopt;
    case Key::Clipped:
        return layer.outputQuantization ? std::optional(layer.outputQuantization->clipped) : std::nullopt;
    case Key::Lsb:
        return layer.isolated ? layer.isolated->rmseLsb : std::nullopt;
    case Key::Depth:
        return layer.depth;
    default:
        return std::nullopt;
    }
}

bool OperatorsQuery::holds(const Term& term, const core::LayerReport& layer)
{
    switch (term.key) {
    case Key::Anywhere:
        return contains(layer.name, term.text)
            || std::ranges::any_of(layer.nodes,
                                   [&](const std::string& node) { return contains(node, term.text); });
    case Key::Selector: {
        const core::SelectableOperator alone{
            layer.name, layer.type, layer.nodes, core::indexOf(layer.id), {}};
        return term.picked ? term.picked->contains(core::indexOf(layer.id))
                           : term.selector->matches(std::span(&alone, 1), 0);
    }
    case Key::Name:
        return contains(layer.name, term.text);
    case Key::Type:
        return QString::fromStdString(layer.type).compare(term.text, Qt::CaseInsensitive) == 0;
    case Key::Precision:
        return contains(core::toString(layer.effective), term.text);
    case Key::Method:
        return (layer.activation && contains(layer.activation->method, term.text))
            || (layer.weight && contains(layer.weight->method, term.text));
    case Key::Why:
        return contains(std::string(core::wordFor(core::causeOf(layer))), term.text);
    default:
        break;
    }
    const std::optional<double> number = numberOf(term.key, layer);
    if (!number) {
        return false;
    }
    switch (term.relation) {
    case Relation::Less:
        return *number < term.number;
    case Relation::LessEqual:
        return *number <= term.number;
    case Relation::Greater:
        return *number > term.number;
    case Relation::GreaterEqual:
        return *number >= term.number;
    case Relation::Contains:
        break;
    }
    return false;
}

} // namespace views
