#include "app/common/export_source.h"
#include "core/error.h"
#include "io/exports/compare_encodings.h"
#include "io/exports/import_plan.h"
#include "io/verification.h"
#include "tests/models/model_run.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

namespace {

/// A network and a plan that mixes precisions, schemes, methods and granularities.
struct Example
{
    std::string name;
    std::filesystem::path model;
    std::filesystem::path data;
    std::vector<std::string> settings;
};

std::vector<Example> examples()
{
    const auto shared = [](const std::string& file) {
        return support::sharedFile(file).value_or(std::filesystem::path());
    };
    return {
        {"digits",
         support::projectFile("resources/sample/digits.onnx"),
         support::projectFile("resources/sample/sample.data.json"),
         {"block1/depthwise::weight.granularity=per-tensor", "block2/pointwise::precision=fp32",
          "block3/depthwise::activation.scheme=symmetric", "stem::activation.method=percentile:99.9"}},
        {"resnet8",
         shared("models/mlcommons_tiny/pretrainedResnet.onnx"),
         shared("data/resnet8.data.json"),
         {"activation.scheme=symmetric", "activation.method=entropy", "fuse_residual=false",
          "Conv_4::precision=fp32", "Conv_7::activation.scheme=asymmetric",
          "Conv_9::weight.granularity=per-tensor", "Conv_9::weight.bits=4", "Conv_13::activation.bits=6",
          "Conv_15::weight.granularity=group:16"}},
        {"squeezenet",
         shared("models/squeezenet1.1_winml/squeezenet_fp32.onnx"),
         shared("data/squeezenet1.1.data.json"),
         {"weight.granularity=per-tensor", "activation.method=l2", "Conv_3::precision=fp32",
          "Conv_5::weight.granularity=per-channel", "Conv_7::activation.scheme=symmetric",
          "Conv_10::activation.bits=16"}},
    };
}

io::ExportSource sourceOf(const Example& example, const io::ExportFormat& format)
{
    const app::Project project = models::open(example.model, example.data, 4);
    const auto source =
        app::exportSource(project, example.model, models::planWith(example.settings), format, {}, {});
    return source.value();
}

class ExportFormats : public testing::TestWithParam<std::string>
{
};

TEST_P(ExportFormats, ComeBackAsTheyWentOrNameTheLoss)
{
    const io::ExportFormat& format = io::exportFormat(GetParam());
    for (const Example& example : examples()) {
        if (example.model.empty() || example.data.empty()) {
            continue; // the sample is always there
        }
        SCOPED_TRACE(example.name);
        const io::ExportSource source = sourceOf(example, format);
        const io::Export exported = format.write(source);
        ASSERT_FALSE(exported.files.empty());
        EXPECT_TRUE(exported.files[0].suffix.empty());
        EXPECT_FALSE(exported.files[0].content.empty());
        if (!format.read) {
            continue;
        }
        const auto expected = io::encodingTable(*source.graph, *source.resolved);
        const auto found = format.read(exported.files[0].content, "export", *source.graph);
        const auto compared = io::compareEncodings(format, expected, found, exported.losses);
        EXPECT_GT(compared.tensors + compared.operators, 0U);
        EXPECT_LE(compared.maxUlps, 1.0);
        for (const auto& difference : compared.differences) {
            EXPECT_FALSE(difference.loss.empty()) << difference.item << ": " << difference.what;
        }
    }
}

TEST_P(ExportFormats, NamesAChangedScale)
{
    const io::ExportFormat& format = io::exportFormat(GetParam());
    if (!format.read || !format.keepsActivations) {
        GTEST_SKIP() << "holds no thresholds";
    }
    const io::ExportSource source = sourceOf(examples()[0], format);
    const auto exported = format.write(source);
    auto expected = io::encodingTable(*source.graph, *source.resolved);
    const auto found = format.read(exported.files[0].content, "export", *source.graph);
    // A tensor that the format expresses exactly, off by four units in the last place.
    const auto before = io::compareEncodings(format, expected, found, exported.losses);
    for (auto& tensor : expected.activations) {
        const auto isLost = [&](const auto& d) { return d.item == tensor.tensor; };
        if (std::ranges::none_of(before.differences, isLost) && found.activation(tensor.tensor)) {
            tensor.params.scale[0] *= 1.0f + 5e-7f;
            EXPECT_FALSE(io::compareEncodings(format, expected, found, {}).passed());
            return;
        }
    }
    FAIL() << "no tensor is kept exactly";
}

TEST_P(ExportFormats, RefusesWhatIsCutShortOrForeign)
{
    const io::ExportFormat& format = io::exportFormat(GetParam());
    if (!format.read) {
        GTEST_SKIP() << "has no reader";
    }
    const io::ExportSource source = sourceOf(examples()[0], format);
    const std::string content = format.write(source).files[0].content;
    EXPECT_THROW((void)format.read("\x01\x02 nothing of the kind {", "broken", *source.graph), core::Error);
    // Every prefix either reads or is refused; none crashes.
    for (std::size_t length = 0; length < content.size(); length += 1 + content.size() / 97) {
        try {
            (void)format.read(std::string_view(content).substr(0, length), "cut", *source.graph);
        } catch (const core::Error& error) {
            EXPECT_THAT(error.what(), testing::HasSubstr("cut"));
        }
    }
}

std::vector<std::string> formatNames()
{
    std::vector<std::string> names;
    for (const io::ExportFormat& format : io::exportFormats()) {
        names.emplace_back(format.name);
    }
    return names;
}

INSTANTIATE_TEST_SUITE_P(Each, ExportFormats, testing::ValuesIn(formatNames()), [](const auto& instance) {
    std::string name = instance.param;
    std::ranges::replace_if(
        name, [](char c) { return c == '-' || c == '.'; }, '_');
    return name;
});

/// A plan made from what a lossless format says resolves to the same params.
TEST(ImportedPlan, OfLosslessFormatsResolvesToTheSameParams)
{
    for (const std::string name : {"qdq", "ort-overrides", "aimet-0.6.1", "aimet-1.0", "aimet-2.0", "csv"}) {
        SCOPED_TRACE(name);
        const Example example = examples()[0];
        const io::ExportFormat& format = io::exportFormat(name);
        const app::Project project = models::open(example.model, example.data, 4);
        const auto plan = models::planWith(example.settings);
        const auto source = app::exportSource(project, example.model, plan, format, {}, {});
        const auto table = format.read(format.write(*source).files[0].content, "export", *source->graph);
        auto base = core::QuantizationPlan::makeDefault();
        if (!format.keepsOperators && name != "qdq") {
            base.operators["block2/pointwise"].precision = core::kFp32; // the format cannot say so
        }
        const auto imported = io::planFrom(table, *source->graph, base);
        const auto again =
            app::exportSource(project, example.model,
                              std::make_shared<const core::QuantizationPlan>(imported.plan), format, {}, {});
        const auto before = io::encodingTable(*source->graph, *source->resolved);
        const auto after = io::encodingTable(*again->graph, *again->resolved);
        const auto compared = io::compareEncodings(io::exportFormat("csv"), before, after, imported.losses);
        for (const auto& difference : compared.differences) {
            ADD_FAILURE() << difference.item << ": " << difference.what;
        }
    }
}

TEST(ExportFormatRegistry, NamesAreUniqueAndUnknownOnesListTheRest)
{
    const auto names = formatNames();
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
    try {
        (void)io::exportFormat("qdp");
        FAIL();
    } catch (const core::Error& error) {
        EXPECT_EQ(error.kind(), core::ErrorKind::Usage);
        EXPECT_THAT(error.what(), testing::HasSubstr("qdq"));
    }
}

} // namespace
