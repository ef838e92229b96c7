#pragma once

#include "core/diagnosis/diagnosed_cause.h"
#include "core/session/session.h"
#include "io/plans/plan_json.h"
#include "tests/models/model_run.h"
#include "tests/support/planted_faults.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <fmt/core.h>
#include <functional>
#include <gtest/gtest.h>
#include <optional>
#include <set>
#include <string>
#include <vector>

// Faults planted into shared models and small networks: in the model, in the plan or in the data.

namespace planted {

using core::DiagnosedCause;

struct ModelFile
{
    std::string name;
    const char* model;
    const char* data;
    std::size_t evaluateFrom; ///< samples before it are for calibration
};

inline const ModelFile kResnet8{"resnet8", "mlcommons_tiny/pretrainedResnet.onnx", "resnet8.data.json", 200};
inline const ModelFile kResnet20{"resnet20", "cifar10_resnet/cifar10_resnet20.onnx",
                                 "cifar10_resnet20.data.json", 200};
inline const ModelFile kSimplified{"resnet20s", "cifar10_resnet/cifar10_resnet20_simplified.onnx",
                                   "cifar10_resnet20_simplified.data.json", 200};
inline const ModelFile kResnet32{"resnet32_bn", "cifar10_resnet/cifar10_resnet32_bn.onnx",
                                 "cifar10_resnet32_bn.data.json", 200};
inline const ModelFile kKeywords{"kws", "mlcommons_tiny/kws_ref_model_float32.onnx", "kws_dscnn.data.json",
                                 100};
inline const ModelFile kMnist{"mnist", "mnist_cntk/mnist.onnx", "mnist_cntk.data.json", 200};
inline const ModelFile kWakeWords{"vww", "mlcommons_tiny/vww_96_float.onnx", "vww_mobilenet.data.json", 40};
inline const ModelFile kMobileNet{"mobilenet128",
                                  "mobilenet_v1_0.25_128_keras/mobilenet_v1_0.25_128_keras_bn.onnx",
                                  "mobilenet_v1_0.25_128_keras.data.json", 0};

/// Signed codes behind a Relu, a bit given away, and steps rounded up.
inline const std::vector<std::string> kWasteful{"activation.scheme=symmetric", "activation.reduce_range=true",
                                                "activation.power_of_two=true"};

/// A network with its data, healthy or not.
struct Setup
{
    std::shared_ptr<const core::Graph> graph;
    core::DataSource data;
    core::QuantizationPlan plan = core::QuantizationPlan::makeDefault();

    [[nodiscard]] std::unique_ptr<core::Session> open() const
    {
        return std::make_unique<core::Session>(graph, core::ModelInfo{}, data, core::SessionOptions{});
    }
};

struct Planted
{
    std::string kind;
    std::string name;
    Setup healthy;
    Setup faulty;
    std::set<std::string> guilty; ///< any of these
    std::set<DiagnosedCause> causes; ///< any of these
};

inline std::optional<Setup> healthyModel(const ModelFile& file, std::size_t calibration = 40,
                                         std::size_t evaluation = 12)
{
    const auto model = support::sharedFile(std::string("models/") + file.model);
    const auto data = support::sharedFile(std::string("data/") + file.data);
    if (!model || !data) {
        return std::nullopt;
    }
    const app::Project project = models::open(*model, *data);
    Setup setup{project.graph, project.data, core::QuantizationPlan::makeDefault()};
    setup.data.calibration = support::samplesOf(project.data.calibration, 0, calibration);
    setup.data.evaluation = support::samplesOf(project.data.evaluation, file.evaluateFrom, evaluation);
    setup.data.calibratesOnEvaluation = false;
    return setup;
}

inline std::shared_ptr<const core::OperatorGraph> fused(const Setup& setup)
{
    return core::fuseOperators(setup.graph, {});
}

/// Names of linear operators of a type, in execution order, the last one left out.
inline std::vector<std::string> linearOperators(const Setup& setup, bool depthwise = false)
{
    std::vector<std::string> names;
    const auto graph = fused(setup);
    for (const core::Operator& op : graph->operators) {
        const bool isDepthwise = op.type == "Conv" && op.node.integer("group", 1) > 1;
        if (op.type == "Conv" && isDepthwise == depthwise) {
            names.push_back(op.name);
        }
    }
    return names;
}

inline std::string pick(const std::vector<std::string>& names, double at)
{
    return names[std::min(names.size() - 1,
                          static_cast<std::size_t>(at * static_cast<double>(names.size())))];
}

/// What an operator writes over the calibration data.
inline core::Range observed(const Setup& setup, const std::string& op)
{
    const auto session = setup.open();
    EXPECT_TRUE(session->calibrate({}, {}));
    const auto graph = session->operators(setup.plan);
    const auto statistics = session->calibrationStatistics();
    const core::Moments& m = statistics->at(graph->value(graph->at(*graph->find(op)).result()).name).total;
    return {m.min, m.max};
}

/// Cases are made one at a time: each holds a network.
using MakeCase = std::function<std::optional<Planted>()>;

inline MakeCase planFault(const std::string& kind, const ModelFile& file, double at,
                          const std::vector<std::string>& settings, std::set<DiagnosedCause> causes,
                          bool depthwise = false)
{
    return [=]() -> std::optional<Planted> {
        auto healthy = healthyModel(file);
        if (!healthy) {
            return std::nullopt;
        }
        const std::string op = pick(linearOperators(*healthy, depthwise), at);
        Planted planted{kind, file.name + " " + op, *healthy, *healthy, {op}, causes};
        for (const std::string& setting : settings) {
            planted.faulty.plan = io::withSetting(planted.faulty.plan, op + "::" + setting);
        }
        return planted;
    };
}

inline MakeCase rangeFault(const std::string& kind, const ModelFile& file, double at, double factor,
                           DiagnosedCause cause)
{
    return [=]() -> std::optional<Planted> {
        auto healthy = healthyModel(file);
        if (!healthy) {
            return std::nullopt;
        }
        const std::string op = pick(linearOperators(*healthy), at);
        const core::Range range = observed(*healthy, op);
        Planted planted{kind, file.name + " " + op, *healthy, *healthy, {op}, {cause}};
        planted.faulty.plan = io::withSetting(
            planted.faulty.plan,
            fmt::format("{}::activation.range=[{},{}]", op, factor * range.min, factor * range.max));
        return planted;
    };
}

inline MakeCase dataFault(const std::string& kind, const ModelFile& file, support::EditInput edit,
                          std::set<DiagnosedCause> causes, std::size_t calibration = 40,
                          std::size_t evaluation = 12)
{
    return [=]() -> std::optional<Planted> {
        auto healthy = healthyModel(file, calibration, evaluation);
        if (!healthy) {
            return std::nullopt;
        }
        Planted planted{
            kind,  file.name, *healthy, *healthy, {healthy->graph->value(healthy->graph->inputs()[0]).name},
            causes};
        planted.faulty.data.calibration = support::withInput(healthy->data.calibration, kind, edit);
        return planted;
    };
}

inline MakeCase fewSamples(const ModelFile& file)
{
    return [=]() -> std::optional<Planted> {
        auto healthy = healthyModel(file);
        if (!healthy) {
            return std::nullopt;
        }
        Planted planted{"too few samples",
                        file.name,
                        *healthy,
                        *healthy,
                        {healthy->graph->value(healthy->graph->inputs()[0]).name},
                        {DiagnosedCause::TooFewSamples}};
        planted.faulty.data.calibration = support::withInput(
            support::samplesOf(healthy->data.calibration, 0, 1), "dark", support::scaleBy(0.3f));
        return planted;
    };
}

inline MakeCase pairFault(const std::string& kind, const ModelFile& file, double at, float factor,
                          std::set<DiagnosedCause> causes)
{
    return [=]() -> std::optional<Planted> {
        auto healthy = healthyModel(file);
        if (!healthy) {
            return std::nullopt;
        }
        const auto graph = fused(*healthy);
        const auto pairs = support::convPairs(*graph);
        if (pairs.empty()) {
            ADD_FAILURE() << file.name << " has no pair of Conv";
            return std::nullopt;
        }
        const auto& pair = pairs[std::min(pairs.size() - 1,
                                          static_cast<std::size_t>(at * static_cast<double>(pairs.size())))];
        // A channel that is in use: the one with the largest magnitude.
        const auto session = healthy->open();
        EXPECT_TRUE(session->calibrate({}, {}));
        const auto statistics = session->calibrationStatistics();
        const auto& channels =
            statistics->at(graph->value(graph->operators[pair.first].result()).name).channels;
        const auto largest =
            std::ranges::max_element(channels, {}, [](const core::Moments& m) { return m.max; });
        const auto channel = static_cast<std::size_t>(largest - channels.begin());
        const std::string op = graph->operators[pair.first].name;
        Planted planted{kind, file.name + " " + op, *healthy, *healthy, {op}, causes};
        planted.faulty.graph = kind == "constant channel"
            ? support::constantChannel(*graph, pair, channel, factor * largest->max)
            : support::scaleChannel(*graph, pair, channel, factor);
        return planted;
    };
}

inline MakeCase concatFault(float factor, unsigned seed)
{
    return [=]() -> std::optional<Planted> {
        auto source = healthyModel(kResnet20);
        if (!source) {
            return std::nullopt;
        }
        Setup healthy{support::concatNetwork(1.0f, seed), source->data,
                      core::QuantizationPlan::makeDefault()};
        healthy.data.labelsOutput.clear();
        Planted planted{"unbalanced Concat",
                        fmt::format("synthetic {}", seed),
                        healthy,
                        healthy,
                        {"join"},
                        {DiagnosedCause::UnbalancedInputs}};
        planted.faulty.graph = support::concatNetwork(factor, seed);
        return planted;
    };
}

inline MakeCase saturationFault(unsigned seed)
{
    return [=]() -> std::optional<Planted> {
        const auto source = healthyModel(kResnet8); // pixels 0…255
        if (!source) {
            return std::nullopt;
        }
        Setup healthy{support::saturatingNetwork(seed), source->data, core::QuantizationPlan::makeDefault()};
        healthy.data.labelsOutput.clear();
        Planted planted{"saturating pair", fmt::format("synthetic {}", seed), healthy, healthy,
                        {"saturating"},    {DiagnosedCause::PairSaturation}};
        planted.faulty.plan = io::withSetting(healthy.plan, "saturating::accumulator=s32-pair-saturating");
        return planted;
    };
}

} // namespace planted
