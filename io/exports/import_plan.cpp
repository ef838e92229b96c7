#include "io/exports/import_plan.h"

#include "core/quantization/quantized_kind.h"
#include "core/quantization/weight_quantization.h"
#include "io/exports/compare_encodings.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <utility>

namespace io {

namespace {

class Importer
{
public:
    Importer(const EncodingTable& table, const QuantizedModel* model, const core::OperatorGraph& graph,
             const core::QuantizationPlan& base)
        : m_table(table)
        , m_model(model)
        , m_graph(graph)
        , m_base(base)
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
        takeOutputs();
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
            checkInherited(tensor, *value);
            return;
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
        const auto base =
            op.type == "Input" ? m_base.settingsForInput(op.name) : m_base.settingsFor(op.name, op.type);
        if (tensor.params.bits != base.activation.bits.value_or(8)) {
            settings.bits = tensor.params.bits;
        }
        resetScheme(settings, base.activation);
        auto& target = op.type == "Input" ? m_result.plan.inputs[op.name] : m_result.plan.operators[op.name];
        target.activation = settings;
    }

    /// Whether an integer operator that reads codes of the table writes float, which the table says by
    /// leaving its result out.
    bool writesFloat(core::ValueId output) const
    {
        const auto producer = m_graph.producerOf[core::indexOf(output)];
        if (!producer || m_table.activation(m_graph.value(output).name)) {
            return false;
        }
        const core::Operator& op = m_graph.at(*producer);
        const bool isInteger = op.type != "Input" && !op.inputs.empty() && op.inputs[0] != core::kNoValue
            && core::quantizedFormOf(m_graph, op).kind != core::QuantizedKind::None
            && m_result.plan.settingsFor(op.name, op.type).precision == core::kInt8;
        return isInteger && m_table.activation(m_graph.value(op.inputs[0]).name);
    }

    void takeOutputs()
    {
        const auto& outputs = m_graph.graph->outputs();
        const auto floats =
            std::ranges::count_if(outputs, [this](core::ValueId id) { return writesFloat(id); });
        if (floats > 0 && floats == std::ranges::ssize(outputs)) {
            m_result.plan.quantizeOutputs = false;
            return;
        }
        for (const core::ValueId output : outputs) {
            if (floats > 0 && writesFloat(output)) {
                lose(m_graph.value(output).name,
                     "is float in the file; a plan has all outputs quantized or none");
            }
        }
    }

    /// What moves its input's codes has its input's params: a table may say otherwise.
    void checkInherited(const TensorEncoding& tensor, core::ValueId value)
    {
        const TensorEncoding* source = &tensor;
        for (auto producer = m_graph.producerOf[core::indexOf(value)]; producer && inherits(*producer);
             producer = m_graph.producerOf[core::indexOf(value)]) {
            value = m_graph.at(*producer).inputs[0];
            source = m_table.activation(m_graph.value(value).name);
        }
        if (!source) {
            lose(tensor.tensor,
                 fmt::format("moves codes of '{}', which the file does not name", m_graph.value(value).name));
        } else if (source->params.scale != tensor.params.scale
                   || source->params.zeroPoint != tensor.params.zeroPoint) {
            lose(tensor.tensor,
                 fmt::format("moves codes of '{}' and takes its scale {} instead of {}",
                             m_graph.value(value).name, source->params.scale.at(0),
                             tensor.params.scale.at(0)));
        }
    }

    bool inherits(core::OperatorId id) const
    {
        const core::Operator& op = m_graph.at(id);
        return op.type != "Input" && core::quantizedFormOf(m_graph, op).kind == core::QuantizedKind::Inherits;
    }

    /// Wishes of the base that would make another scale of the range.
    static void resetScheme(core::ActivationSettings& settings, const core::ActivationSettings& base)
    {
        const auto off = [](const std::optional<bool>& wish) {
            return wish.value_or(false) ? std::optional(false) : std::nullopt;
        };
        settings.reduceRange = off(base.reduceRange);
        settings.powerOfTwo = off(base.powerOfTwo);
        settings.followedBy = off(base.followedBy);
        if (base.convention.value_or(core::Convention::Noisefloor) != core::Convention::Noisefloor) {
            settings.convention = core::Convention::Noisefloor;
        }
        if (base.sign.value_or(core::Signedness::ByRange) != core::Signedness::ByRange) {
            settings.sign = core::Signedness::ByRange;
        }
    }

    void takeWeight(const TensorEncoding& tensor)
    {
        const auto id = m_graph.find(tensor.op);
        if (!id || m_graph.at(*id).type == "Input") {
            lose(tensor.tensor, fmt::format("no operator '{}' reads it", tensor.op));
            return;
        }
        const core::Operator& op = m_graph.at(*id);
        const auto kind = core::quantizedFormOf(m_graph, op).kind;
        if (kind != core::QuantizedKind::Linear && kind != core::QuantizedKind::Binary) {
            lose(tensor.tensor, fmt::format("'{}' stays float", op.name));
            return;
        }
        const core::WeightSettings base = m_base.settingsFor(op.name, op.type).weight;
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
        if (tensor.params.bits != base.bits.value_or(8)) {
            weight.bits = tensor.params.bits;
        }
        if (const bool symmetric = isSymmetric(tensor.params);
            symmetric != (base.scheme == core::Scheme::Symmetric)) {
            weight.scheme = symmetric ? core::Scheme::Symmetric : core::Scheme::Asymmetric;
        }
        if (kind == core::QuantizedKind::Binary) {
            weight.granularity.reset(); // constant operands are per tensor always
        }
        compareScales(tensor, op, kind);
    }

    /// The plan quantizes weights anew; what of the table's scales comes out otherwise.
    void compareScales(const TensorEncoding& tensor, const core::Operator& op, core::QuantizedKind kind)
    {
        const core::WeightSettings settings = m_result.plan.settingsFor(op.name, op.type).weight;
        const std::size_t operand = op.constants.size() > 1 && op.constants[1] ? 1 : 0;
        const auto weights = kind == core::QuantizedKind::Linear
            ? core::quantizeWeights(op, settings, sourceOf(op))
            : core::quantizeOperand(*op.constants.at(operand), settings);
        const auto& ours = weights->params.scale;
        const auto& theirs = tensor.params.scale;
        if (ours.size() != theirs.size()) {
            lose(itemOf(tensor, op),
                 fmt::format("{} scales of weights become {}", theirs.size(), ours.size()));
            return;
        }
        std::size_t differing = 0;
        std::size_t worst = 0;
        double most = 1.0;
        for (std::size_t c = 0; c < ours.size(); ++c) {
            const double ulps = ulpsBetween(ours[c], theirs[c]);
            differing += ulps > 1.0 ? 1 : 0;
            if (ulps > most) {
                most = ulps;
                worst = c;
            }
        }
        compareCodes(tensor, op, *weights);
        if (differing > 0) {
            lose(itemOf(tensor, op),
                 fmt::format("{} of {} scales of weights are not taken over: {} becomes {} by {}", differing,
                             ours.size(), theirs[worst], ours[worst], core::toString(*settings.method)));
        } else if (weights->params.zeroPoint != tensor.params.zeroPoint) {
            lose(itemOf(tensor, op), "zero points of weights are chosen anew");
        }
    }

    /// A quantized model holds codes, too: repairs of weights and biases show in them.
    void compareCodes(const TensorEncoding& tensor, const core::Operator& op,
                      const core::QuantizedWeights& ours)
    {
        const auto differs = [&](const std::map<std::string, core::Tensor>& all, std::size_t count,
                                 auto codeAt) {
            const auto found = all.find(op.name);
            if (found == all.end()) {
                return false;
            }
            const auto theirs = core::integersOf(found->second);
            bool equal = theirs.size() == count;
            for (std::size_t i = 0; equal && i < count; ++i) {
                equal = theirs[i] == codeAt(i);
            }
            return !equal;
        };
        if (!m_model) {
            return;
        }
        if (differs(m_model->weights, ours.codeCount(), [&](std::size_t i) { return ours.codeAt(i); })) {
            lose(itemOf(tensor, op),
                 "codes of weights are not taken over: the plan rounds the model's weights anew");
        }
        if (differs(m_model->biases, ours.bias.size(), [&](std::size_t i) { return ours.bias[i]; })) {
            lose(op.name, "codes of its bias are not taken over: they hold more than the model's bias");
        }
    }

    /// Tables name weights as they like: then the operator is the better name.
    std::string itemOf(const TensorEncoding& tensor, const core::Operator& op) const
    {
        return m_graph.graph->findValue(tensor.tensor) ? tensor.tensor : op.name;
    }

    /// Params of what a linear operator reads, which limit the scales of weights by its bias.
    core::QuantizationParams sourceOf(const core::Operator& op) const
    {
        const TensorEncoding* source = m_table.activation(m_graph.value(op.inputs[0]).name);
        return source ? source->params
                      : core::chooseActivationParams({0.0, 1e30}, core::Scheme::Asymmetric, 8);
    }

    const EncodingTable& m_table;
    const QuantizedModel* m_model; ///< that the table is of, if it is of one
    const core::OperatorGraph& m_graph;
    const core::QuantizationPlan& m_base;
    ImportedPlan m_result;
};

} // namespace

ImportedPlan planFrom(const EncodingTable& table, const core::OperatorGraph& graph,
                      const core::QuantizationPlan& base)
{
    return Importer(table, nullptr, graph, base).run();
}

ImportedPlan planFrom(const QuantizedModel& model, const core::OperatorGraph& graph,
                      const core::QuantizationPlan& base)
{
    return Importer(model.table, &model, graph, base).run();
}

} // namespace io
