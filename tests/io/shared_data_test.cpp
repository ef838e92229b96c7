#include "io/data/data_reader.h"

#include "tests/io/data_files.h"

#include <cmath>
#include <fmt/format.h>

namespace {

using core::DataType;
using core::kDynamic;
using core::Shape;

/// A description of the shared data with the inputs and outputs of its model.
struct SharedData
{
    std::string name;
    std::vector<std::pair<std::string, Shape>> inputs;
    std::vector<std::pair<std::string, Shape>> outputs;
    std::size_t samples;
    std::vector<Shape> first; ///< shapes of the first sample
    std::size_t calibration;
};

core::Graph stubOf(const SharedData& data)
{
    core::GraphBuilder builder(data.name);
    core::Node node;
    node.type = "Stub";
    for (const auto& [name, shape] : data.inputs) {
        node.inputs.push_back(builder.input(name, name == "sr" ? DataType::Int64 : DataType::Float32, shape));
    }
    for (const auto& [name, shape] : data.outputs) {
        node.outputs.push_back(builder.value(name));
        builder.declare(node.outputs.back(), DataType::Float32, shape);
        builder.output(node.outputs.back());
    }
    builder.node(node);
    return std::move(builder).finish();
}

const Shape kCifar{kDynamic, 3, 32, 32};
const Shape kImage{1, 3, 224, 224};
const Shape kAnyImage{kDynamic, 3, kDynamic, kDynamic};
const Shape kFaces{1, 3, 240, 320};

const std::vector<SharedData> kShared{
    {"ad_autoencoder", {{"input_1", {1, 640}}}, {{"Identity", {1, 640}}}, 32, {{1, 640}}, 32},
    {"cifar10_resnet20", {{"input", kCifar}}, {{"logits", {kDynamic, 10}}}, 2000, {{1, 3, 32, 32}}, 200},
    {"cifar10_resnet20_simplified",
     {{"input", kCifar}},
     {{"logits", {kDynamic, 10}}},
     2000,
     {{1, 3, 32, 32}},
     200},
    {"cifar10_resnet32_bn", {{"input", kCifar}}, {{"logits", {kDynamic, 10}}}, 2000, {{1, 3, 32, 32}}, 200},
    {"resnet8", {{"input_1", {1, 3, 32, 32}}}, {{"Identity", {1, 10}}}, 2000, {{1, 3, 32, 32}}, 200},
    {"resnet8_large", {{"input_5:0", {1, 3, 32, 32}}}, {{"out", {1, 10}}}, 2000, {{1, 3, 32, 32}}, 200},
    {"kws_dscnn", {{"input_1", {1, 1, 49, 10}}}, {{"Identity", {1, 12}}}, 1000, {{1, 1, 49, 10}}, 100},
    {"mnist_cntk", {{"Input3", {1, 1, 28, 28}}}, {{"out", {1, 10}}}, 2000, {{1, 1, 28, 28}}, 200},
    {"mobilenet_v1_0.25_128_keras",
     {{"input", {kDynamic, 3, 128, 128}}},
     {{"out", {kDynamic, 1000}}},
     300,
     {{1, 3, 128, 128}},
     100},
    {"mobilenet_v1_0.25_224", {{"input", kImage}}, {{"out", {1, 1001}}}, 300, {kImage}, 100},
    {"mobilenet_v2_1.0_224", {{"input", kImage}}, {{"out", {1, 1001}}}, 300, {kImage}, 100},
    {"squeezenet1.1", {{"data_0", kImage}}, {{"softmaxout_1", {1, 1000, 1, 1}}}, 300, {kImage}, 100},
    {"ppocr_cls", {{"x", kAnyImage}}, {{"out", {kDynamic, 2}}}, 14, {{1, 3, 48, 192}}, 14},
    {"ppocr_det", {{"x", kAnyImage}}, {{"out", kAnyImage}}, 3, {{1, 3, 640, 640}}, 3},
    {"ppocr_rec",
     {{"x", {kDynamic, 3, 48, kDynamic}}},
     {{"out", {kDynamic, kDynamic, 6625}}},
     14,
     {{1, 3, 48, 256}},
     14},
    {"ultraface_rfb320",
     {{"input", kFaces}},
     {{"scores", {1, 4420, 2}}, {"boxes", {1, 4420, 4}}},
     4,
     {kFaces},
     4},
    {"ultraface_slim320",
     {{"input", kFaces}},
     {{"scores", {1, 4420, 2}}, {"boxes", {1, 4420, 4}}},
     4,
     {kFaces},
     4},
    {"vww_mobilenet", {{"input_1", {1, 3, 96, 96}}}, {{"Identity", {1, 2}}}, 100, {{1, 3, 96, 96}}, 100},
    {"silero_vad_op15",
     {{"input", {kDynamic, kDynamic}}, {"state", {2, kDynamic, 128}}, {"sr", {}}},
     {{"output", {kDynamic, 1}}, {"stateN", {kDynamic, kDynamic, kDynamic}}},
     0,
     {{1, 576}, {2, 1, 128}, {}},
     0},
    {"silero_vad_op18",
     {{"input", {kDynamic, kDynamic}}, {"sr", {}}, {"state", {2, kDynamic, 128}}},
     {{"output", {kDynamic, 1}}, {"stateN", {2, kDynamic, 128}}},
     0,
     {{1, 576}, {}, {2, 1, 128}},
     0},
};

TEST(SharedData, EveryDescriptionOpensAndFits)
{
    for (const SharedData& shared : kShared) {
        SCOPED_TRACE(shared.name);
        NOISEFLOOR_SHARED_FILE_OR_SKIP(path, fmt::format("data/{}.data.json", shared.name));
        const core::Graph graph = stubOf(shared);
        const core::DataSource data = io::openData(graph, {path, {}});
        if (shared.samples > 0) { // the length of the recording decides in the other ones
            EXPECT_EQ(data.evaluation->size(), shared.samples);
            EXPECT_EQ(data.calibration->size(), shared.calibration);
        } else {
            EXPECT_GT(data.evaluation->size(), 100u);
            EXPECT_EQ(data.states.size(), 1u);
        }
        EXPECT_EQ(io::boundInputShapes(graph, data, {}), shared.first);
        const core::Sample last = data.evaluation->load(data.evaluation->size() - 1);
        EXPECT_EQ(last.inputs.size(), shared.inputs.size());
        EXPECT_EQ(last.labels.size(), data.evaluation->hasLabels() ? 1u : 0u);
    }
}

TEST(SharedData, WholePreprocessingEqualsPillowAndNumPy)
{
    // The first evaluation picture through Pillow 9.4 and float32 NumPy: the sum, the first value and the
    // last one.
    const auto expect = [](const SharedData& shared, const std::filesystem::path& path, double sum,
                           float first, float last) {
        const core::Tensor input = io::openData(stubOf(shared), {path, {}}).evaluation->load(0).inputs[0];
        double total = 0;
        for (const float value : input.as<float>()) {
            total += value;
        }
        EXPECT_NEAR(total, sum, 1e-6 * std::abs(sum));
        EXPECT_EQ(input.as<float>().front(), first);
        EXPECT_EQ(input.as<float>().back(), last);
    };
    NOISEFLOOR_SHARED_FILE_OR_SKIP(squeezenet, "data/squeezenet1.1.data.json"); // BGR, resize shorter, crop
    expect({"s", {{"x", kImage}}, {{"y", {1, 1000}}}, 0, {}, 0}, squeezenet, -91489.4723739624,
           -18.94000244140625f, -34.68f);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(mobilenet, "data/mobilenet_v1_0.25_224.data.json"); // central fraction
    expect({"m", {{"x", kImage}}, {{"y", {1, 1001}}}, 0, {}, 0}, mobilenet, -21564.565298344474,
           -0.48235294222831726f, -0.30980393f);
}

TEST(SharedData, NoDescriptionIsForgotten)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(folder, "data");
    std::size_t found = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        found += entry.path().string().ends_with(".data.json");
    }
    EXPECT_EQ(found, kShared.size());
}

} // namespace
