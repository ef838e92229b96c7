#include "core/diagnosis/plan_edits.h"
#include "core/diagnosis/rules/rules.h"
#include "core/diagnosis/rules/support.h"

#include <fmt/format.h>

namespace core::rules {

namespace {

/// Whether everything that operator i reads from and writes to stays float.
bool isIsland(const DiagnosisInput& input, std::size_t i)
{
    const Operator& op = input.at(i);
    const auto isFloat = [&](OperatorId id) {
        return input.resolved.operators[indexOf(id)].kind == QuantizedKind::None
            && !input.resolved.operators[indexOf(id)].writesCodes;
    };
    if (input.resolved.operators[i].kind == QuantizedKind::None || op.type == "Input"
        || input.graph->graph->isOutput(op.result())) {
        return false;
    }
    for (std::size_t k = 0; k < op.inputs.size(); ++k) {
        const bool isValue =
            op.inputs[k] != kNoValue && !op.constants[k] && input.graph->producerOf[indexOf(op.inputs[k])];
        if (isValue && !isFloat(*input.graph->producerOf[indexOf(op.inputs[k])])) {
            return false;
        }
    }
    const auto& readers = input.graph->consumersOf[indexOf(op.result())];
    return !readers.empty() && std::ranges::all_of(readers, isFloat);
}

} // namespace

/// What the shape of the integer part of the network costs.
void findStructure(const DiagnosisInput& input, std::vector<Finding>& findings)
{
    for (std::size_t i = 0; i < input.graph->operators.size(); ++i) {
        const Operator& op = input.at(i);
        const double share = input.probe.operators[i].share;
        const bool isInteger = input.resolved.operators[i].kind != QuantizedKind::None;
        if (isInteger && op.type == "BatchNormalization") {
            Finding finding = findingAt(input, i, DiagnosedCause::UnfoldedBatchNormalization, share);
            finding.explanation = fmt::format(
                "{} runs on codes of its own: folded into the Conv or Gemm before it, it would cost nothing",
                op.name);
            Fix fold;
            fold.label = "fusion=on";
            fold.apply = [](const QuantizationPlan& plan) {
                QuantizationPlan next = plan;
                next.fuse = true;
                return next;
            };
            finding.fixes = {std::move(fold), floatFix(op)};
            findings.push_back(std::move(finding));
        }
        if (isInteger && isIsland(input, i)) {
            Finding finding = findingAt(input, i, DiagnosedCause::QuantizedIsland, 0.5 * share);
            finding.explanation = fmt::format("{} runs on codes while everything around it is float: its "
                                              "values are converted twice for one operator",
                                              op.name);
            finding.fixes = {floatFix(op)};
            findings.push_back(std::move(finding));
        }
    }
}

} // namespace core::rules
