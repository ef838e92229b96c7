#include "core/execution/pipeline.h"

#include "core/base/error.h"
#include "core/execution/dynamic_executable.h"
#include "core/execution/low_float.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fmt/format.h>

namespace core {

namespace {

void store(const Operator& op, std::vector<Tensor>&& results, SampleValues& values)
{
    for (std::size_t i = 0; i < op.outputs.size() && i < results.size(); ++i) {
        if (op.outputs[i] != kNoValue) {
            values[indexOf(op.outputs[i])] = std::move(results[i]);
        }
    }
}

bool isActivation(const Operator& op, std::size_t i) { return op.inputs[i] != kNoValue && !op.constants[i]; }

/// Activations that may be codes; indices and the like never are.
bool isRealActivation(const OperatorGraph& graph, const Operator& op, std::size_t i)
{
    return isActivation(op, i) && graph.value(op.inputs[i]).type == DataType::Float32;
}

constexpr std::size_t kMostShapes = 24; // each holds packed weights of its own

bool sameConstants(const Operator& a, const Operator& b)
{
    return std::ranges::equal(a.constants, b.constants, [](const auto& x, const auto& y) {
        if (!x || !y || x->type() != DataType::Float32 || y->type() != DataType::Float32) {
            return x.has_value() == y.has_value();
        }
        return x->shape() == y->shape() && std::memcmp(x->data(), y->data(), x->byteCount()) == 0;
    });
}

/// Whether a plan made for one graph holds for the other: the same operators over the same values, the same
/// weights.
void checkSameNetwork(const OperatorGraph& graph, const OperatorGraph& other,
                      const std::vector<Shape>& shapes)
{
    bool same = graph.operators.size() == other.operators.size()
        && graph.graph->values().size() == other.graph->values().size();
    for (std::size_t i = 0; same && i < graph.operators.size(); ++i) {
        const Operator& a = graph.operators[i];
        const Operator& b = other.operators[i];
        same = a.name == b.name && a.inputs == b.inputs && a.outputs == b.outputs && sameConstants(a, b);
    }
    if (!same) {
        std::string text;
        for (const Shape& shape : shapes) {
            text += (text.empty() ? "" : ", ") + toString(shape);
        }
        throw Error(
            ErrorKind::ShapeMismatch,
            fmt::format(
                "samples of different shapes make different networks (inputs {}): give all samples one shape",
                text));
    }
}

using Clock = std::chrono::steady_clock;

double microsecondsSince(Clock::time_point start)
{
    return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

/// What an integer form keeps: kernels pack their weights once more, a low float rounds its constants.
std::size_t packedBytes(const Operator& op, const ResolvedOperator& resolved)
{
    constexpr std::size_t kKernel = 4096; // generated code and its descriptors, about
    std::size_t bytes = kKernel + (resolved.weights ? resolved.weights->byteCount() : 0);
    for (const auto& constant : op.constants) {
        bytes += resolved.effective.isLowFloat() && constant ? constant->byteCount() : 0;
    }
    return bytes;
}

} // namespace

Pipeline::Pipeline(std::shared_ptr<const OperatorGraph> graph, Rebind rebind,
                   std::shared_ptr<MemoryBudget> budget)
    : m_graph(std::move(graph))
    , m_rebind(std::move(rebind))
    , m_budget(std::move(budget))
    , m_quantized(m_budget)
{
    for (const Operator& op : m_graph->operators) {
        m_float.push_back(compileFloat(*m_graph, op, Backend::Real));
    }
}

std::shared_ptr<const Pipeline> Pipeline::forSample(const Sample& sample) const
{
    const Graph& graph = *m_graph->graph;
    std::vector<Shape> shapes;
    bool isOurs = true;
    for (std::size_t i = 0; i < sample.inputs.size(); ++i) {
        shapes.push_back(sample.inputs[i].shape());
        isOurs = isOurs && shapes.back() == graph.value(graph.inputs()[i]).shape;
    }
    if (isOurs) {
        // Owns nothing: this pipeline outlives what runs on it.
        return {std::shared_ptr<const Pipeline>(), this};
    }
    if (!m_rebind) {
        throw Error(ErrorKind::ShapeMismatch,
                    fmt::format("a sample of {} does not fit the network, which takes {}",
                                toString(shapes.front()), toString(graph.value(graph.inputs()[0]).shape)));
    }
    const std::lock_guard lock(m_mutex);
    auto found = std::ranges::find(m_others, shapes, [](const auto& item) { return item.first; });
    if (found == m_others.end()) {
        auto other = m_rebind(shapes);
        checkSameNetwork(*m_graph, *other, shapes);
        m_others.emplace_front(shapes,
                               std::make_shared<const Pipeline>(std::move(other), Rebind{}, m_budget));
        m_others.resize(std::min(m_others.size(), kMostShapes));
    } else {
        m_others.splice(m_others.begin(), m_others, found);
    }
    return m_others.front().second;
}

std::shared_ptr<const Executable> Pipeline::quantizedForm(OperatorId id, const ResolvedPlan& plan) const
{
    const ResolvedOperator& resolved = plan.operators[indexOf(id)];
    const bool lowFloat = resolved.effective.isLowFloat();
    if (resolved.kind == QuantizedKind::None && !lowFloat) {
        return {m_graph, &m_float[indexOf(id)]}; // lives as long as this pipeline
    }
    if (auto known = m_quantized.find(resolved.key)) {
        return *known;
    }
    auto form =
        std::make_shared<const Executable>(lowFloat ? compileLowFloat(*m_graph, m_graph->at(id), resolved)
                                                    : compileQuantized(*m_graph, id, plan));
    return m_quantized.insert(resolved.key, std::move(form), packedBytes(m_graph->at(id), resolved));
}

std::vector<Tensor> Pipeline::inputsOf(OperatorId id, const SampleValues& values, const Sample& sample) const
{
    const Operator& op = m_graph->at(id);
    if (op.type == "Input") {
        const auto& inputs = m_graph->graph->inputs();
        const auto position = std::ranges::find(inputs, op.outputs[0]) - inputs.begin();
        return {sample.inputs[static_cast<std::size_t>(position)]};
    }
    std::vector<Tensor> result(op.inputs.size());
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
        if (isActivation(op, i)) {
            result[i] = values[indexOf(op.inputs[i])];
        }
    }
    return result;
}

SampleValues Pipeline::runFloat(const Sample& sample, std::vector<double>* time) const
{
    SampleValues values(m_graph->graph->values().size());
    for (std::size_t i = 0; i < m_graph->operators.size(); ++i) {
        const auto start = Clock::now();
        runFloat(OperatorId(i), sample, values);
        if (time) {
            (*time)[i] += microsecondsSince(start);
        }
    }
    return values;
}

void Pipeline::runFloat(OperatorId id, const Sample& sample, SampleValues& values) const
{
    ++m_floatOperatorRuns;
    store(m_graph->at(id), m_float[indexOf(id)].run(inputsOf(id, values, sample)), values);
}

Tensor Pipeline::runQuantized(OperatorId id, const ResolvedPlan& plan, const Executable& form,
                              const Sample& sample, SampleValues& values, BorderTime* conversion) const
{
    BorderTime unused;
    BorderTime& spent = conversion ? *conversion : unused;
    const Operator& op = m_graph->at(id);
    const bool wantsCodes = plan.operators[indexOf(id)].kind != QuantizedKind::None;
    std::vector<Tensor> inputs = inputsOf(id, values, sample);
    if (op.type != "Input") {
        for (std::size_t i = 0; i < op.inputs.size(); ++i) {
            if (!isRealActivation(*m_graph, op, i)) {
                continue;
            }
            const bool codes = plan.isCodes(*m_graph, op.inputs[i]);
            if (codes != wantsCodes && !plan.values[indexOf(op.inputs[i])]->isDynamic) {
                const QuantizationParams& params = plan.values[indexOf(op.inputs[i])]->params;
                const auto start = Clock::now();
                inputs[i] = codes ? dequantized(inputs[i], params) : quantized(inputs[i], params);
                (codes ? spent.dequantize : spent.quantize) += microsecondsSince(start);
            }
        }
    }
    const auto start = Clock::now();
    std::vector<Tensor> results = form.run(inputs);
    if (op.type == "Input" && wantsCodes) { // does nothing else
        spent.quantize += microsecondsSince(start);
    }
    // Beyond its outputs an operator may give what it saturated; others just compute more outputs than are
    // used.
    const bool isCounted =
        plan.operators[indexOf(id)].arithmetic.saturates() && results.size() > op.outputs.size();
    Tensor counts = isCounted ? std::move(results.back()) : Tensor();
    if (!wantsCodes && plan.operators[indexOf(id)].writesCodes) { // FP32, and its result is quantized
        const auto border = Clock::now();
        for (std::size_t i = 0; i < op.outputs.size() && i < results.size(); ++i) {
            if (op.outputs[i] != kNoValue && plan.values[indexOf(op.outputs[i])]) {
                results[i] = quantized(results[i], plan.values[indexOf(op.outputs[i])]->params);
            }
        }
        spent.quantize += microsecondsSince(border);
    }
    store(op, std::move(results), values);
    return counts;
}

Pipeline::IsolatedInputs Pipeline::isolatedInputs(OperatorId id, const ResolvedPlan& plan,
                                                  const Sample& sample, const SampleValues& reference,
                                                  RoundedValues* kept) const
{
    const Operator& op = m_graph->at(id);
    const ResolvedOperator& resolved = plan.operators[indexOf(id)];
    IsolatedInputs result;
    result.taken = inputsOf(id, reference, sample);
    if (op.type != "Input" && resolved.kind == QuantizedKind::None) { // FP32 on fewer bits
        for (std::size_t i = 0; i < op.inputs.size(); ++i) {
            if (isRealActivation(*m_graph, op, i)) {
                Tensor& input = result.taken[i];
                if (plan.isCodes(*m_graph, op.inputs[i])) {
                    input = rounded(input, plan.values[indexOf(op.inputs[i])]->params).reals;
                }
                input = roundedTo(resolved.effective, input);
            }
        }
    }
    result.reals = result.taken;
    if (op.type != "Input" && resolved.kind != QuantizedKind::None) {
        for (std::size_t i = 0; i < op.inputs.size(); ++i) {
            if (isRealActivation(*m_graph, op, i)) {
                const ResolvedValue& value = *plan.values[indexOf(op.inputs[i])];
                RoundedTensor own;
                RoundedTensor& made = kept ? (*kept)[indexOf(op.inputs[i])] : own;
                if (!made.codes.isDefined()) {
                    made = rounded(result.taken[i], paramsOf(value, result.taken[i]));
                }
                result.reals[i] = made.reals;
                if (!value.isDynamic) { // else the operator quantizes it itself
                    result.taken[i] = made.codes;
                }
            }
        }
    }
    return result;
}

std::pair<Tensor, Tensor> Pipeline::runIsolated(OperatorId id, const ResolvedPlan& plan,
                                                const Executable& form, const Sample& sample,
                                                const SampleValues& reference, RoundedValues* kept) const
{
    const Operator& op = m_graph->at(id);
    const IsolatedInputs inputs = isolatedInputs(id, plan, sample, reference, kept);
    const auto result =
        static_cast<std::size_t>(std::ranges::find(op.outputs, op.result()) - op.outputs.begin());
    return {form.run(inputs.taken)[result], m_float[indexOf(id)].run(inputs.reals)[result]};
}

void Pipeline::runAlone(OperatorId id, const ResolvedPlan& plan, const Executable& form, const Sample& sample,
                        SampleValues& values) const
{
    const Operator& op = m_graph->at(id);
    std::vector<Tensor> results = form.run(isolatedInputs(id, plan, sample, values, nullptr).taken);
    const bool isRounded = plan.operators[indexOf(id)].kind == QuantizedKind::None && op.type != "Input";
    for (std::size_t i = 0; i < op.outputs.size() && i < results.size(); ++i) {
        const ValueId output = op.outputs[i];
        if (output == kNoValue || !plan.isCodes(*m_graph, output)
            || plan.values[indexOf(output)]->isDynamic) {
            continue;
        }
        const QuantizationParams& params = plan.values[indexOf(output)]->params;
        results[i] = dequantized(isRounded ? quantized(results[i], params) : results[i], params);
    }
    store(op, std::move(results), values);
}

} // namespace core
