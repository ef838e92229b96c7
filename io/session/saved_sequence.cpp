#include "io/session/saved_sequence.h"

#include "core/base/error.h"
#include "io/session/error_columns.h"

#include <fmt/format.h>

namespace io {

void saveSequence(Hdf5Writer& file, const std::string& path, const core::Report& report)
{
    const core::SequenceReport sequence = report.sequence.value_or(core::SequenceReport{});
    Table states;
    auto& inputs = states.addTexts("input");
    auto& outputs = states.addTexts("output");
    for (const core::StateBinding& state : sequence.states) {
        inputs.push_back(state.input);
        outputs.push_back(state.output);
    }
    file.table(path + "/states", states);
    Table starts;
    auto& samples = starts.addIntegers("sample");
    samples.assign(sequence.starts.begin(), sequence.starts.end());
    file.table(path + "/sequence_starts", starts);
    Table steps;
    auto& names = steps.addTexts("output");
    auto& step = steps.addIntegers("step", "evaluation sample");
    auto& relative = steps.addReals("relative_l2", "1");
    auto& maxAbs = steps.addReals("max_abs", "units of the tensor");
    for (const core::SequenceReport::Output& output : sequence.outputs) {
        for (std::size_t i = 0; i < output.relativeL2.size(); ++i) {
            names.push_back(output.name);
            step.push_back(static_cast<std::int64_t>(i));
            relative.push_back(orNan(output.relativeL2[i]));
            maxAbs.push_back(output.maxAbs[i]);
        }
    }
    file.table(path + "/steps", steps);
}

void loadSequence(const Hdf5Reader& file, const std::string& path, core::Report& report)
{
    const Table states = file.table(path + "/states");
    if (states.rows() == 0) {
        return;
    }
    core::SequenceReport& sequence = report.sequence.emplace();
    for (std::size_t r = 0; r < states.rows(); ++r) {
        sequence.states.push_back({states.texts("input")[r], states.texts("output")[r]});
    }
    const Table starts = file.table(path + "/sequence_starts");
    for (const std::int64_t start : starts.integers("sample")) {
        if (start < 0) {
            throw core::Error(core::ErrorKind::FileFormat,
                              fmt::format("a sequence cannot start at {}", start));
        }
        sequence.starts.push_back(static_cast<std::size_t>(start));
    }
    const Table steps = file.table(path + "/steps");
    for (std::size_t r = 0; r < steps.rows(); ++r) {
        const std::string& name = steps.texts("output")[r];
        if (steps.integers("step")[r] == 0) {
            sequence.outputs.push_back({name, {}, {}});
        }
        if (sequence.outputs.empty() || sequence.outputs.back().name != name
            || steps.integers("step")[r]
                != static_cast<std::int64_t>(sequence.outputs.back().maxAbs.size())) {
            throw core::Error(core::ErrorKind::FileFormat,
                              fmt::format("steps of '{}' are out of order", name));
        }
        sequence.outputs.back().relativeL2.push_back(unlessNan(steps.reals("relative_l2")[r]));
        sequence.outputs.back().maxAbs.push_back(steps.reals("max_abs")[r]);
    }
}

} // namespace io
