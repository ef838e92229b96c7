#include "tests/support/onnxruntime.h"

#include "core/base/error.h"
#include "tests/support/shared_files.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

using nlohmann::json;

const std::filesystem::path& sampleModel()
{
    static const std::filesystem::path path = support::projectFile("resources/sample/digits.onnx");
    return path;
}

json expectedNumbers()
{
    return json::parse(std::ifstream(support::projectFile("resources/sample/expected.json")));
}

core::Tensor imageOf(const json& numbers, const json& sample)
{
    auto values = sample.at("pixels").get<std::vector<float>>();
    const auto mean = numbers.at("mean").get<float>();
    const auto std = numbers.at("std").get<float>();
    for (float& value : values) {
        value = (value - mean) / std;
    }
    return core::makeTensor<float>({1, 1, 32, 32}, values);
}

std::vector<io::NamedTensors> sampleImages(const json& numbers)
{
    std::vector<io::NamedTensors> images;
    for (const json& sample : numbers.at("samples")) {
        images.push_back({{"image", imageOf(numbers, sample)}});
    }
    return images;
}

TEST(OnnxRuntime, AnswersOnTheBuiltInSampleWhatTheTrainingComputed)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    const json numbers = expectedNumbers();
    const auto answers = runtime.run(sampleModel(), sampleImages(numbers));
    ASSERT_EQ(answers.size(), numbers.at("samples").size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const core::Tensor& logits = answers[i].at("logits");
        ASSERT_EQ(logits.shape(), (core::Shape{1, 10}));
        const auto wanted = numbers.at("samples").at(i).at("logits").get<std::vector<float>>();
        // The numbers were computed in double and span about 10; 1e-4 of that is far above what float loses.
        EXPECT_THAT(logits.as<float>(), testing::Pointwise(testing::FloatNear(1e-3F), wanted))
            << "sample " << i;
    }
}

TEST(OnnxRuntime, TakesChannelsLastInputsAndReturnsChosenOutputs)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    const json numbers = expectedNumbers();
    auto images = sampleImages(numbers);
    images.resize(1);
    const core::Tensor image = images[0].at("image");
    const auto plain = runtime.run(sampleModel(), images, {.optimization = "disabled"});
    images[0].at("image") = core::toLayout(image, core::Layout::ChannelsLast);
    const auto same = runtime.run(sampleModel(), images, {.outputs = {"logits"}, .optimization = "disabled"});
    EXPECT_THAT(same[0].at("logits").as<float>(),
                testing::ElementsAreArray(plain[0].at("logits").as<float>()));
    EXPECT_THROW((void)runtime.run(sampleModel(), images, {.outputs = {"nothing"}}), core::Error);
}

TEST(OnnxRuntime, PassesOnWhatWentWrong)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    try {
        (void)runtime.run("missing.onnx", {});
        FAIL() << "a missing model ran";
    } catch (const core::Error& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("missing.onnx"));
        EXPECT_THAT(error.what(), testing::ContainsRegex("[Ff]ail|exist"));
    }
}

} // namespace
