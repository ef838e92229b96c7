#include "core/network/sequence.h"

#include "core/base/error.h"
#include "core/base/sample_loop.h"

#include <algorithm>
#include <fmt/format.h>
#include <mutex>

namespace core {

std::vector<StateLink> stateLinks(const OperatorGraph& graph, const std::vector<StateBinding>& bindings)
{
    std::vector<StateLink> links;
    const Graph& g = *graph.graph;
    for (const StateBinding& binding : bindings) {
        const auto input =
            std::ranges::find(g.inputs(), binding.input, [&](ValueId id) { return g.value(id).name; });
        const auto output =
            std::ranges::find(g.outputs(), binding.output, [&](ValueId id) { return g.value(id).name; });
        if (input == g.inputs().end() || output == g.outputs().end()) {
            continue;
        }
        const Value& to = g.value(*input);
        const Value& from = g.value(*output);
        if (from.type != to.type || from.shape != to.shape) {
            throw Error(ErrorKind::ShapeMismatch,
                        fmt::format("state {} is {} {}, the output {} that feeds it is {} {}", to.name,
                                    nameOf(to.type), toString(to.shape), from.name, nameOf(from.type),
                                    toString(from.shape)));
        }
        links.push_back({static_cast<std::size_t>(input - g.inputs().begin()), *output,
                         *graph.producerOf[indexOf(*input)]});
    }
    return links;
}

Sample withState(Sample sample, const std::vector<StateLink>& links, const std::vector<Tensor>& states)
{
    for (std::size_t i = 0; i < states.size(); ++i) {
        sample.inputs[links[i].input] = states[i];
    }
    return sample;
}

bool forEachStep(const Dataset& data, std::size_t count, const std::vector<StateLink>& links, int threads,
                 const std::stop_token& stop, const std::function<void(std::size_t, Feedback&)>& work,
                 const std::function<void(std::size_t)>& onDone)
{
    if (links.empty()) {
        return forEachSample(
            count, threads, stop,
            [&](std::size_t sample) {
                Feedback none;
                work(sample, none);
            },
            onDone);
    }
    std::vector<std::size_t> starts;
    for (std::size_t i = 0; i < count; ++i) {
        if (i == 0 || data.startsSequence(i)) {
            starts.push_back(i);
        }
    }
    std::mutex mutex; // guards done
    std::size_t done = 0;
    const auto sequence = [&](std::size_t index) {
        const std::size_t end = index + 1 < starts.size() ? starts[index + 1] : count;
        Feedback feedback;
        for (std::size_t sample = starts[index]; sample < end && !stop.stop_requested(); ++sample) {
            work(sample, feedback);
            const std::lock_guard lock(mutex);
            ++done;
            if (onDone) {
                onDone(done);
            }
        }
    };
    forEachSample(starts.size(), threads, stop, sequence, {});
    return done == count;
}

} // namespace core
