#include "tests/support/large_graph.h"

#include <array>
#include <cmath>

namespace support {

namespace {

constexpr std::array kTypes{"Conv", "Conv", "Conv", "Conv", "Conv", "Conv", "Sigmoid", "Add"};

std::string nameOf(std::size_t index, Names names)
{
    const std::size_t place = index % kTypes.size();
    if (names == Names::Flat) {
        return std::string(kTypes[place]) + "_" + std::to_string(index);
    }
    const std::size_t block = index / kTypes.size();
    return "stage" + std::to_string(block / 32) + "/block" + std::to_string(block) + "/" + kTypes[place]
        + std::to_string(place);
}

core::ErrorMetrics errorOf(std::size_t index)
{
    core::ErrorMetrics error;
    error.relativeL2 = 0.002 + 0.2 * std::pow(std::sin(0.37 * static_cast<double>(index)), 8.0);
    error.sqnrDb = -20.0 * std::log10(*error.relativeL2);
    error.l2 = *error.relativeL2;
    error.samples = 4;
    return error;
}

} // namespace

std::shared_ptr<const core::Results> makeLargeResults(std::size_t operators, Names names)
{
    auto report = std::make_shared<core::Report>();
    auto graph = std::make_shared<core::OperatorGraph>();
    report->plan = std::make_shared<core::QuantizationPlan>(core::QuantizationPlan::makeDefault());
    report->modelFile = "large.onnx";
    report->samples = 4;
    graph->producerOf.resize(operators);
    for (std::size_t i = 0; i < operators; ++i) {
        const std::size_t place = i % kTypes.size();
        auto layer = std::make_shared<core::LayerReport>();
        layer->id = static_cast<core::OperatorId>(i);
        layer->name = nameOf(i, names);
        layer->type = kTypes[place];
        layer->nodes = layer->type == "Conv" ? std::vector<std::string>{layer->name, layer->name + "/bn"}
                                             : std::vector<std::string>{layer->name};
        layer->output = "value" + std::to_string(i);
        layer->depth = static_cast<int>(i);
        layer->isolated = errorOf(i);
        layer->accumulated = errorOf(i / 2);
        layer->atOutput = errorOf(2 * i);
        report->layers.push_back(layer);
        core::Operator op;
        op.name = layer->name;
        op.type = layer->type;
        op.outputs = {static_cast<core::ValueId>(i)};
        if (i > 0) {
            op.inputs.push_back(static_cast<core::ValueId>(i - 1));
        }
        if (layer->type == "Add" && i >= kTypes.size()) {
            op.inputs.push_back(static_cast<core::ValueId>(i - kTypes.size()));
        }
        graph->operators.push_back(std::move(op));
        graph->producerOf[i] = static_cast<core::OperatorId>(i);
    }
    auto results = std::make_shared<core::Results>();
    results->report = report;
    results->operators = graph;
    return results;
}

} // namespace support
