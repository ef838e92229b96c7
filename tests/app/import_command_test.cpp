#include "app/common/export_source.h"
#include "app/common/import_file.h"
#include "io/exports/compare_encodings.h"
#include "io/files/file.h"
#include "io/plans/plan_json.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

const fs::path kModel = support::projectFile("resources/sample/digits.onnx");
const fs::path kData = support::projectFile("resources/sample/sample.data.json");

std::string quoted(const fs::path& path) { return "'" + path.string() + "'"; }

class ImportCommand : public testing::Test
{
protected:
    const fs::path folder = support::temporaryFolder();
    const std::string network = quoted(kModel) + " --data " + quoted(kData) + " --quiet ";

    /// 0 and no more than that on success; what was printed lies in `printed`.
    int run(const std::string& arguments)
    {
        const fs::path out = folder / "import_printed.txt";
        const int status = std::system(
            (std::string("'") + NOISEFLOOR_CLI + "' " + arguments + " >" + quoted(out) + " 2>&1").c_str());
        printed = io::readFile(out);
        return status;
    }

    std::string printed;
};

/// What a plan that came out of a file exports is what the file says, in every format that can be read.
TEST_F(ImportCommand, EveryFormatComesBackAsAPlanThatExportsTheSame)
{
    const std::string mixed =
        "--set 'block2/pointwise::precision=fp32' --set 'block1/depthwise::weight.granularity=per-tensor' "
        "--set 'block3/depthwise::activation.scheme=symmetric' --set "
        "'stem::activation.method=percentile:99.9' ";
    const app::Project project = app::openProject({kModel, kData, {}, {}});
    std::size_t checked = 0;
    for (const io::ExportFormat& format : io::exportFormats()) {
        const std::string name(format.name);
        if (!format.read && name != "plan") {
            continue;
        }
        SCOPED_TRACE(name);
        const fs::path file = folder / ("export." + name);
        const fs::path imported = folder / ("imported." + name + ".json");
        ASSERT_EQ(run("export " + network + mixed + "--format " + name + " --output " + quoted(file)), 0)
            << printed;
        ASSERT_EQ(run("import " + network + "--format " + name + " --input " + quoted(file) + " --output "
                      + quoted(imported)),
                  0)
            << printed;
        const auto plan = std::make_shared<const core::QuantizationPlan>(io::readPlan(imported));
        EXPECT_NE(*plan, core::QuantizationPlan::makeDefault());
        ++checked;
        if (!format.read) {
            continue;
        }
        const auto source = app::exportSource(project, kModel, plan, format, {}, {});
        ASSERT_TRUE(source);
        const auto& graph = *source->graph;
        const auto before = format.read(io::readFile(file), "before", graph);
        const auto after = format.read(format.write(*source).files.at(0).content, "after", graph);
        const auto compared = io::compareEncodings(format, before, after, {});
        for (const auto& difference : compared.differences) {
            ADD_FAILURE() << difference.item << ": " << difference.what;
        }
        EXPECT_GT(compared.tensors + compared.operators, 0U);
    }
    EXPECT_GE(checked, 15U);
}

TEST_F(ImportCommand, ObserverFilesAndPpqsTableBecomeManualRanges)
{
    struct Case
    {
        std::string format;
        std::string content;
        double min;
    };
    for (const Case& c : {Case{"observers", "0 Input 0 image -0.5 1.5\n", -0.5},
                          Case{"observers", "0 0 image -0.5 1.5\n", -0.5},
                          Case{"observers", "0 Input 0 image -0.5 1.5 4 1 2 3 4\n", -0.5},
                          Case{"trt-cache", "{\"act_quant_info\": {\"image\": 1.5}}", -1.5}}) {
        SCOPED_TRACE(c.content);
        const fs::path file = folder / "ranges.txt";
        const fs::path imported = folder / "ranges.json";
        io::writeFileAtomically(file, c.content);
        ASSERT_EQ(run("import " + network + "--format " + c.format + " --input " + quoted(file) + " --output "
                      + quoted(imported)),
                  0)
            << printed;
        const auto plan = io::readPlan(imported);
        ASSERT_TRUE(plan.inputs.contains("image")) << io::readFile(imported);
        const auto& activation = plan.inputs.at("image").activation;
        ASSERT_TRUE(activation.range);
        EXPECT_NEAR(activation.range->min, c.min, 1e-6);
        EXPECT_NEAR(activation.range->max, 1.5, 1e-6);
    }
}

TEST_F(ImportCommand, ParamsThatDnnlowpsObserversDumpComeAndGo)
{
    // Codes 0 … 255, zero point 64, step 1/128: −0.5 … 191/128.
    const fs::path file = folder / "image.qparams";
    const fs::path imported = folder / "qparams.json";
    io::writeFileAtomically(file, "0 Input 0 image -0.5 1.4921875 0.0078125 64 8\n");
    const std::string arguments = network + "--format dnnlowp-qparams ";
    ASSERT_EQ(run("import " + arguments + "--input " + quoted(file) + " --output " + quoted(imported)), 0)
        << printed;
    const auto plan = io::readPlan(imported);
    EXPECT_EQ(plan.inputs.at("image").activation.range, (core::Range{-0.5, 1.4921875}));
    const fs::path exported = folder / "again.qparams";
    ASSERT_EQ(run("export " + arguments + "--plan " + quoted(imported) + " --output " + quoted(exported)), 0)
        << printed;
    EXPECT_THAT(io::readFile(exported), testing::HasSubstr(" image -0.5 1.4921875 0.0078125 64 8\n"));
    io::writeFileAtomically(file, "0 Input 0 image -0.5 1.5 0.0078125 256 8\n");
    EXPECT_NE(
        run("import " + arguments + "--input " + quoted(file) + " --output " + quoted(folder / "no.json")),
        0);
    EXPECT_THAT(printed, testing::HasSubstr("image.qparams"));
}

TEST_F(ImportCommand, SaysWhatIsWrongWithAFile)
{
    const fs::path file = folder / "foreign.cache";
    io::writeFileAtomically(file, "TRT-8601-EntropyCalibration2\nanother_tensor: 3c010204\n");
    const std::string command =
        "import " + network + "--input " + quoted(file) + " --output " + quoted(folder / "never.json");
    EXPECT_NE(run(command + " --format trt-cache"), 0);
    EXPECT_THAT(printed,
                testing::AllOf(testing::HasSubstr("foreign.cache"), testing::HasSubstr("another_tensor")));
    EXPECT_NE(run(command + " --format aimet-1.0"), 0);
    EXPECT_THAT(printed, testing::HasSubstr("foreign.cache"));
    EXPECT_NE(run(command + " --format trt-cahe"), 0);
    EXPECT_THAT(printed, testing::HasSubstr("trt-cache"));
    EXPECT_NE(run(command), 0);
    EXPECT_THAT(printed, testing::HasSubstr("--format"));
    EXPECT_FALSE(fs::exists(folder / "never.json"));
}

} // namespace
