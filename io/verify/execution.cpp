#include "io/verify/execution.h"

#include "core/base/error.h"
#include "core/execution/pipeline.h"
#include "core/measure/layer_metrics.h"
#include "core/measure/output_analysis.h"
#include "io/exports/qdq_export.h"
#include "io/verify/compared_tensor.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace io {

namespace {

using core::OperatorId;
using core::Tensor;
using core::ValueId;
using Compared = ComparedTensor;

class Executor
{
public:
    Executor(const VerificationRequest& request, ExportRunner& peer, const std::string& tag)
        : m_request(request)
        , m_graph(*request.source.graph)
        , m_resolved(*request.source.resolved)
        , m_peer(peer)
        , m_tag(tag)
        , m_pipeline(request.source.graph)
    {
        for (std::size_t i = 0; i < m_graph.operators.size(); ++i) {
            m_forms.push_back(m_pipeline.quantizedForm(OperatorId(i), m_resolved));
        }
    }

    std::optional<Execution> run(const std::stop_token& stop, std::vector<std::string>& problems)
    {
        m_result.runtime = m_peer.name();
        compareOperators(stop, problems);
        if (stop.stop_requested() || !compareOutputs(comparedOutputs(problems, Names::Codes), stop)) {
            return std::nullopt;
        }
        return std::move(m_result);
    }

    std::optional<Execution> runOutputs(const std::stop_token& stop)
    {
        m_result.runtime = m_peer.name();
        std::vector<std::string> none;
        if (!compareOutputs(comparedOutputs(none, Names::Reals), stop)) {
            return std::nullopt;
        }
        return std::move(m_result);
    }

private:
    core::SampleValues runOurs(const core::Sample& sample) const
    {
        core::SampleValues values(m_graph.graph->values().size());
        for (std::size_t k = 0; k < m_graph.operators.size(); ++k) {
            m_pipeline.runQuantized(OperatorId(k), m_resolved, *m_forms[k], sample, values);
        }
        return values;
    }

    NamedTensors named(const core::Sample& sample) const
    {
        NamedTensors inputs;
        for (std::size_t k = 0; k < sample.inputs.size(); ++k) {
            inputs[m_graph.value(m_graph.graph->inputs()[k]).name] = sample.inputs[k];
        }
        return inputs;
    }

    /// Codes that stand for a value in the exported model: what its operator writes, or what an integer
    /// reader makes of a float operator's result.
    bool isCompared(ValueId id) const
    {
        const auto& readers = m_graph.consumersOf[core::indexOf(id)];
        const auto& value = m_resolved.values[core::indexOf(id)];
        return m_resolved.isCodes(m_graph, id)
            || (value && !value->isDynamic && m_graph.value(id).type == core::DataType::Float32
                && std::ranges::any_of(readers, [&](OperatorId reader) {
                       return m_resolved.operators[core::indexOf(reader)].kind != core::QuantizedKind::None;
                   }));
    }

    std::vector<Compared> comparedTensors() const
    {
        std::vector<Compared> all;
        for (const core::Operator& op : m_graph.operators) {
            const ValueId id = op.result();
            if (id == core::kNoValue) {
                continue;
            }
            const auto& value = m_resolved.values[core::indexOf(id)];
            if (value && value->isDynamic) {
                continue; // the file has a range where we choose one at run time: its readers are compared
            }
            const bool codes = isCompared(id);
            const bool isReal = m_graph.value(id).type == core::DataType::Float32;
            if (!codes && (op.type == "Input" || !isReal)) {
                continue;
            }
            Compared compared;
            compared.value = id;
            compared.tensor = codes ? exportedCodesName(m_graph, id, m_tag)
                                    : exportedTensorName(m_graph, m_resolved, id, m_tag);
            compared.codes = codes;
            compared.agreement.name = op.name;
            compared.agreement.type = op.type;
            compared.agreement.tensor = m_graph.value(id).name;
            compared.agreement.bits = codes ? m_resolved.values[core::indexOf(id)]->params.bits : 0;
            all.push_back(std::move(compared));
        }
        return all;
    }

    std::string lackOf(const std::string& tensor) const
    {
        return m_peer.name() + ": the model has no tensor '" + tensor + "'";
    }

    void compareOperators(const std::stop_token& stop, std::vector<std::string>& problems)
    {
        std::vector<Compared> compared = comparedTensors();
        std::vector<ExposedTensor> exposed;
        for (const Compared& c : compared) {
            const auto& value = m_graph.value(c.value);
            const auto type = c.codes ? m_resolved.values[core::indexOf(c.value)]->params.type : value.type;
            exposed.push_back({c.tensor, type, value.shape});
        }
        const std::vector<std::string> missing = m_peer.expose(exposed);
        for (const std::string& name : missing) {
            problems.push_back(lackOf(name));
        }
        std::erase_if(compared, [&](const Compared& c) {
            return std::ranges::find(missing, c.tensor) != missing.end();
        });
        std::vector<std::string> outputs;
        std::ranges::transform(compared, std::back_inserter(outputs), &Compared::tensor);
        const std::size_t samples = std::min(m_request.operatorSamples, m_request.data->size());
        std::size_t bytes = 0;
        for (const ExposedTensor& tensor : exposed) {
            bytes += static_cast<std::size_t>(core::elementCount(tensor.shape)) * sizeof(float);
        }
        const std::size_t batch = batchOf(bytes);
        for (std::size_t first = 0; first < samples && !stop.stop_requested(); first += batch) {
            std::vector<core::Sample> loaded;
            std::vector<NamedTensors> inputs;
            for (std::size_t i = first; i < std::min(samples, first + batch); ++i) {
                loaded.push_back(m_request.data->load(i));
                inputs.push_back(named(loaded.back()));
            }
            const auto theirs = m_peer.run(inputs, outputs);
            for (std::size_t i = 0; i < loaded.size(); ++i) {
                const auto ours = runOurs(loaded[i]);
                for (Compared& c : compared) {
                    add(c, comparable(ours[core::indexOf(c.value)], c), theirs[i].at(c.tensor));
                }
            }
        }
        m_result.operatorSamples = samples;
        for (Compared& c : compared) {
            m_result.operators.push_back(finished(c));
        }
    }

    Tensor comparable(const Tensor& ours, const Compared& c) const
    {
        const bool isReal = c.codes && !m_resolved.isCodes(m_graph, c.value);
        return core::toLayout(
            isReal ? core::quantized(ours, m_resolved.values[core::indexOf(c.value)]->params) : ours,
            core::Layout::RowMajor);
    }

    void add(Compared& c, const Tensor& ours, const Tensor& theirs) const
    {
        const auto y = core::doublesOf(ours);
        const auto z = core::doublesOf(theirs);
        const double zero = c.codes ? m_resolved.values[core::indexOf(c.value)]->params.zeroPoint[0] : 0.0;
        for (std::size_t i = 0; i < std::min(y.size(), z.size()); ++i) {
            const double d = y[i] - z[i];
            c.error += d * d;
            c.signal += (z[i] - zero) * (z[i] - zero);
            c.equal += d == 0.0 ? 1 : 0;
            c.near += !c.codes || std::fabs(d) <= 1.0 ? 1 : 0;
            if (c.codes) {
                c.agreement.maxDifferenceLsb =
                    std::max(c.agreement.maxDifferenceLsb, std::lround(std::fabs(d)));
            }
        }
        c.agreement.elements += y.size();
    }

    Tensor realOf(const Tensor& value, ValueId id) const
    {
        return core::toLayout(m_resolved.isCodes(m_graph, id)
                                  ? core::dequantized(value, m_resolved.values[core::indexOf(id)]->params)
                                  : value,
                              core::Layout::RowMajor);
    }

    /// The logits where there are some, else the first output.
    ValueId judgedOutput() const
    {
        auto outputs = core::measuredOutputs(m_graph, m_request.labelsOutput, m_request.data->hasLabels());
        std::erase_if(outputs, [&](const core::MeasuredOutput& output) {
            return m_graph.value(output.value).type != core::DataType::Float32;
        });
        if (outputs.empty()) {
            throw core::Error(core::ErrorKind::UnsupportedOperator,
                              "no output of the model is float: there is nothing to verify");
        }
        const auto logits = std::ranges::find(outputs, "logits", &core::MeasuredOutput::kind);
        return logits != outputs.end() ? logits->value : outputs.front().value;
    }

    /// What the outputs are called: codes by the name of their tensor, or everything by the output's own.
    enum class Names
    {
        Codes,
        Reals
    };

    /// Every float output that the network computes. Those that the exported model lacks are problems.
    std::vector<ComparedOutput> comparedOutputs(std::vector<std::string>& problems, Names names) const
    {
        std::vector<ComparedOutput> all;
        std::vector<ExposedTensor> exposed;
        for (const ValueId id : judgedAndOutputs(names)) {
            const bool isKnown = std::ranges::find(all, id, &ComparedOutput::value) != all.end();
            const auto& value = m_graph.value(id);
            if (isKnown || value.type != core::DataType::Float32 || value.constant
                || !m_graph.producerOf[core::indexOf(id)]) {
                continue;
            }
            const bool codes = names == Names::Codes && m_resolved.isCodes(m_graph, id);
            all.push_back({id, codes ? exportedCodesName(m_graph, id, m_tag) : realName(id), codes});
            exposed.push_back({all.back().tensor,
                               codes ? m_resolved.values[core::indexOf(id)]->params.type : value.type,
                               value.shape});
        }
        const std::vector<std::string> missing = m_peer.expose(exposed);
        std::ranges::transform(missing, std::back_inserter(problems),
                               [&](const std::string& name) { return lackOf(name); });
        std::erase_if(all, [&](const ComparedOutput& output) {
            return std::ranges::find(missing, output.tensor) != missing.end();
        });
        return all;
    }

    /// The graph's outputs, and where tensors inside can be exposed the logits before them, too.
    std::vector<ValueId> judgedAndOutputs(Names names) const
    {
        std::vector<ValueId> all = m_graph.graph->outputs();
        std::erase_if(all, [&](ValueId id) { // an input as it is: nothing computes it
            const auto producer = m_graph.producerOf[core::indexOf(id)];
            return producer && m_graph.at(*producer).type == "Input";
        });
        if (names == Names::Codes) {
            all.insert(all.begin(), judgedOutput());
        }
        return all;
    }

    /// An output goes by its own name.
    std::string realName(ValueId id) const
    {
        const auto& outputs = m_graph.graph->outputs();
        return std::ranges::find(outputs, id) != outputs.end()
            ? m_graph.value(id).name
            : exportedTensorName(m_graph, m_resolved, id, m_tag);
    }

    /// The judged output where it is among them, else the first.
    ValueId judgedAmong(const std::vector<ComparedOutput>& outputs) const
    {
        const ValueId judged = judgedOutput();
        return std::ranges::find(outputs, judged, &ComparedOutput::value) != outputs.end()
            ? judged
            : outputs.front().value;
    }

    std::size_t inputBatch() const
    {
        std::size_t bytes = 0;
        for (const ValueId input : m_graph.graph->inputs()) {
            bytes += static_cast<std::size_t>(core::elementCount(m_graph.value(input).shape)) * sizeof(float);
        }
        return batchOf(bytes);
    }

    bool compareOutputs(std::vector<ComparedOutput> outputs, const std::stop_token& stop)
    {
        if (outputs.empty()) {
            return true;
        }
        const std::size_t samples = std::min(m_request.samples, m_request.data->size());
        std::vector<std::string> tensors;
        std::ranges::transform(outputs, std::back_inserter(tensors), &ComparedOutput::tensor);
        for (std::size_t first = 0; first < samples; first += inputBatch()) {
            std::vector<NamedTensors> inputs;
            std::vector<core::Sample> loaded;
            for (std::size_t i = first; i < std::min(samples, first + inputBatch()); ++i) {
                loaded.push_back(m_request.data->load(i));
                inputs.push_back(named(loaded.back()));
            }
            const auto theirs = m_peer.run(inputs, tensors);
            for (std::size_t i = 0; i < loaded.size(); ++i) {
                if (stop.stop_requested()) {
                    return false;
                }
                compareSample(outputs, loaded[i], theirs[i]);
            }
        }
        m_result.samples = samples;
        finishOutputs(outputs);
        return true;
    }

    void compareSample(std::vector<ComparedOutput>& outputs, const core::Sample& sample,
                       const NamedTensors& theirs)
    {
        const auto values = runOurs(sample);
        for (ComparedOutput& output : outputs) {
            const Tensor ours = realOf(values[core::indexOf(output.value)], output.value);
            const Tensor peer = output.codes
                ? realOf(theirs.at(output.tensor), output.value)
                : core::toLayout(theirs.at(output.tensor), core::Layout::RowMajor);
            const auto sums = core::compareTensors(peer, ours, nullptr, 0);
            output.error += sums.totalSquaredError();
            output.signal += sums.totalSquaredReference();
            if (output.value == judgedAmong(outputs)
                && core::classifierOutput(m_graph, m_request.labelsOutput)) {
                countPredictions(ours, peer, sample);
            }
        }
    }

    void countPredictions(const Tensor& ours, const Tensor& peer, const core::Sample& sample)
    {
        const auto a = core::predictionsOf(ours, sample);
        const auto b = core::predictionsOf(peer, sample);
        for (std::size_t k = 0; k < a.size(); ++k, ++m_items) {
            m_same += a[k].top == b[k].top ? 1 : 0;
        }
    }

    void finishOutputs(const std::vector<ComparedOutput>& outputs)
    {
        for (const ComparedOutput& output : outputs) {
            OutputAgreement agreement{m_graph.value(output.value).name, std::nullopt};
            if (!(output.error <= 0.0)) { // of NaN, too: the worst there is
                agreement.sqnrDb = 10.0 * std::log10(output.signal / output.error);
            }
            if (output.value == judgedAmong(outputs)) {
                m_result.output = agreement.name;
                m_result.outputSqnrDb = agreement.sqnrDb;
            }
            m_result.outputs.push_back(std::move(agreement));
        }
        if (m_items > 0) {
            m_result.agreement = 100.0 * static_cast<double>(m_same) / static_cast<double>(m_items);
        }
    }

    std::uint64_t m_items = 0; // predictions compared, and how many agree
    std::uint64_t m_same = 0;
    const VerificationRequest& m_request;
    const core::OperatorGraph& m_graph;
    const core::ResolvedPlan& m_resolved;
    ExportRunner& m_peer;
    std::string m_tag;
    core::Pipeline m_pipeline;
    std::vector<std::shared_ptr<const core::Executable>> m_forms;
    Execution m_result;
};

} // namespace

std::optional<Execution> executeExport(const VerificationRequest& request, ExportRunner& peer,
                                       const std::stop_token& stop, std::vector<std::string>& problems,
                                       const std::string& tag)
{
    return Executor(request, peer, tag).run(stop, problems);
}

std::optional<Execution> executeOutputs(const VerificationRequest& request, ExportRunner& peer,
                                        const std::stop_token& stop, const std::string& tag)
{
    return Executor(request, peer, tag).runOutputs(stop);
}

} // namespace io
