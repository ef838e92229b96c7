#include "app/common/export_source.h"
#include "core/base/error.h"
#include "io/exports/compare_encodings.h"
#include "tests/models/model_run.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

namespace {

const std::filesystem::path kModel = support::projectFile("resources/sample/digits.onnx");
const std::filesystem::path kData = support::projectFile("resources/sample/sample.data.json");

/// The built-in sample under a plan of several precisions, schemes, methods and granularities.
io::ExportSource sourceOf(const io::ExportFormat& format)
{
    const app::Project project = models::open(kModel, kData, 4);
    const auto plan = models::planWith(
        {"block1/depthwise::weight.granularity=per-tensor", "block2/pointwise::precision=fp32",
         "block3/depthwise::activation.scheme=symmetric", "stem::activation.method=percentile:99.9"});
    return app::exportSource(project, kModel, plan, format, {}, {}).value();
}

class ExportFormats : public testing::TestWithParam<std::string>
{
};

TEST_P(ExportFormats, NamesAChangedScale)
{
    const io::ExportFormat& format = io::exportFormat(GetParam());
    if (!format.read || !format.keepsActivations) {
        GTEST_SKIP() << "holds no thresholds";
    }
    const io::ExportSource source = sourceOf(format);
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
    const io::ExportSource source = sourceOf(format);
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

/// The second file of this format says the same as the first.
TEST(ExportFormat, IncHoldsTheSameInYamlAndInJson)
{
    const io::ExportFormat& format = io::exportFormat("inc");
    const io::ExportSource source = sourceOf(format);
    const auto files = format.write(source).files;
    ASSERT_EQ(files.size(), 2U);
    EXPECT_EQ(files[1].suffix, ".json");
    const auto yaml = format.read(files[0].content, "yaml", *source.graph);
    const auto json = format.read(files[1].content, "json", *source.graph);
    EXPECT_EQ(yaml.operators, json.operators);
    EXPECT_GT(yaml.operators.size(), 5U);
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
