#include "io/exports/import_plan.h"

#include "core/quantized_kind.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace io {

namespace {

class Importer
{
public:
    Importer(const EncodingTable& table, const core::OperatorGraph& graph, const core::QuantizationPlan& base)
        : m_table(table)
        , m_graph(graph)
    {
        m_result.plan = base;
    }

    ImportedPlan run()
    {
        for (const OperatorEncoding& op : m_table.operators) {
            takeOperator(op);
        }
        for (const TensorEncoding& tensor : m_table.activations) {
            takeActivation(tensor);
        }
        for (const TensorEncoding& tensor : m_table.weights) {
            takeWeight(tensor);
        }
        return std::move(m_result);
    }

private:
    void lose(const std::string& item, std::string what)
    {
        m_result.losses.push_back({item, std::move(what)});
    }

    void takeOperator(const OperatorEncoding& op)
    {
        if (!op.isFloat) {
            return;
        }
        const auto id = m_graph.find(op.name);
        if (!id || m_graph.at(*id).type == "Input") {
            lose(op.name, "no operator of that name");
            return;
        }
        const core::Operator& target = m_graph.at(*id);
        if (core::quantizedFormOf(m_graph, target).kind != core::QuantizedKind::None) {
            m_result.plan.operators[target.name].precision = core::kFp32;
        }
    }

    void takeActivation(const TensorEncoding& tensor)
    {
        const auto value = m_graph.graph->findValue(tensor.tensor);
        const auto producer = value ? m_graph.producerOf[core::indexOf(*value)] : std::nullopt;
        if (!producer) {
            lose(tensor.tensor, "no operator writes a tensor of that name");
            return;
        }
        if (tensor.params.isPerChannel()) {
            lose(tensor.tensor, "activations per channel are not available");
            return;
        }
        const core::Operator& op = m_graph.at(*producer);
        if (op.type != "Input" && core::quantizedFormOf(m_graph, op).kind == core::QuantizedKind::Inherits) {
            return; // the producer's params, which the table names too
        }
        const bool symmetric = isSymmetric(tensor.params);
        core::ActivationSettings settings;
        settings.scheme = symmetric ? core::Scheme::Symmetric : core::Scheme::Asymmetric;
        settings.method = core::CalibrationMethod{"manual", std::nullopt};
        settings.range = tensor.params.range();
        if (symmetric) { // −127…127 whatever the file's lowest code is
            const double most = tensor.params.scale[0] * ((1 << (tensor.params.bits - 1)) - 1.0);
            settings.range = core::Range{-most, most};
        }
        if (tensor.params.bits != 8) {
            settings.bits = tensor.params.bits;
        }
        auto& target = op.type == "Input" ? m_result.plan.inputs[op.name] : m_result.plan.operators[op.name];
        target.activation = settings;
    }

    void takeWeight(const TensorEncoding& tensor)
    {
        const auto id = m_graph.find(tensor.op);
        if (!id || m_graph.at(*id).type == "Input") {
            lose(tensor.tensor, fmt::format("no operator '{}' reads it", tensor.op));
            return;
        }
        const core::Operator& op = m_graph.at(*id);
        if (core::quantizedFormOf(m_graph, op).kind != core::QuantizedKind::Linear) {
            return;
        }
        core::WeightSettings& weight = m_result.plan.operators[op.name].weight;
        if (tensor.params.group > 0) {
            weight.granularity = core::Granularity{core::Granularity::Kind::Group, tensor.params.group};
        } else {
            weight.granularity =
                core::Granularity{tensor.params.isPerChannel() || tensor.params.scale.size() > 1
                                      ? core::Granularity::Kind::PerChannel
                                      : core::Granularity::Kind::PerTensor,
                                  0};
        }
        if (tensor.params.bits != 8) {
            weight.bits = tensor.params.bits;
        }
        if (!isSymmetric(tensor.params)) {
            lose(tensor.tensor, "asymmetric weights are not available: they become symmetric");
        }
    }

    const EncodingTable& m_table;
    const core::OperatorGraph& m_graph;
    ImportedPlan m_result;
};

} // namespace

ImportedPlan planFrom(const EncodingTable& table, const core::OperatorGraph& graph,
                      const core::QuantizationPlan& base)
{
    return Importer(table, graph, base).run();
}

} // namespace io
