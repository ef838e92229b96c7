#pragma once

#include "io/exports/compare_encodings.h"
#include "io/exports/format.h"

#include <fmt/format.h>
#include <string>
#include <vector>

namespace models {

/// The names under which losses speak of something.
using Names = std::vector<std::string>;

/// The name of what an importer says of all operators together.
inline constexpr const char* kWholeNetwork = "";

/// One thing that ends up otherwise than before, and the names that a loss of it may have.
struct Change
{
    Names names;
    std::string what;
};

inline bool haveSameCodes(const core::QuantizedWeights& a, const core::QuantizedWeights& b)
{
    for (std::size_t i = 0; i < a.codeCount(); ++i) {
        if (a.codeAt(i) != b.codeAt(i)) {
            return false;
        }
    }
    return a.codeCount() == b.codeCount();
}

/// u8 and s8 of the same steps are alike; where codes saturate is the matter of
/// NameNarrowCodesThatDataGoesBelow.
inline bool haveSameGrid(const core::QuantizationParams& a, const core::QuantizationParams& b)
{
    const auto lowest = [](const core::QuantizationParams& p) {
        return p.codes.lowest < 0 ? -(1 << (p.bits - 1)) : 0;
    };
    if (a.scale.size() != b.scale.size() || a.bits != b.bits || a.group != b.group) {
        return false;
    }
    for (std::size_t c = 0; c < a.scale.size(); ++c) {
        if (io::ulpsBetween(a.scale[c], b.scale[c]) > 1.0
            || a.zeroPoint[c] - lowest(a) != b.zeroPoint[c] - lowest(b)) {
            return false;
        }
    }
    return true;
}

/// What every operator ends up with under two plans.
inline std::vector<Change> changesBetween(const io::ExportSource& before, const io::ExportSource& after,
                                          const io::ExportFormat& format)
{
    std::vector<Change> changes;
    const core::OperatorGraph& graph = *before.graph;
    const auto graphAfter = after.graph;
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        const core::Operator& op = graph.operators[i];
        const auto id = graphAfter->find(op.name);
        if (!id) {
            changes.push_back({{op.name}, "is part of another operator"});
            continue;
        }
        const core::ResolvedOperator& was = before.resolved->operators[i];
        const core::ResolvedOperator& is = after.resolved->operators[core::indexOf(*id)];
        Names names = op.nodeNames;
        names.push_back(op.name);
        for (const core::ValueId input : op.inputs) {
            if (input != core::kNoValue && graph.value(input).constant) {
                names.push_back(graph.value(input).name);
            }
        }
        names.push_back(op.name + "_weight");
        const core::ValueId output = op.outputs[0];
        const auto& valueWas = before.resolved->values[core::indexOf(output)];
        const auto& valueIs = after.resolved->values[core::indexOf(graphAfter->at(*id).outputs[0])];
        Names outputNames{graph.value(output).name, op.name};
        if (op.type != "Input" && was.effective != is.effective
            && (was.kind == core::QuantizedKind::None) != (is.kind == core::QuantizedKind::None)) {
            changes.push_back({names, toString(was.effective) + " became " + toString(is.effective)});
            continue;
        }
        if (was.effective.isLowFloat() && was.effective != is.effective) {
            changes.push_back({names, toString(was.effective) + " became " + toString(is.effective)});
        }
        if (was.writesCodes != is.writesCodes && op.type != "Input") {
            changes.push_back({outputNames, was.writesCodes ? "codes became float" : "float became codes"});
        }
        if (format.keepsActivations && valueWas && valueIs
            && (!haveSameGrid(valueWas->params, valueIs->params) || valueWas->isDynamic != valueIs->isDynamic
                || valueWas->params.rounding != valueIs->params.rounding)) {
            changes.push_back(
                {outputNames,
                 fmt::format("scale {} of {} bits became {} of {} bits", valueWas->params.scale[0],
                             valueWas->params.bits, valueIs->params.scale[0], valueIs->params.bits)});
        }
        if (was.arithmetic.accumulator != is.arithmetic.accumulator
            || was.arithmetic.requantization != is.arithmetic.requantization
            || was.arithmetic.halvedWeights != is.arithmetic.halvedWeights) {
            names.push_back(kWholeNetwork);
            changes.push_back({names, "computes otherwise"});
        }
        if (was.weights && is.weights && !haveSameCodes(*was.weights, *is.weights)) {
            if (!format.keepsActivations) {
                names.push_back(kWholeNetwork); // which the importer says
            }
            changes.push_back({names, "other codes of weights"});
        }
        // Another scale of what is read, which is a change of its own, is another scale of the bias.
        const auto readsTheSame = [&] {
            const core::ValueId read = op.inputs[0];
            const auto& a = before.resolved->values[core::indexOf(read)];
            const auto& b = after.resolved->values[core::indexOf(read)];
            return a && b && haveSameGrid(a->params, b->params);
        };
        if (was.weights && is.weights && was.weights->bias != is.weights->bias && readsTheSame()) {
            changes.push_back({names, "other codes of the bias"});
        }
    }
    return changes;
}

} // namespace models
