#include "app/common/export_source.h"
#include "app/common/import_file.h"
#include "io/exports/compare_encodings.h"
#include "io/exports/import_plan.h"
#include "io/files/file.h"
#include "tests/models/export_changes.h"
#include "tests/models/model_run.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <optional>
#include <stdexcept>

namespace {

using models::Change;
using models::changesBetween;
using models::kWholeNetwork;

/// A network and a plan that mixes precisions, schemes, methods, granularities, arithmetic and repairs.
struct Example
{
    std::string name;
    std::filesystem::path model;
    std::filesystem::path data;
    std::vector<std::string> settings;
    std::string roundedByMask; ///< an operator whose weights are rounded by a mask
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
          "block3/depthwise::activation.scheme=symmetric", "stem::activation.method=percentile:99.9",
          "classifier::activation.scheme=symmetric", "classifier::activation.range=[-3,3]"},
         {}},
        {"arithmetic",
         support::projectFile("resources/sample/digits.onnx"),
         support::projectFile("resources/sample/sample.data.json"),
         {"outputs=float", "stem::accumulator=s16-outlier:8", "block1/pointwise::requantization=gemmlowp",
          "block2/depthwise::activation.range=[0,4.5]", "block2/pointwise::rounding=pytorch",
          "block4/pointwise::target=avx2", "block3/pointwise::precision=bf16",
          "block4/depthwise::activation.reduce_range=true", "block4/pointwise::weight.power_of_two=true"},
         "classifier"},
        {"resnet8",
         shared("models/mlcommons_tiny/pretrainedResnet.onnx"),
         shared("data/resnet8.data.json"),
         {"activation.scheme=symmetric", "activation.method=entropy", "fuse_residual=false",
          "Conv_0::weight.method=l2", "Conv_2::weight.bias_correction=analytic", "Conv_4::precision=fp32",
          "Conv_7::activation.scheme=asymmetric", "Conv_9::weight.granularity=per-tensor",
          "Conv_9::weight.bits=4", "Conv_10::weight.reduce_range=true", "Conv_13::activation.bits=6",
          "Conv_15::weight.granularity=group:16", "GlobalAveragePool_19::activation.power_of_two=true"},
         "Conv_16"},
        {"squeezenet",
         shared("models/squeezenet1.1_winml/squeezenet_fp32.onnx"),
         shared("data/squeezenet1.1.data.json"),
         {"weight.granularity=per-tensor", "activation.method=l2", "Conv_3::precision=fp32",
          "Conv_5::weight.granularity=per-channel", "Conv_7::activation.scheme=symmetric",
          "Conv_10::activation.bits=16", "Concat_9::share_range=true",
          "Conv_12::activation.reduce_range=true", "Conv_14::weight.scheme=asymmetric",
          "Conv_18::activation.convention=mxnet", "Conv_20::precision=int4", "Conv_22::weight.range=full",
          "Conv_25::weight.equalize=true", "Conv_27::activation.range=[0,700.5]",
          "Conv_29::activation.power_of_two=true", "Conv_42::activation.method=dynamic",
          "Conv_62::weight.granularity=group:64"},
         "Conv_33"},
    };
}

/// Every second weight up, the others down.
core::RoundingMask everySecondUp(const core::Operator& op)
{
    const auto count = static_cast<std::size_t>(op.constants.at(1)->count());
    return {std::make_shared<const std::vector<std::uint8_t>>((count + 7) / 8, std::uint8_t{0x55})};
}

std::shared_ptr<const core::QuantizationPlan> planOf(const Example& example, const app::Project& project)
{
    auto plan = *models::planWith(example.settings);
    if (!example.roundedByMask.empty()) {
        const auto graph = project.session->operators(plan);
        plan.operators[example.roundedByMask].weight.roundingMask =
            everySecondUp(graph->at(graph->find(example.roundedByMask).value()));
    }
    return std::make_shared<const core::QuantizationPlan>(std::move(plan));
}

/// An example opened once for all formats.
struct Opened
{
    Example example;
    app::Project project;

    explicit Opened(const Example& which)
        : example(which)
        , project(models::open(which.model, which.data, 4))
    {
    }

    [[nodiscard]] io::ExportSource source(const io::ExportFormat& format,
                                          const std::shared_ptr<const core::QuantizationPlan>& plan) const
    {
        return app::exportSource(project, example.model, plan, format, {}, {}).value();
    }
    /// Of the example's own plan, resolved once.
    [[nodiscard]] const io::ExportSource& source(const io::ExportFormat& format) const
    {
        if (!m_source || (format.needsReport && !m_source->report)) {
            m_source = source(format, planOf(example, project));
        }
        return *m_source;
    }

private:
    mutable std::optional<io::ExportSource> m_source;
};

Example example(const std::string& name)
{
    const std::vector<Example> all = examples();
    for (const Example& candidate : all) {
        if (candidate.name == name) {
            return candidate;
        }
    }
    throw std::invalid_argument("no example " + name);
}

class RoundTrip : public testing::TestWithParam<std::string>
{
};

#define OPENED_OR_SKIP(opened)                                                                               \
    const Example parameter = example(GetParam());                                                           \
    if (parameter.model.empty() || parameter.data.empty()) {                                                 \
        GTEST_SKIP() << "needs the shared models and data";                                                  \
    }                                                                                                        \
    const Opened opened(parameter)

/// What is read back is what was written, in every format.
TEST_P(RoundTrip, OfEveryFormatComesBackAsItWentOrNamesTheLoss)
{
    OPENED_OR_SKIP(opened);
    for (const io::ExportFormat& format : io::exportFormats()) {
        SCOPED_TRACE(format.name);
        const io::ExportSource& source = opened.source(format);
        // Without what exportAs() adds about arithmetic and repairs: those names shall not excuse a scale.
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

/// The plan that an export becomes again gives every operator what it had, or export or import name the
/// loss.
TEST_P(RoundTrip, ThroughEveryFormatGivesThePlanAgainOrNamesTheLoss)
{
    OPENED_OR_SKIP(opened);
    for (const io::ExportFormat& format : io::exportFormats()) {
        if (!format.read) {
            continue; // no source of plans
        }
        SCOPED_TRACE(format.name);
        const io::ExportSource& source = opened.source(format);
        const io::Export exported = io::exportAs(format, source);
        auto base = core::QuantizationPlan::makeDefault();
        base.defaults.fuseResidual = source.plan->defaults.fuseResidual;
        const auto file = support::temporaryFolder() / ("again." + std::string(format.name));
        io::writeFileAtomically(file, exported.files[0].content);
        const io::ImportedPlan imported = app::importFile(opened.project, base, format.name, file);
        const io::ExportSource again =
            opened.source(format, std::make_shared<const core::QuantizationPlan>(imported.plan));
        for (const Change& change : changesBetween(source, again, format)) {
            const auto exportSays = [&](const io::ExportLoss& loss) {
                return loss.item != kWholeNetwork
                    && std::ranges::find(change.names, loss.item) != change.names.end();
            };
            const auto importSays = [&](const io::ExportLoss& loss) {
                return std::ranges::find(change.names, loss.item) != change.names.end();
            };
            EXPECT_TRUE(std::ranges::any_of(exported.losses, exportSays)
                        || std::ranges::any_of(imported.losses, importSays))
                << change.names.back() << ": " << change.what;
        }
    }
}

/// Where the file says everything about the plan of the first example, nothing is lost on the way back.
TEST(ImportedPlan, OfLosslessFormatsResolvesToTheSameParams)
{
    const Opened opened(example("digits"));
    for (const std::string name : {"qdq", "qdq-21", "qoperator", "ort-overrides", "csv"}) {
        SCOPED_TRACE(name);
        const io::ExportFormat& format = io::exportFormat(name);
        const io::ExportSource& source = opened.source(format);
        const auto table = format.read(format.write(source).files[0].content, "export", *source.graph);
        const auto imported = io::planFrom(table, *source.graph, core::QuantizationPlan::makeDefault());
        for (const io::ExportLoss& loss : imported.losses) {
            ADD_FAILURE() << io::toString(loss);
        }
        const auto again =
            opened.source(format, std::make_shared<const core::QuantizationPlan>(imported.plan));
        for (const Change& change : changesBetween(source, again, format)) {
            ADD_FAILURE() << change.names.back() << ": " << change.what;
        }
    }
}

/// What no scale tells, by name and before anything is written.
TEST(ExportLosses, NameArithmeticOfOtherTargets)
{
    const Opened opened(example("arithmetic"));
    for (const io::ExportFormat& format : io::exportFormats()) {
        SCOPED_TRACE(format.name);
        const io::Export exported = io::exportAs(format, opened.source(format));
        const auto names = [&](const std::string& item) {
            return std::ranges::find(exported.losses, item, &io::ExportLoss::item) != exported.losses.end();
        };
        const bool namesSums = std::ranges::any_of(exported.losses, [](const io::ExportLoss& loss) {
            return loss.item == "stem" && loss.what.find("16-bit sums") != std::string::npos;
        });
        EXPECT_EQ(namesSums, !format.keepsEverything && !format.isDnnlowp) << "16-bit sums";
        for (const std::string item : {"block1/pointwise", "block4/pointwise", "block3/pointwise"}) {
            EXPECT_EQ(names(item), !format.keepsEverything) << item;
        }
        if (!format.isModel) {
            EXPECT_EQ(names("classifier"),
                      !format.keepsEverything && (!format.keepsRepairs || !format.keepsFloatOutputs));
        }
    }
}

/// Data below the lowest code of a narrow range becomes another code in targets that know the whole type
/// only.
TEST(ExportLosses, NameNarrowCodesThatDataGoesBelow)
{
    const Opened opened(example("digits"));
    for (const io::ExportFormat& format : io::exportFormats()) {
        const io::Export exported = io::exportAs(format, opened.source(format));
        const auto saturates = [](const io::ExportLoss& loss) {
            return loss.item == "logits" && loss.what == "saturates at code -128 instead of -127";
        };
        EXPECT_EQ(std::ranges::any_of(exported.losses, saturates),
                  !format.keepsEverything && !format.keepsCodes)
            << format.name;
    }
}

INSTANTIATE_TEST_SUITE_P(Each, RoundTrip, testing::Values("digits", "arithmetic", "resnet8", "squeezenet"));

} // namespace
