#include "io/verify/written_runner.h"

#include "core/base/error.h"
#include "core/base/fingerprint.h"
#include "core/execution/executable_support.h"
#include "core/graph/bind_shapes.h"
#include "core/graph/written_quantization.h"
#include "core/plan/plan.h"
#include "io/exports/read_quantized_model.h"
#include "io/onnx/onnx_reader.h"

#include <array>
#include <fmt/format.h>

namespace io {

namespace {

/// The same graph, ids kept, in which these values are outputs, too: no fusion takes an output away.
core::Graph withOutputs(const core::Graph& graph, const std::vector<core::ValueId>& more)
{
    core::GraphBuilder builder(graph.name());
    for (const core::Value& value : graph.values()) {
        const core::ValueId id = builder.value(value.name);
        if (value.constant) {
            builder.constant(value.name, *value.constant);
        } else if (value.hasShape) {
            builder.declare(id, value.type, value.shape);
        }
    }
    for (const core::ValueId id : graph.inputs()) {
        const core::Value& value = graph.value(id);
        builder.input(value, value.type);
    }
    for (const core::Node& node : graph.nodes()) {
        builder.node(node);
    }
    for (const core::ValueId id : graph.outputs()) {
        builder.output(id);
    }
    for (const core::ValueId id : more) {
        builder.output(id);
    }
    return std::move(builder).finish();
}

} // namespace

WrittenRunner::WrittenRunner(std::string_view model, const std::string& file)
{
    const OnnxModel opened = readOnnxBytes(model, file);
    m_plan = core::QuantizationPlan::makeWritten();
    std::shared_ptr<const core::Graph> graph;
    const auto bound = [](const core::Graph& source) {
        std::vector<core::Shape> shapes;
        for (const core::ValueId id : source.inputs()) {
            shapes.push_back(source.value(id).shape);
        }
        return core::bindShapes(source, shapes);
    };
    if (core::isQuantized(opened.graph)) {
        const core::QuantizedModel split = core::splitQuantized(opened.graph);
        m_fusion.written = split.written;
        graph = bound(split.shadow);
    } else { // every operator was kept in float
        graph = bound(opened.graph);
        m_plan = core::QuantizationPlan::makeDefault();
        m_plan.defaults.precision = core::kFp32;
    }
    prepare(graph);
}

void WrittenRunner::prepare(const std::shared_ptr<const core::Graph>& graph)
{
    m_bound = graph;
    m_graph = core::fuseOperators(graph, m_fusion);
    // Nothing is calibrated: every range stands in the file.
    const std::vector<core::TensorStatistics> none(graph->values().size());
    core::WeightCache weights;
    m_resolved = core::resolvePlan(*m_graph, m_plan, none, weights);
    m_pipeline = std::make_unique<core::Pipeline>(m_graph);
    m_forms.clear();
    for (std::size_t i = 0; i < m_graph->operators.size(); ++i) {
        m_forms.push_back(m_pipeline->quantizedForm(core::OperatorId(i), m_resolved));
    }
}

std::string WrittenRunner::name() const { return "Noisefloor, as written"; }

std::optional<core::ValueId> WrittenRunner::find(const ExposedTensor& tensor) const
{
    // Values go by the name of the real number that the codes stand for, where the file has one.
    constexpr std::array<std::string_view, 4> kSuffixes{"_QuantizeLinear_Output", "_DequantizeLinear_Output",
                                                        "_QuantizeLinear_Input", ""};
    std::string plain = tensor.name;
    for (const std::string_view suffix : kSuffixes) {
        if (plain.ends_with(suffix)) {
            plain.resize(plain.size() - suffix.size());
            plain.resize(plain.size() - exportTagAtEnd(plain).size());
            break;
        }
    }
    const bool wantsCodes = tensor.type != core::DataType::Float32;
    for (const std::string& candidate : {tensor.name, plain, plain + "_QuantizeLinear_Output"}) {
        const auto id = m_graph->graph->findValue(candidate);
        if (id && m_graph->producerOf[core::indexOf(*id)]
            && (m_graph->value(*id).type != core::DataType::Float32
                || m_resolved.isCodes(*m_graph, *id) == wantsCodes || isRead(*id, tensor))) {
            return id;
        }
    }
    return std::nullopt;
}

/// What the file quantizes a value with: as resolved for what reads it in integers, else as the file has it.
const core::QuantizationParams* WrittenRunner::paramsOf(core::ValueId id) const
{
    const auto& value = m_resolved.values[core::indexOf(id)];
    if (value) {
        return value->isDynamic ? nullptr : &value->params;
    }
    if (!m_fusion.written) {
        return nullptr;
    }
    const auto found = m_fusion.written->values.find(m_graph->value(id).name);
    return found == m_fusion.written->values.end() ? nullptr : &found->second;
}

/// A float operator's result that the file quantizes to these codes for its readers.
bool WrittenRunner::isRead(core::ValueId id, const ExposedTensor& codes) const
{
    const core::QuantizationParams* params = paramsOf(id);
    return params && params->type == codes.type;
}

/// Real numbers of the file that our fusion has taken into an operator behind them stand apart.
void WrittenRunner::keepApart(const std::vector<ExposedTensor>& tensors)
{
    std::vector<core::ValueId> hidden;
    for (const ExposedTensor& tensor : tensors) {
        const auto id = m_bound->findValue(tensor.name);
        if (id && tensor.type == core::DataType::Float32 && m_bound->value(*id).producer && !find(tensor)) {
            hidden.push_back(*id);
        }
    }
    if (!hidden.empty()) {
        prepare(std::make_shared<const core::Graph>(withOutputs(*m_bound, hidden)));
    }
}

std::vector<std::string> WrittenRunner::expose(const std::vector<ExposedTensor>& tensors)
{
    std::vector<std::string> missing;
    m_exposed.clear();
    keepApart(tensors);
    for (const ExposedTensor& tensor : tensors) {
        if (const auto id = find(tensor)) {
            const bool isReal = m_graph->value(*id).type == core::DataType::Float32
                && !m_resolved.isCodes(*m_graph, *id) && tensor.type != core::DataType::Float32;
            m_exposed[tensor.name] = {*id, isReal};
        } else {
            missing.push_back(tensor.name);
        }
    }
    return missing;
}

/// Codes given to an input that stands for reals.
core::Tensor WrittenRunner::realOf(core::ValueId input, const core::Tensor& given) const
{
    const core::Value& value = m_graph->value(input);
    if (given.type() == value.type || value.type != core::DataType::Float32 || !m_fusion.written) {
        return given;
    }
    const auto found = m_fusion.written->values.find(value.name);
    return found == m_fusion.written->values.end() ? given : core::dequantized(given, found->second);
}

std::vector<NamedTensors> WrittenRunner::run(const std::vector<NamedTensors>& samples,
                                             const std::vector<std::string>& tensors)
{
    std::vector<NamedTensors> results;
    for (const NamedTensors& named : samples) {
        core::Sample sample;
        for (const core::ValueId id : m_graph->graph->inputs()) {
            const auto found = named.find(m_graph->value(id).name);
            if (found == named.end()) {
                throw core::Error(core::ErrorKind::InvalidModel,
                                  fmt::format("the export has an input '{}' that the model has not",
                                              m_graph->value(id).name));
            }
            sample.inputs.push_back(realOf(id, found->second));
        }
        core::SampleValues values(m_graph->graph->values().size());
        for (std::size_t k = 0; k < m_graph->operators.size(); ++k) {
            (void)m_pipeline->runQuantized(core::OperatorId(k), m_resolved, *m_forms[k], sample, values);
        }
        NamedTensors result;
        for (const std::string& tensor : tensors) {
            const auto [id, isQuantizedBehind] = m_exposed.at(tensor);
            const core::Tensor& value = values[core::indexOf(id)];
            result[tensor] = core::toLayout(isQuantizedBehind ? core::quantized(value, *paramsOf(id)) : value,
                                            core::Layout::RowMajor);
        }
        results.push_back(std::move(result));
    }
    return results;
}

} // namespace io
