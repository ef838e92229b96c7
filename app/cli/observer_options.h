#pragma once

#include "app/cli/run_options.h"

#include <cstddef>
#include <string>
#include <vector>

namespace cli {

/// DNNLOWP's observers on the calibration data.
struct ObserverCommand
{
    std::string file; ///< empty: none
    std::string form = "histogram";
    std::string net;
    std::string delimiter;
    std::vector<std::string> operators; ///< names and selectors; empty: all
    std::size_t dumpEvery = 0;
    int bins = 0;
};

void addObserver(Options& options, RunOptions& run, ObserverCommand& command);

/// Where the last dump goes: the net's name is appended to the file's, as mul_nets has it.
[[nodiscard]] std::string observerPath(const ObserverCommand& command);

/// Runs the observer and writes what it dumps. False when stopped.
bool observe(const ObserverCommand& command, const RunOptions& run, const app::Project& project,
             const core::QuantizationPlan& plan);

/// Which operators texts name or select; all where there are none.
[[nodiscard]] std::vector<bool> watchedOperators(const core::OperatorGraph& graph,
                                                 const std::vector<std::string>& texts,
                                                 std::string_view subject);

/// One character; empty: a blank, "tab" a tabulator.
[[nodiscard]] char delimiterOf(const std::string& text);

} // namespace cli
