#include "app/cli/observer_options.h"

#include "app/cli/signals.h"
#include "core/base/error.h"
#include "core/network/selected_operators.h"
#include "core/plan/operator_selector.h"
#include "io/plans/observer_run.h"

#include <fmt/core.h>

namespace cli {

namespace {

io::Observation kindOf(const std::string& form)
{
    return form == "minmax"          ? io::Observation::MinMax
        : form == "columnmax"        ? io::Observation::ColumnMax
        : form == "dynamichistogram" ? io::Observation::DynamicHistogram
                                     : io::Observation::Histogram;
}

} // namespace

char delimiterOf(const std::string& text)
{
    if (text.empty() || text == "tab") {
        return text.empty() ? ' ' : '\t';
    }
    constexpr std::string_view kInNumbers = "0123456789.+-einfa\"\\\r\n_";
    if (text.size() != 1 || kInNumbers.find(text[0]) != std::string_view::npos) {
        throw core::Error(
            core::ErrorKind::Usage,
            fmt::format("--delimiter '{}': one sign is expected that is in no number, or tab", text));
    }
    return text[0];
}

std::vector<bool> watchedOperators(const core::OperatorGraph& graph, const std::vector<std::string>& texts,
                                   std::string_view subject)
{
    std::vector<bool> watched(graph.operators.size(), texts.empty());
    const auto all = core::selectableOperators(graph);
    for (const std::string& text : texts) {
        for (const std::size_t i : core::namedOrSelected(text, all, subject)) {
            watched[i] = true;
        }
    }
    return watched;
}

std::string observerPath(const ObserverCommand& command)
{
    return command.net.empty() ? command.file : command.file + "." + command.net;
}

bool observe(const ObserverCommand& command, const RunOptions& run, const app::Project& project,
             const core::QuantizationPlan& plan)
{
    const auto graph = project.session->operators(plan);
    io::ObserverRun observer(*graph,
                             {kindOf(command.form),
                              watchedOperators(*graph, command.operators, "--observer-operators"),
                              command.bins, command.dumpEvery, delimiterOf(command.delimiter)});
    const std::string path = observerPath(command);
    const bool finished = project.session->observe(
        plan,
        [&](const core::Sample& sample, const std::vector<core::Tensor>& values) {
            for (const auto& [number, text] : observer.add(sample, values)) {
                writeOutput(run, io::dumpPath(path, number), text);
            }
        },
        interruption(), progressOf(run));
    if (!finished) {
        return false;
    }
    const std::string text = observer.text();
    if (text.empty()) {
        throw core::Error(core::ErrorKind::Usage,
                          command.form == "columnmax"
                              ? "--observer-form columnmax: no operator watched writes a matrix (2 or 3 "
                                "dimensions)"
                              : "--observer-file: no operator watched writes floats");
    }
    writeOutput(run, path, text);
    return true;
}

void addObserver(Options& options, RunOptions& run, ObserverCommand& command)
{
    addOutput(options, run, "--observer-file", command.file, "Write what DNNLOWP's observers would (text)");
    options
        .value("--observer-form", &command.form,
               "minmax; histogram: exact counts; dynamichistogram: DNNLOWP's own bins, which grow with the "
               "data; columnmax: of matrices the largest |x| of each item by column")
        .must(OneOf{{"minmax", "histogram", "dynamichistogram", "columnmax"}});
    options.value("--observer-bins", &command.bins, "Bins of its histograms (0: 2048, of columnmax 16)")
        .must(Within<int>{0, 65536});
    options.list("--observer-operators", command.operators,
                 "Observe these only: names, or selectors as of a plan (conv*, type:Conv, #3)");
    options
        .value("--observer-dump-every", &command.dumpEvery,
               "Also write FILE_1, FILE_2, … after every N items, each what was seen since the one before")
        .must(NotNegative{});
    options.value("--observer-net", &command.net,
                  "Append .NAME to the file, so that several nets can be observed side by side");
    options.value("--observer-delimiter", &command.delimiter,
                  "One sign, or tab, between words instead of a blank (Caffe2 reads blanks only)");
}

} // namespace cli
