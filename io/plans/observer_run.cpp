#include "io/plans/observer_run.h"

#include "core/base/error.h"
#include "core/calibration/observed_range.h"
#include "core/measure/calibration_pass.h"
#include "io/plans/observer_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace io {

namespace {

std::vector<float> finiteValues(std::span<const float> values)
{
    std::vector<float> finite;
    finite.reserve(values.size());
    std::ranges::copy_if(values, std::back_inserter(finite), [](float x) { return std::isfinite(x); });
    return finite;
}

/// Columns of the matrices that the column observer looks at; 0: it is none.
std::size_t columnsOf(const core::Tensor& tensor)
{
    const bool isMatrix = tensor.rank() == 2 || tensor.rank() == 3;
    return isMatrix ? static_cast<std::size_t>(tensor.shape().back()) : 0;
}

ObservedOutput withHistogram(ObservedOutput output, const core::DynamicHistogram& histogram)
{
    const core::StaticHistogram bins = histogram.finalize();
    output.min = bins.min;
    output.max = bins.max;
    output.counts = bins.counts;
    return output;
}

} // namespace

ObserverRun::ObserverRun(const core::OperatorGraph& graph, ObserverOptions options)
    : m_graph(graph)
    , m_options(std::move(options))
{
    if (m_options.bins == 0) {
        m_options.bins = m_options.kind == Observation::ColumnMax ? kColumnBins : kObserverBins;
    }
}

std::vector<std::pair<std::size_t, std::string>> ObserverRun::add(const core::Sample& sample,
                                                                  const std::vector<core::Tensor>& values)
{
    std::vector<std::pair<std::size_t, std::string>> dumps;
    const auto items = static_cast<std::size_t>(std::max<std::int64_t>(sample.items, 1));
    for (std::size_t item = 0; item < items; ++item) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            const auto writer = m_graph.producerOf[i];
            if (!writer || !m_options.watched[core::indexOf(*writer)]
                || values[i].type() != core::DataType::Float32) {
                continue;
            }
            const core::Tensor rows = core::toLayout(values[i], core::Layout::RowMajor);
            const auto parts = core::valuesByItem(sample, rows);
            if (item < parts.size()) {
                look(i, parts[item], columnsOf(rows), m_total);
                if (m_options.dumpEvery > 0) {
                    look(i, parts[item], columnsOf(rows), m_sinceDump);
                }
            }
        }
        ++m_runs;
        if (m_options.dumpEvery > 0 && m_runs % m_options.dumpEvery == 0) {
            dumps.emplace_back(m_runs / m_options.dumpEvery,
                               observerText(outputsOf(m_sinceDump), form(), m_options.delimiter));
            m_sinceDump.clear();
        }
    }
    return dumps;
}

void ObserverRun::look(std::size_t value, std::span<const float> item, std::size_t columns,
                       SeenByValue& seen) const
{
    if (item.empty()) {
        return;
    }
    if (m_options.kind == Observation::MinMax || m_options.kind == Observation::Histogram) {
        seen[value].statistics.merge(core::statisticsOf(item, {0, 1}));
        return;
    }
    const bool byColumn = m_options.kind == Observation::ColumnMax;
    if (byColumn && columns == 0) {
        return;
    }
    auto& histograms = seen[value].histograms;
    if (histograms.empty()) {
        histograms.assign(byColumn ? columns : 1, core::DynamicHistogram(m_options.bins));
    }
    if (!byColumn) {
        histograms[0].add(finiteValues(item));
        return;
    }
    if (histograms.size() != columns) {
        throw core::Error(core::ErrorKind::ShapeMismatch,
                          fmt::format("'{}' has {} columns here and had {} before: the column observer takes "
                                      "one number",
                                      m_graph.graph->values()[value].name, columns, histograms.size()));
    }
    std::vector<float> finite(item.begin(), item.end()); // columns stay where they are
    std::ranges::replace_if(
        finite, [](float x) { return !std::isfinite(x); }, 0.0f);
    core::addColumnMaxima(finite, histograms);
}

std::vector<ObservedOutput> ObserverRun::outputsOf(const SeenByValue& seen) const
{
    std::map<std::string, core::TensorStatistics> statistics;
    for (const auto& [value, kept] : seen) {
        if (kept.histograms.empty()) {
            statistics.emplace(m_graph.graph->values()[value].name, kept.statistics);
        }
    }
    if (form() == ObserverForm::MinMax || m_options.kind == Observation::Histogram) {
        return observedOutputs(m_graph, statistics, form(), m_options.bins);
    }
    std::vector<ObservedOutput> result;
    for (std::size_t i = 0; i < m_graph.operators.size(); ++i) {
        const core::Operator& op = m_graph.operators[i];
        for (std::size_t k = 0; k < op.outputs.size(); ++k) {
            const auto kept =
                op.outputs[k] == core::kNoValue ? seen.end() : seen.find(core::indexOf(op.outputs[k]));
            if (kept == seen.end()) {
                continue;
            }
            const ObservedOutput output{static_cast<int>(i),
                                        op.type,
                                        static_cast<int>(k),
                                        asObserverWord(m_graph.value(op.outputs[k]).name),
                                        std::nullopt,
                                        0.0,
                                        0.0,
                                        {}};
            const auto& histograms = kept->second.histograms;
            for (std::size_t column = 0; column < histograms.size(); ++column) {
                result.push_back(withHistogram(output, histograms[column]));
                if (m_options.kind == Observation::ColumnMax) {
                    result.back().column = static_cast<int>(column);
                }
            }
        }
    }
    return result;
}

ObserverForm ObserverRun::form() const
{
    return m_options.kind == Observation::MinMax   ? ObserverForm::MinMax
        : m_options.kind == Observation::ColumnMax ? ObserverForm::ColumnMax
                                                   : ObserverForm::Histogram;
}

std::string ObserverRun::text() const { return observerText(outputs(), form(), m_options.delimiter); }

std::string dumpPath(const std::string& path, std::size_t number)
{
    const std::size_t slash = path.rfind('/');
    std::size_t dot = path.rfind('.');
    if (dot == std::string::npos || (slash != std::string::npos && dot < slash)) {
        dot = path.size();
    }
    return path.substr(0, dot) + fmt::format("_{}", number) + path.substr(dot);
}

} // namespace io
