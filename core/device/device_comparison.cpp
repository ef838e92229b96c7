#include "core/device/device_comparison.h"

#include "core/base/error.h"
#include "core/device/arrangement.h"
#include "core/device/matching.h"
#include "core/plan/plan_fields.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <set>

namespace core {

namespace {

std::vector<float> numbersOf(const Tensor& tensor)
{
    const Tensor rows = toLayout(castTo(tensor, DataType::Float32), Layout::RowMajor);
    return {rows.as<float>().begin(), rows.as<float>().end()};
}

double db(std::span<const float> truth, std::span<const float> other)
{
    double signal = 0.0;
    double error = 0.0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
        signal += double{truth[i]} * truth[i];
        error += (double{truth[i]} - other[i]) * (double{truth[i]} - other[i]);
    }
    return error == 0.0 ? INFINITY : 10.0 * std::log10(std::max(signal, 1e-300) / error);
}

/// One sample in both of our pipelines and beside the device.
struct SampleState
{
    Sample sample;
    std::shared_ptr<const Pipeline> pipeline;
    SampleValues fp32;
    std::vector<std::vector<float>> int8; ///< by OperatorId
    SampleValues device; ///< what the device wrote, or what follows from it
};

class Comparison
{
public:
    Comparison(Session& session, const QuantizationPlan& plan, std::span<const DeviceTensor> tensors,
               const std::stop_token& stop, const ProgressCallback& progress)
        : m_session(session)
        , m_plan(plan)
        , m_tensors(tensors)
        , m_stop(stop)
        , m_progress(progress)
    {
    }

    std::optional<DeviceComparison> run()
    {
        m_network = m_session.prepare(m_plan, m_stop, m_progress);
        if (!m_network) {
            return std::nullopt;
        }
        m_matches = matchTensors(m_network->graph(), m_tensors);
        if (m_matches.tensorOf.empty()) {
            throw Error(ErrorKind::Usage,
                        "no tensor fits an operator by name, or by its count of numbers in order");
        }
        for (const auto& [place, tensor] : m_matches.tensorOf) {
            if (!m_states.contains(place.first)) {
                begin(place.first, m_tensors[tensor]);
            }
        }
        findUsualArrangement();
        const OperatorGraph& graph = m_network->graph();
        for (std::size_t i = 0; i < graph.operators.size(); ++i) {
            for (auto& [index, state] : m_states) {
                if (m_stop.stop_requested()) {
                    return std::nullopt;
                }
                step(OperatorId(i), index, state);
            }
        }
        finish();
        return m_result;
    }

private:
    void begin(std::size_t index, const DeviceTensor& tensor)
    {
        const Dataset& data = *m_session.data().evaluation;
        if (index >= data.size()) {
            throw Error(ErrorKind::Usage,
                        fmt::format("{}: tensor '{}' is of sample {}, the data has {}, from 0", tensor.file,
                                    tensor.name, index, data.size()));
        }
        SampleState state{data.load(index), nullptr, {}, {}, {}};
        state.pipeline = m_network->pipeline.forSample(state.sample);
        state.fp32 = state.pipeline->runFloat(state.sample);
        const OperatorGraph& graph = state.pipeline->graph();
        SampleValues codes(graph.graph->values().size());
        for (std::size_t i = 0; i < graph.operators.size(); ++i) {
            const auto id = OperatorId(i);
            (void)state.pipeline->runQuantized(id, m_network->plan,
                                               *state.pipeline->quantizedForm(id, m_network->plan),
                                               state.sample, codes);
            const ValueId result = graph.at(id).result();
            state.int8.emplace_back();
            if (result != kNoValue && graph.value(result).type == DataType::Float32) {
                const Tensor& value = codes[indexOf(result)];
                state.int8.back() =
                    numbersOf(m_network->plan.isCodes(graph, result)
                                  ? dequantized(value, m_network->plan.values[indexOf(result)]->params)
                                  : value);
            }
        }
        state.device.resize(graph.graph->values().size());
        m_states.emplace(index, std::move(state));
    }

    [[nodiscard]] std::vector<float> realNumbers(const DeviceTensor& tensor) const
    {
        std::vector<float> numbers = numbersOf(tensor.tensor);
        if (tensor.scale) {
            for (float& number : numbers) {
                number = static_cast<float>(*tensor.scale * (double{number} - tensor.zeroPoint));
            }
        }
        return numbers;
    }

    /// Whether both orders of axes give the same shape.
    [[nodiscard]] static bool isAmbiguous(const Shape& shape)
    {
        return std::ranges::all_of(shape.begin() + 1, shape.end(),
                                   [&](std::int64_t d) { return d == shape[1]; });
    }

    [[nodiscard]] static Shape storedShape(const DeviceTensor& tensor)
    {
        return tensor.hasShape ? tensor.tensor.shape() : Shape{};
    }

    /// A dump whose shapes are ONNX's, but whose numbers lie otherwise throughout, is only labelled wrongly.
    void findUsualArrangement()
    {
        std::map<Arrangement, std::size_t> votes;
        std::size_t voters = 0;
        int lastBySpokenShape = 0; // shapes that say N, spatial…, C less those that say N, C, spatial…
        for (const auto& [place, t] : m_matches.tensorOf) {
            const SampleState& state = m_states.at(place.first);
            const Operator& op = state.pipeline->graph().operators[place.second];
            const Tensor& real = state.fp32[indexOf(op.result())];
            const DeviceTensor& tensor = m_tensors[t];
            if (tensor.hasShape && real.rank() >= 3 && !isAmbiguous(real.shape())) {
                const auto claimed = claimedArrangement(tensor.tensor.shape(), real.shape());
                lastBySpokenShape += claimed ? (*claimed == Arrangement::ChannelsLast ? 1 : -1) : 0;
            }
            if (op.type == "Input" || !tensor.layout.empty() || real.rank() < 4 || real.shape()[1] < 2
                || storedShape(tensor) != real.shape()) {
                continue;
            }
            voters += 1;
            votes[best(tensor, real.shape(), numbersOf(real))] += 1;
        }
        m_isLastWhereAmbiguous = lastBySpokenShape > 0;
        for (const auto& [arrangement, count] : votes) {
            if (m_isLastWhereAmbiguous) {
                break; // the shapes are right
            }
            if (arrangement != Arrangement::AsIs && voters >= 3 && count * 5 >= voters * 4) {
                m_usual = arrangement;
                m_result.notes.push_back(
                    fmt::format("the dump says NCHW, but {} of {} tensors lie as {}: read so", count, voters,
                                nameOf(arrangement)));
            }
        }
    }

    [[nodiscard]] Arrangement best(const DeviceTensor& tensor, const Shape& shape,
                                   const std::vector<float>& real) const
    {
        const std::vector<float> numbers = realNumbers(tensor);
        Arrangement chosen = Arrangement::AsIs;
        double highest = -INFINITY;
        for (const Arrangement each : kArrangements) {
            const auto values = arranged(numbers, storedShape(tensor), shape, each);
            const double fit = values ? db(real, *values) : -INFINITY;
            if (values && fit > highest + 1e-9) {
                highest = fit;
                chosen = each;
            }
        }
        return chosen;
    }

    [[nodiscard]] Arrangement arrangementOf(const DeviceTensor& tensor, const Shape& shape,
                                            const std::vector<float>& real) const
    {
        if (const auto named = arrangementNamed(tensor.layout)) {
            return *named;
        }
        if (const auto claimed =
                tensor.hasShape ? claimedArrangement(tensor.tensor.shape(), shape) : std::nullopt) {
            if (m_isLastWhereAmbiguous && shape.size() >= 3 && isAmbiguous(shape)) {
                return Arrangement::ChannelsLast;
            }
            return *claimed == Arrangement::AsIs && m_usual && shape.size() >= 4 ? *m_usual : *claimed;
        }
        return best(tensor, shape, real);
    }

    void step(OperatorId id, std::size_t index, SampleState& state)
    {
        const OperatorGraph& graph = state.pipeline->graph();
        const Operator& op = graph.at(id);
        const SampleValues before = state.device; // shares the bytes
        state.pipeline->runAlone(id, m_network->plan, *state.pipeline->quantizedForm(id, m_network->plan),
                                 state.sample, state.device);
        const auto match = m_matches.tensorOf.find({index, indexOf(id)});
        if (match == m_matches.tensorOf.end() || state.int8[indexOf(id)].empty()) {
            return;
        }
        const DeviceTensor& tensor = m_tensors[match->second];
        const std::size_t value = indexOf(op.result());
        const Shape shape = state.device[value].shape();
        const std::vector<float> own = numbersOf(state.device[value]);
        const std::vector<float> fp32 = numbersOf(state.fp32[value]);
        const Arrangement how = arrangementOf(tensor, shape, fp32);
        const auto numbers = arranged(realNumbers(tensor), storedShape(tensor), shape, how);
        if (!numbers) {
            throw Error(ErrorKind::ShapeMismatch,
                        fmt::format("{}: tensor '{}' has {} numbers ({}), '{}' writes {}", tensor.file,
                                    tensor.name, tensor.tensor.count(), toString(tensor.tensor.shape()),
                                    op.name, toString(shape)));
        }
        const bool isCodes =
            m_network->plan.isCodes(graph, op.result()) && !m_network->plan.values[value]->isDynamic;
        DivergentResult result{op,  shape, *numbers,
                               own, own,   isCodes ? &m_network->plan.values[value]->params : nullptr};
        const bool isOff = departs(result);
        note(id, tensor, {fp32, state.int8[indexOf(id)], own, *numbers}, result, how, isOff);
        if (isOff && (!m_result.first || *m_result.first == id) && !m_isFound) {
            m_isFound = true;
            m_result.first = id;
            m_result.firstSample = index;
            m_result.divergence = explained(id, index, before, tensor, how, result);
        }
        state.device[value] = makeTensor<float>(shape, *numbers);
    }

    Divergence explained(OperatorId id, std::size_t index, const SampleValues& before,
                         const DeviceTensor& tensor, Arrangement how, DivergentResult& result)
    {
        const SampleState& state = m_states.at(index);
        const std::size_t value = indexOf(result.op.result());
        SampleValues reals = before;
        state.pipeline->runFloat(id, state.sample, reals);
        const std::vector<float> real = numbersOf(reals[value]);
        result.real = real;
        for (const Arrangement other : kArrangements) {
            if (other == how) {
                continue;
            }
            if (auto values = arranged(realNumbers(tensor), storedShape(tensor), result.shape, other)) {
                result.rearranged.emplace_back(nameOf(other), std::move(*values));
            }
        }
        for (const auto& [sample, another] : m_states) {
            if (sample != index) {
                result.otherSamples.emplace_back(sample, another.int8[indexOf(id)]);
            }
        }
        addAlternatives(id, state, before, result);
        return kindOf(result);
    }

    /// The operator under other arithmetic, on the same inputs.
    void addAlternatives(OperatorId id, const SampleState& state, const SampleValues& before,
                         DivergentResult& result)
    {
        if (m_network->plan.operators[indexOf(id)].kind != QuantizedKind::Linear || !result.params) {
            return;
        }
        static constexpr std::tuple<DivergenceKind, const char*, const char*> kOthers[] = {
            {DivergenceKind::Rounding, "requantization", "float"},
            {DivergenceKind::Rounding, "requantization", "gemmlowp"},
            {DivergenceKind::Rounding, "requantization", "qnnpack"},
            {DivergenceKind::Rounding, "requantization", "dnnlowp"},
            {DivergenceKind::SaturatingAccumulator, "accumulator", "s32-pair-saturating"}};
        for (const auto& [kind, key, word] : kOthers) {
            QuantizationPlan other = m_plan;
            findPlanField(key)->set(other.operators[result.op.name], PlanValue(std::string(word)));
            const auto network = m_session.prepare(other, m_stop, {});
            if (!network || network->graph().operators.size() != m_network->graph().operators.size()) {
                continue;
            }
            const auto pipeline = network->pipeline.forSample(state.sample);
            SampleValues values = before;
            pipeline->runAlone(id, network->plan, *pipeline->quantizedForm(id, network->plan), state.sample,
                               values);
            result.alternatives.push_back(
                {kind, fmt::format("{}={}", key, word), numbersOf(values[indexOf(result.op.result())])});
        }
    }

    struct Four
    {
        std::span<const float> fp32;
        std::span<const float> int8;
        std::span<const float> own;
        std::span<const float> device;
    };

    void note(OperatorId id, const DeviceTensor& tensor, const Four& four, const DivergentResult& result,
              Arrangement how, bool isOff)
    {
        DeviceRow row{id,
                      tensor.name,
                      db(four.fp32, four.device),
                      db(four.int8, four.device),
                      db(four.own, four.device),
                      0.0,
                      std::string(nameOf(how)),
                      isOff};
        for (std::size_t i = 0; result.params && i < four.device.size(); ++i) {
            row.mostLsb =
                std::max(row.mostLsb, std::abs(double{four.device[i]} - four.int8[i]) / result.step());
        }
        if (m_result.rows.empty() || m_result.rows.back().op != id) {
            m_result.rows.push_back(std::move(row));
            return;
        }
        DeviceRow& worst = m_result.rows.back();
        worst.toFloatDb = std::min(worst.toFloatDb, row.toFloatDb);
        worst.toInt8Db = std::min(worst.toInt8Db, row.toInt8Db);
        worst.ownDb = std::min(worst.ownDb, row.ownDb);
        worst.mostLsb = std::max(worst.mostLsb, row.mostLsb);
        worst.departs = worst.departs || isOff;
    }

    void finish()
    {
        for (const std::size_t t : m_matches.unmatched) {
            m_result.unmatched.push_back(m_tensors[t].name);
        }
        if (m_matches.byOrder) {
            m_result.notes.emplace_back("no name fits: matched by count of numbers in order of execution");
        }
        m_result.samples = m_states.size();
    }

    Session& m_session;
    const QuantizationPlan& m_plan;
    std::span<const DeviceTensor> m_tensors;
    const std::stop_token& m_stop;
    const ProgressCallback& m_progress;
    std::shared_ptr<const PreparedNetwork> m_network;
    DeviceMatches m_matches;
    std::map<std::size_t, SampleState> m_states; ///< by sample
    std::optional<Arrangement> m_usual;
    bool m_isLastWhereAmbiguous = false;
    bool m_isFound = false;
    DeviceComparison m_result;
};

} // namespace

std::optional<DeviceComparison> compareDevice(Session& session, const QuantizationPlan& plan,
                                              std::span<const DeviceTensor> tensors,
                                              const std::stop_token& stop, const ProgressCallback& progress)
{
    return Comparison(session, plan, tensors, stop, progress).run();
}

} // namespace core
