#include "tests/fuzz/our_engine.h"

#include "core/base/error.h"
#include "core/graph/bind_shapes.h"
#include "core/graph/written_quantization.h"
#include "core/params/kernel_format.h"
#include "io/onnx/onnx_reader.h"

#include <fmt/format.h>

namespace fuzz {

namespace {

class DrawnDataset : public core::Dataset
{
public:
    DrawnDataset(const core::Graph& graph, const std::vector<io::NamedTensors>& samples)
    {
        for (const io::NamedTensors& sample : samples) {
            m_samples.push_back({inputsOf(graph, sample), {}, 1});
        }
    }
    [[nodiscard]] std::size_t size() const override { return m_samples.size(); }
    [[nodiscard]] core::Sample load(std::size_t index) const override { return m_samples.at(index); }
    [[nodiscard]] std::string sampleName(std::size_t index) const override
    {
        return fmt::format("#{}", index);
    }
    [[nodiscard]] std::optional<core::Picture> picture(std::size_t) const override { return std::nullopt; }
    [[nodiscard]] std::string fingerprint() const override { return "drawn"; }

private:
    std::vector<core::Sample> m_samples;
};

std::shared_ptr<const core::Graph> boundTo(const core::Graph& graph, const Subject& subject)
{
    std::vector<core::Shape> shapes;
    for (const core::Tensor& input : inputsOf(graph, subject.samples[0])) {
        shapes.push_back(input.shape());
    }
    return core::bindShapes(graph, shapes);
}

/// Inputs that are codes in the file are the reals they stand for in the FP32 shadow.
std::vector<io::NamedTensors> realSamples(const OurModel& model, const Subject& subject)
{
    std::vector<io::NamedTensors> samples = subject.samples;
    for (const core::ValueId id : model.graph->inputs()) {
        const core::Value& input = model.graph->value(id);
        for (io::NamedTensors& sample : samples) {
            core::Tensor& tensor = sample.at(input.name);
            if (tensor.type() == input.type) {
                continue;
            }
            const auto found = model.written ? model.written->values.find(input.name)
                                             : decltype(model.written->values.find(input.name)){};
            if (!model.written || found == model.written->values.end() || found->second.scale.size() != 1) {
                throw core::Error(core::ErrorKind::Usage, input.name + " holds codes without one scale");
            }
            tensor = core::dequantized(tensor, found->second);
        }
    }
    return samples;
}

} // namespace

std::vector<core::Tensor> inputsOf(const core::Graph& graph, const io::NamedTensors& sample)
{
    std::vector<core::Tensor> inputs;
    for (const core::ValueId id : graph.inputs()) {
        inputs.push_back(sample.at(graph.value(id).name));
    }
    return inputs;
}

std::shared_ptr<const core::Graph> boundGraph(const Subject& subject)
{
    return boundTo(io::readOnnxBytes(subject.bytes, "model.onnx").graph, subject);
}

OurModel openedModel(const Subject& subject)
{
    OurModel model;
    const io::OnnxModel read = io::readOnnxBytes(subject.bytes, "model.onnx");
    if (core::isQuantized(read.graph)) {
        core::QuantizedModel split = core::splitQuantized(read.graph);
        model.written = std::move(split.written);
        model.graph = boundTo(split.shadow, subject);
    } else {
        model.graph = boundTo(read.graph, subject);
    }
    core::refuseNonFiniteWeights(*model.graph);
    model.data = std::make_shared<DrawnDataset>(*model.graph, realSamples(model, subject));
    return model;
}

std::unique_ptr<core::Session> sessionOf(const OurModel& model, int threads)
{
    core::DataSource data;
    data.evaluation = model.data;
    data.calibration = model.data;
    data.calibratesOnEvaluation = true;
    core::SessionOptions options;
    options.threads = threads;
    return std::make_unique<core::Session>(
        model.graph, core::ModelInfo{"model.onnx", "", model.graph->nodes().size(), model.written}, data,
        options);
}

} // namespace fuzz
