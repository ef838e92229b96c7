#include "tests/bench/network.h"

#include "app/common/project.h"
#include "core/measure/calibration_pass.h"
#include "io/exports/qdq_export.h"
#include "io/files/file.h"
#include "tests/bench/resnet50.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <random>

namespace bench {

namespace {

constexpr std::size_t kCalibrationSamples = 2;

/// A few pictures of normal noise, kept in memory.
class Noise : public core::Dataset
{
public:
    Noise(const core::Shape& shape, std::size_t count)
    {
        std::mt19937 random(11);
        std::normal_distribution<float> normal;
        for (std::size_t i = 0; i < count; ++i) {
            core::TensorBuilder tensor(core::DataType::Float32, shape);
            std::ranges::generate(tensor.as<float>(), [&] { return normal(random); });
            m_samples.push_back({{std::move(tensor).finish()}, {}, 1});
        }
    }
    std::size_t size() const override { return m_samples.size(); }
    core::Sample load(std::size_t index) const override { return m_samples[index]; }
    std::string sampleName(std::size_t index) const override { return "#" + std::to_string(index); }
    std::optional<core::Picture> picture(std::size_t) const override { return std::nullopt; }
    bool isSynthetic() const override { return true; }
    std::string fingerprint() const override { return "noise"; }

private:
    std::vector<core::Sample> m_samples;
};

/// Samples of a data set, read once, so that no decoding is timed.
class InMemory : public core::Dataset
{
public:
    InMemory(const core::Dataset& data, std::size_t count)
    {
        for (std::size_t i = 0; i < std::min(count, data.size()); ++i) {
            m_samples.push_back(data.load(i));
        }
    }
    std::size_t size() const override { return m_samples.size(); }
    core::Sample load(std::size_t index) const override { return m_samples[index]; }
    std::string sampleName(std::size_t index) const override { return "#" + std::to_string(index); }
    std::optional<core::Picture> picture(std::size_t) const override { return std::nullopt; }
    std::string fingerprint() const override { return "in memory"; }

private:
    std::vector<core::Sample> m_samples;
};

} // namespace

std::vector<std::shared_ptr<const core::Executable>> Network::forms() const
{
    std::vector<std::shared_ptr<const core::Executable>> result;
    for (std::size_t i = 0; i < operators->operators.size(); ++i) {
        result.push_back(pipeline->quantizedForm(core::OperatorId(i), plan));
    }
    return result;
}

std::unique_ptr<Network> Network::apart() const
{
    return prepare(
        name, graph, data,
        {.fuseResidual = false, .tables = {}, .residualByName = {}, .written = {}, .equalize = {}});
}

core::SampleValues Network::runQuantized(const core::Sample& sample) const
{
    core::SampleValues values(graph->values().size());
    for (std::size_t i = 0; i < operators->operators.size(); ++i) {
        const auto id = core::OperatorId(i);
        pipeline->runQuantized(id, plan, *pipeline->quantizedForm(id, plan), sample, values);
    }
    return values;
}

std::unique_ptr<Network> prepare(std::string name, std::shared_ptr<const core::Graph> graph,
                                 std::shared_ptr<const core::Dataset> data, const core::FusionOptions& fusion)
{
    auto network = std::make_unique<Network>();
    network->name = std::move(name);
    network->graph = graph;
    network->data = std::move(data);
    network->operators = core::fuseOperators(graph, fusion);
    network->pipeline = std::make_unique<core::Pipeline>(network->operators);
    network->statistics = *core::collectStatistics(
        *network->pipeline, *network->data, std::min(kCalibrationSamples, network->data->size()), 1, {}, {});
    network->plan = core::resolvePlan(*network->operators, core::QuantizationPlan::makeDefault(),
                                      network->statistics, network->weights);
    return network;
}

std::unique_ptr<Network> openResNet50()
{
    const auto graph = resNet50(50);
    return prepare("resnet50", graph,
                   std::make_shared<Noise>(graph->value(graph->inputs()[0]).shape, kCalibrationSamples), {});
}

std::unique_ptr<Network> openShared(const std::string& name, const std::string& model,
                                    const std::string& data)
{
    const auto modelFile = support::sharedFile("models/" + model);
    const auto dataFile = support::sharedFile("data/" + data);
    if (!modelFile || !dataFile) {
        return nullptr;
    }
    const app::Project project = app::openProject({*modelFile, *dataFile, {}, {}});
    return prepare(name, project.graph,
                   std::make_shared<InMemory>(*project.data.evaluation, kCalibrationSamples), {});
}

void writeFloatModel(const Network& network, const std::filesystem::path& path)
{
    auto plan = core::QuantizationPlan::makeDefault();
    plan.defaults.precision = core::kFp32;
    core::WeightCache weights;
    const auto resolved = core::resolvePlan(*network.operators, plan, network.statistics, weights);
    io::writeFileAtomically(path, io::exportQdq(*network.operators, resolved).bytes);
}

void writeQdqModel(const Network& network, const std::filesystem::path& path)
{
    io::writeFileAtomically(path, io::exportQdq(*network.operators, network.plan).bytes);
}

} // namespace bench
