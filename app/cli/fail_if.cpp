#include "app/cli/fail_if.h"

#include "app/cli/fail_if_metric.h"
#include "core/base/error.h"
#include "core/network/selected_operators.h"
#include "core/report/non_finite.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace cli {

namespace {

class Parser
{
public:
    explicit Parser(const std::string& text)
        : m_text(text)
    {
    }

    FailIf parse()
    {
        FailIf result(1);
        while (true) {
            result.back().push_back(comparison());
            skipSpace();
            if (m_at == m_text.size()) {
                return result;
            }
            const std::string joint = word();
            if (joint == "or") {
                result.emplace_back();
            } else if (joint != "and") {
                fail("'and' or 'or' is expected");
            }
        }
    }

private:
    [[noreturn]] void fail(const std::string& what) const
    {
        throw core::Error(core::ErrorKind::Usage,
                          fmt::format("--fail-if: at '{}': {}", m_text.substr(m_at), what));
    }
    void skipSpace()
    {
        while (m_at < m_text.size() && std::isspace(static_cast<unsigned char>(m_text[m_at]))) {
            ++m_at;
        }
    }
    std::string word()
    {
        const std::size_t start = m_at;
        while (m_at < m_text.size() && std::isalpha(static_cast<unsigned char>(m_text[m_at]))) {
            ++m_at;
        }
        return m_text.substr(start, m_at - start);
    }
    std::string quantity()
    {
        skipSpace();
        const std::size_t start = m_at;
        bool quoted = false;
        while (m_at < m_text.size()) {
            const char c = m_text[m_at];
            quoted = c == '"' ? !quoted : quoted;
            if (!quoted && !std::isalnum(static_cast<unsigned char>(c))
                && std::string_view("_.[]\"").find(c) == std::string_view::npos) {
                break;
            }
            ++m_at;
        }
        if (m_at == start) {
            fail("a quantity is expected");
        }
        return m_text.substr(start, m_at - start);
    }
    Comparison comparison()
    {
        Comparison c;
        c.quantity = quantity();
        skipSpace();
        for (const char* op : {"<=", ">=", "==", "!=", "<", ">"}) {
            if (m_text.compare(m_at, std::string_view(op).size(), op) == 0) {
                c.op = op;
                break;
            }
        }
        if (c.op.empty()) {
            fail("one of < <= > >= == != is expected");
        }
        m_at += c.op.size();
        skipSpace();
        const auto [end, error] =
            std::from_chars(m_text.data() + m_at, m_text.data() + m_text.size(), c.value);
        if (error != std::errc{} || !std::isfinite(c.value)) {
            fail("a finite number is expected");
        }
        m_at = static_cast<std::size_t>(end - m_text.data());
        return c;
    }

    const std::string& m_text;
    std::size_t m_at = 0;
};

constexpr double kNoError = std::numeric_limits<double>::infinity();

bool isBetterHigh(const std::string& name) { return name == "sqnr_db" || name == "cosine"; }

bool isKnown(const std::string& name)
{
    constexpr std::array kNames{"sqnr_db", "relative_l2", "l2", "max_abs", "cosine", "rmse_lsb"};
    return std::ranges::find(kNames, name) != kNames.end();
}

/// What is no number is worse than any number.
double worst(const std::string& name) { return isBetterHigh(name) ? -kNoError : kNoError; }

double metric(const core::ErrorMetrics& m, const std::string& name, const std::string& whole)
{
    if (core::isNonFinite(m) && isKnown(name)) {
        return worst(name);
    }
    if (name == "sqnr_db") {
        return m.sqnrDb.value_or(kNoError);
    }
    if (name == "relative_l2") {
        return m.relativeL2.value_or(0.0);
    }
    if (name == "l2") {
        return m.l2;
    }
    if (name == "max_abs") {
        return m.maxAbs;
    }
    if (name == "cosine") {
        return m.cosine.value_or(1.0);
    }
    if (name == "rmse_lsb") {
        return m.rmseLsb.value_or(0.0);
    }
    throw core::Error(core::ErrorKind::Usage, fmt::format("--fail-if: '{}' is unknown", whole));
}

/// What selectors look at; without a graph nothing is known of who reads whom.
std::vector<core::SelectableOperator> selectableLayers(const core::Report& report,
                                                       const core::OperatorGraph* graph)
{
    if (graph) {
        return core::selectableOperators(*graph);
    }
    std::vector<core::SelectableOperator> all;
    std::size_t position = 0;
    for (const auto& layer : report.layers) {
        all.push_back({layer->name, layer->type, layer->nodes, position, {}});
        position += layer->type == "Input" ? 0 : 1;
    }
    return all;
}

double layerMetric(const core::LayerReport& layer, const std::string& path, const std::string& quantity)
{
    const std::size_t dot = path.find('.');
    const std::string group = path.substr(0, dot);
    if (dot == std::string::npos
        || (group != "isolated" && group != "accumulated" && group != "at_output"
            && group != "pipeline_shadow")) {
        throw core::Error(core::ErrorKind::Usage, fmt::format("--fail-if: '{}' is unknown", quantity));
    }
    const auto& metrics = group == "isolated" ? layer.isolated
        : group == "accumulated"              ? layer.accumulated
        : group == "pipeline_shadow"          ? layer.pipelineShadow
                                              : layer.atOutput;
    if (!metrics) {
        throw core::Error(core::ErrorKind::Usage,
                          fmt::format("--fail-if: '{}' was not measured for {}", group, layer.name));
    }
    return metric(*metrics, path.substr(dot + 1), quantity);
}

double operatorMetric(const core::Report& report, const std::string& quantity,
                      const core::OperatorGraph* graph)
{
    const std::size_t close = quantity.find("\"].");
    if (close == std::string::npos) {
        throw core::Error(
            core::ErrorKind::Usage,
            fmt::format("--fail-if: '{}': op[\"NAME\"].isolated.sqnr_db is expected", quantity));
    }
    const std::string path = quantity.substr(close + 3);
    const bool high = isBetterHigh(path.substr(path.find('.') + 1));
    double result = high ? kNoError : -kNoError;
    const auto picked =
        core::namedOrSelected(quantity.substr(4, close - 4), selectableLayers(report, graph), "--fail-if");
    for (const std::size_t i : picked) {
        const double value = layerMetric(*report.layers.at(i), path, quantity);
        result = high ? std::min(result, value) : std::max(result, value);
    }
    return result;
}

double valueOf(const core::Report& report, const std::string& quantity, const core::OperatorGraph* graph)
{
    if (quantity.starts_with("op[\"")) {
        return operatorMetric(report, quantity, graph);
    }
    if (const auto value = metricQuantity(report, quantity)) {
        return *value;
    }
    if (quantity.starts_with("output.")) { // the worst output
        const std::string name = quantity.substr(7);
        if (report.outputs.empty()) {
            throw core::Error(
                core::ErrorKind::Usage,
                fmt::format("--fail-if: '{}' needs a float output that is computed from the inputs",
                            quantity));
        }
        double result = isBetterHigh(name) ? kNoError : 0.0;
        for (const core::OutputReport& output : report.outputs) {
            const double value = metric(output.error, name, quantity);
            result = isBetterHigh(name) ? std::min(result, value) : std::max(result, value);
        }
        // A number at the output says nothing where NaN or infinity was met on the way to it.
        const bool met =
            std::ranges::any_of(report.layers, [](const auto& l) { return core::isNonFinite(*l); });
        return met ? worst(name) : result;
    }
    const bool drop = quantity == "top1_drop" || quantity == "top5_drop";
    if (!drop && quantity != "agreement") {
        throw core::Error(
            core::ErrorKind::Usage,
            fmt::format(
                "--fail-if: '{}' is unknown; known: output.sqnr_db, output.relative_l2, "
                "top1_drop, top5_drop, agreement, these with .upper or .lower of their 95 % interval, "
                "metric, metric_drop and the metric's own kind (map_drop.upper), "
                "op[\"NAME\"].isolated.sqnr_db",
                quantity));
    }
    if (!report.accuracy || (drop && !report.accuracy->labelled)) {
        throw core::Error(
            core::ErrorKind::Usage,
            fmt::format("--fail-if: '{}' needs {}", quantity, drop ? "labels" : "a classifier output"));
    }
    const core::Accuracy& a = *report.accuracy;
    const bool met =
        std::ranges::any_of(report.outputs, [](const auto& o) { return core::isNonFinite(o.error); });
    if (met && drop) {
        return kNoError; // FP32 that predicts nothing leaves nothing to lose
    }
    return quantity == "agreement" ? a.top1Agreement
        : quantity == "top1_drop"  ? a.fp32.top1 - a.quantized.top1
                                   : a.fp32.top5 - a.quantized.top5;
}

bool holds(const Comparison& c, const core::Report& report, const core::OperatorGraph* graph)
{
    const double value = valueOf(report, c.quantity, graph);
    return c.op == "<" ? value < c.value
        : c.op == "<=" ? value <= c.value
        : c.op == ">"  ? value > c.value
        : c.op == ">=" ? value >= c.value
        : c.op == "==" ? value == c.value
                       : value != c.value;
}

} // namespace

FailIf parseFailIf(const std::string& text) { return Parser(text).parse(); }

std::vector<io::CheckedCondition> checkedConditions(const FailIf& condition, const core::Report& report,
                                                    const core::OperatorGraph* graph)
{
    std::vector<io::CheckedCondition> checks;
    for (const auto& all : condition) {
        io::CheckedCondition check{{}, true, {}};
        for (const Comparison& c : all) {
            check.text +=
                fmt::format("{}{}{}{:g}", check.text.empty() ? "" : " and ", c.quantity, c.op, c.value);
            check.isMet = holds(c, report, graph) && check.isMet;
            const std::string words = quantityWords(report, c.quantity);
            const std::string detail = words.empty()
                ? fmt::format("{} is {:.4g}", c.quantity, valueOf(report, c.quantity, graph))
                : words;
            check.detail += (check.detail.empty() ? "" : "; ") + detail;
        }
        checks.push_back(std::move(check));
    }
    return checks;
}

bool holds(const FailIf& condition, const core::Report& report, const core::OperatorGraph* graph)
{
    return std::ranges::any_of(condition, [&](const auto& all) {
        return std::ranges::all_of(all, [&](const Comparison& c) { return holds(c, report, graph); });
    });
}

} // namespace cli
