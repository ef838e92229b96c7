#include "core/measure/output_analysis.h"

#include "core/base/error.h"
#include "core/base/near_misses.h"
#include "core/execution/executable_support.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace core {

namespace {

const Operator* producerOf(const OperatorGraph& graph, ValueId id)
{
    const auto op = graph.producerOf[indexOf(id)];
    return op ? &graph.at(*op) : nullptr;
}

/// The input of the Softmax or Sigmoid that a value comes out of, through operators that only reshape. None
/// where that is an input of the network: nothing computes it.
std::optional<ValueId> logitsBehind(const OperatorGraph& graph, ValueId id)
{
    const Operator* op = producerOf(graph, id);
    while (op && isReshape(*op)) {
        op = producerOf(graph, op->inputs[0]);
    }
    if (!op || (op->type != "Softmax" && op->type != "Sigmoid")) {
        return std::nullopt;
    }
    const Operator* const source = producerOf(graph, op->inputs[0]);
    return source && source->type != "Input" ? std::optional(op->inputs[0]) : std::nullopt;
}

bool looksLikeClasses(const Shape& shape)
{
    return shape.size() >= 2 && shape[1] >= 2
        && std::all_of(shape.begin() + 2, shape.end(), [](std::int64_t d) { return d == 1; });
}

} // namespace

std::optional<ValueId> classifierOutput(const OperatorGraph& graph, const std::string& labelsOutput)
{
    const auto& outputs = graph.graph->outputs();
    if (!labelsOutput.empty()) {
        for (const ValueId id : outputs) {
            if (graph.value(id).name == labelsOutput) {
                if (!graph.producerOf[indexOf(id)]) {
                    throw Error(ErrorKind::Usage,
                                fmt::format("labels: no operator computes output '{}'", labelsOutput));
                }
                return id;
            }
        }
        throw Error(ErrorKind::Usage,
                    fmt::format("labels: the model has no output named '{}'", labelsOutput));
    }
    if (outputs.size() == 1 && graph.producerOf[indexOf(outputs[0])]
        && graph.value(outputs[0]).type == DataType::Float32
        && looksLikeClasses(graph.value(outputs[0]).shape)) {
        return outputs[0];
    }
    return std::nullopt;
}

std::vector<MeasuredOutput> measuredOutputs(const OperatorGraph& graph, const std::string& labelsOutput,
                                            bool labelled)
{
    const auto classifier = labelled ? classifierOutput(graph, labelsOutput) : std::nullopt;
    std::vector<MeasuredOutput> result;
    for (const ValueId id : graph.graph->outputs()) {
        const DataType type = graph.value(id).type;
        if ((type != DataType::Float32 && type != DataType::Undefined) || graph.value(id).constant
            || !graph.producerOf[indexOf(id)]) {
            continue;
        }
        const auto logits = logitsBehind(graph, id);
        if (logits) {
            result.push_back({*logits, graph.value(*logits).name, "logits"});
        }
        result.push_back({id, graph.value(id).name,
                          logits                 ? "probabilities"
                              : classifier == id ? "logits"
                                                 : "output",
                          graph.value(id).hasShape && isStatic(graph.value(id).shape)});
    }
    return result;
}

std::vector<ValueId> metricOutputs(const OperatorGraph& graph, const MetricTask& task)
{
    std::vector<std::string> names;
    for (const ValueId id : graph.graph->outputs()) {
        names.push_back(graph.value(id).name);
    }
    std::vector<ValueId> result;
    for (const std::string& wanted : task.outputs) {
        const bool isOnly = wanted.empty() && names.size() == 1;
        const auto found = isOnly ? names.begin() : std::ranges::find(names, wanted);
        if (found == names.end()) {
            throw Error(ErrorKind::Usage,
                        fmt::format("metric {}: {}{}; the model has {}", task.metric->info().kind,
                                    wanted.empty() ? "'output' must say which output it reads"
                                                   : fmt::format("'{}' is no output", wanted),
                                    nearMisses(wanted, names), fmt::join(names, ", ")));
        }
        const ValueId id = graph.graph->outputs()[static_cast<std::size_t>(found - names.begin())];
        if (!graph.producerOf[indexOf(id)]) {
            throw Error(
                ErrorKind::Usage,
                fmt::format("metric {}: no operator computes output '{}'", task.metric->info().kind, *found));
        }
        result.push_back(id);
    }
    return result;
}

std::vector<Prediction> predictionsOf(const Tensor& output, const Sample& sample)
{
    const std::int64_t batch = output.rank() > 0 ? output.shape()[0] : 1;
    const std::int64_t items = std::min(sample.items, batch);
    const std::int64_t classes = output.count() / std::max<std::int64_t>(batch, 1);
    const auto values = output.as<float>();
    std::vector<Prediction> result;
    for (std::int64_t item = 0; item < items; ++item) {
        const auto row =
            values.subspan(static_cast<std::size_t>(item * classes), static_cast<std::size_t>(classes));
        Prediction p;
        // A row with NaN predicts nothing: it agrees with no other and hits no label.
        const bool isOrdered = std::ranges::none_of(row, [](float x) { return std::isnan(x); });
        const auto best = std::ranges::max_element(row); // the first among equals
        p.top = isOrdered ? best - row.begin() : -1;
        p.isTie = isOrdered && std::ranges::count(row, *best) > 1;
        const auto index = static_cast<std::size_t>(item);
        if (index < sample.labels.size() && sample.labels[index]) {
            const std::int64_t label = *sample.labels[index];
            if (label < 0 || label >= classes) {
                throw Error(
                    ErrorKind::ShapeMismatch,
                    fmt::format(
                        "label {} is outside the {} classes of the output (labels.offset is already added)",
                        label, classes));
            }
            p.labelRank = isOrdered ? 0 : classes;
            const float own = row[static_cast<std::size_t>(label)];
            for (std::int64_t c = 0; isOrdered && c < classes; ++c) {
                const float other = row[static_cast<std::size_t>(c)];
                p.labelRank += other > own || (other == own && c < label) ? 1 : 0;
            }
        }
        result.push_back(p);
    }
    return result;
}

void AccuracyCount::add(const std::vector<Prediction>& fp32, const std::vector<Prediction>& quantized)
{
    const auto hit = [](const Prediction& p, std::int64_t k) {
        return p.labelRank >= 0 && p.labelRank < k ? 1u : 0u;
    };
    for (std::size_t i = 0; i < fp32.size(); ++i) {
        ++m_items;
        m_labelled += fp32[i].labelRank >= 0 ? 1 : 0;
        m_agree += fp32[i].top >= 0 && fp32[i].top == quantized[i].top ? 1 : 0;
        m_ties += quantized[i].isTie ? 1 : 0;
        m_hits[0] += hit(fp32[i], 1);
        m_hits[1] += hit(fp32[i], 5);
        m_hits[2] += hit(quantized[i], 1);
        m_hits[3] += hit(quantized[i], 5);
        for (std::size_t k = 0; k < 2; ++k) {
            const auto most = k == 0 ? std::int64_t{1} : std::int64_t{5};
            m_alone[k] += hit(fp32[i], most) > hit(quantized[i], most) ? 1 : 0;
            m_alone[k + 2] += hit(fp32[i], most) < hit(quantized[i], most) ? 1 : 0;
        }
    }
}

std::optional<Accuracy> AccuracyCount::result() const
{
    if (m_items == 0) {
        return std::nullopt;
    }
    const auto percent = [](std::uint64_t part, std::uint64_t whole) {
        return whole ? 100.0 * static_cast<double>(part) / static_cast<double>(whole) : 0.0;
    };
    Accuracy a;
    a.samples = m_items;
    a.labelled = m_labelled > 0;
    a.fp32 = {percent(m_hits[0], m_labelled), percent(m_hits[1], m_labelled)};
    a.quantized = {percent(m_hits[2], m_labelled), percent(m_hits[3], m_labelled)};
    a.top1Agreement = percent(m_agree, m_items);
    a.ties = m_ties;
    a.intervals.agreement = proportionInterval(m_agree, m_items);
    if (a.labelled) {
        a.intervals.fp32Top1 = proportionInterval(m_hits[0], m_labelled);
        a.intervals.quantizedTop1 = proportionInterval(m_hits[2], m_labelled);
        a.intervals.top1Drop = pairedInterval(m_alone[0], m_alone[2], m_labelled);
        a.intervals.top5Drop = pairedInterval(m_alone[1], m_alone[3], m_labelled);
    }
    return a;
}

} // namespace core
