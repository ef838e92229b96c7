#include "io/verify/execution.h"

#include "core/base/error.h"
#include "core/execution/pipeline.h"
#include "core/measure/layer_metrics.h"
#include "core/measure/output_analysis.h"
#include "io/exports/qdq_export.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace io {

namespace {

using core::OperatorId;
using core::Tensor;
using core::ValueId;

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
        if (stop.stop_requested() || !compareOutput(stop, problems)) {
            return std::nullopt;
        }
        return std::move(m_result);
    }

private:
    struct Compared
    {
        ValueId value;
        std::string tensor; ///< in the exported model
        bool codes;
        double error = 0.0;
        double signal = 0.0;
        std::uint64_t equal = 0;
        std::uint64_t near = 0;
        OperatorAgreement agreement;
    };

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

    std::vector<Compared> comparedTensors() const
    {
        std::vector<Compared> all;
        for (const core::Operator& op : m_graph.operators) {
            const ValueId id = op.result();
            const bool codes = m_resolved.isCodes(m_graph, id);
            const bool isReal = m_graph.value(id).type == core::DataType::Float32;
            if (!codes && (op.type == "Input" || !isReal)) {
                continue;
            }
            Compared compared{
                id,    codes ? exportedCodesName(m_graph, id, m_tag) : exportedTensorName(m_graph, m_resolved, id, m_tag),
                codes, 0.0,
                0.0,   0,
                0,     {}};
            compared.agreement.name = op.name;
            compared.agreement.type = op.type;
            compared.agreement.tensor = m_graph.value(id).name;
            compared.agreement.bits = codes ? m_resolved.values[core::indexOf(id)]->params.bits : 0;
            all.push_back(std::move(compared));
        }
        return all;
    }

    /// Samples that the other engine is given at once: it may start anew each time, and their tensors lie in
    /// memory together.
    static std::size_t batchOf(std::size_t bytesPerSample)
    {
        constexpr std::size_t kMostBytes = std::size_t{64} << 20;
        constexpr std::size_t kMostSamples = 256;
        return std::clamp<std::size_t>(kMostBytes / std::max<std::size_t>(bytesPerSample, 1), 1,
                                       kMostSamples);
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
                    add(c, core::toLayout(ours[core::indexOf(c.value)], core::Layout::RowMajor),
                        theirs[i].at(c.tensor));
                }
            }
        }
        m_result.operatorSamples = samples;
        for (Compared& c : compared) {
            m_result.operators.push_back(finished(c));
        }
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

    static OperatorAgreement finished(const Compared& c)
    {
        OperatorAgreement result = c.agreement;
        if (result.elements > 0) {
            result.identical = static_cast<double>(c.equal) / static_cast<double>(result.elements);
            result.withinOneLsb = static_cast<double>(c.near) / static_cast<double>(result.elements);
        }
        if (c.error > 0.0 && c.signal > 0.0) {
            result.sqnrDb = 10.0 * std::log10(c.signal / c.error);
        }
        return result;
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
        const auto outputs =
            core::measuredOutputs(m_graph, m_request.labelsOutput, m_request.data->hasLabels());
        if (outputs.empty()) {
            throw core::Error(core::ErrorKind::UnsupportedOperator,
                              "no output of the model is float: there is nothing to verify");
        }
        const auto logits = std::ranges::find(outputs, "logits", &core::MeasuredOutput::kind);
        return logits != outputs.end() ? logits->value : outputs.front().value;
    }

    bool compareOutput(const std::stop_token& stop, std::vector<std::string>& problems)
    {
        const ValueId id = judgedOutput();
        const bool codes = m_resolved.isCodes(m_graph, id);
        const std::string tensor =
            codes ? exportedCodesName(m_graph, id, m_tag) : exportedTensorName(m_graph, m_resolved, id, m_tag);
        const auto type = codes ? m_resolved.values[core::indexOf(id)]->params.type : core::DataType::Float32;
        m_result.output = m_graph.value(id).name;
        if (!m_peer.expose({{tensor, type, m_graph.value(id).shape}}).empty()) {
            problems.push_back(lackOf(tensor));
            return true;
        }
        const auto classifier = core::classifierOutput(m_graph, m_request.labelsOutput);
        const std::size_t samples = std::min(m_request.samples, m_request.data->size());
        std::uint64_t items = 0;
        std::uint64_t same = 0;
        double error = 0.0;
        double signal = 0.0;
        std::size_t bytes = 0;
        for (const ValueId input : m_graph.graph->inputs()) {
            bytes += static_cast<std::size_t>(core::elementCount(m_graph.value(input).shape)) * sizeof(float);
        }
        const std::size_t batch = batchOf(bytes);
        for (std::size_t first = 0; first < samples; first += batch) {
            std::vector<NamedTensors> inputs;
            std::vector<core::Sample> loaded;
            for (std::size_t i = first; i < std::min(samples, first + batch); ++i) {
                loaded.push_back(m_request.data->load(i));
                inputs.push_back(named(loaded.back()));
            }
            const auto theirs = m_peer.run(inputs, {tensor});
            for (std::size_t i = 0; i < loaded.size(); ++i) {
                if (stop.stop_requested()) {
                    return false;
                }
                const Tensor ours = realOf(runOurs(loaded[i])[core::indexOf(id)], id);
                const Tensor peer = realOf(theirs[i].at(tensor), id);
                const auto sums = core::compareTensors(peer, ours, nullptr, 0);
                error += sums.totalSquaredError();
                signal += sums.totalSquaredReference();
                if (classifier) {
                    const auto a = core::predictionsOf(ours, loaded[i]);
                    const auto b = core::predictionsOf(peer, loaded[i]);
                    for (std::size_t k = 0; k < a.size(); ++k, ++items) {
                        same += a[k].top == b[k].top ? 1 : 0;
                    }
                }
            }
        }
        m_result.samples = samples;
        if (error > 0.0 && signal > 0.0) {
            m_result.outputSqnrDb = 10.0 * std::log10(signal / error);
        }
        if (items > 0) {
            m_result.agreement = 100.0 * static_cast<double>(same) / static_cast<double>(items);
        }
        return true;
    }

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

} // namespace io
