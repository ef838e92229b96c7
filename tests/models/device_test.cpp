#include "core/device/arrangement.h"
#include "core/device/device_comparison.h"
#include "tests/models/model_run.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <random>

namespace {

using core::DivergenceKind;
using Numbers = std::vector<float>;

constexpr std::size_t kSamples = 2;
constexpr std::array kKinds{
    DivergenceKind::Layout,      DivergenceKind::BatchOrder, DivergenceKind::Type,
    DivergenceKind::Rounding,    DivergenceKind::ZeroPoint,  DivergenceKind::Scale,
    DivergenceKind::Clip,        DivergenceKind::StaleRange, DivergenceKind::MissingFusion,
    DivergenceKind::ExtraFusion, DivergenceKind::Padding,    DivergenceKind::Channel};

struct Case
{
    const core::Operator& op;
    core::Shape shape;
    const core::QuantizationParams& params;
    std::mt19937& random;
};

std::size_t channelOf(const Case& c, std::size_t i)
{
    return i / static_cast<std::size_t>(c.shape[2] * c.shape[3]) % static_cast<std::size_t>(c.shape[1]);
}

/// Plain arithmetic on what our int8 wrote; none where the kind means nothing for these numbers.
std::optional<Numbers> corrupted(DivergenceKind kind, const Case& c, Numbers x)
{
    const float s = c.params.scale[0];
    const auto [low, high] = std::ranges::minmax(x);
    const core::Range range = c.params.range();
    const auto within = [&](double v) { return static_cast<float>(std::clamp(v, range.min, range.max)); };
    const Numbers before = x;
    const auto channel = static_cast<std::size_t>(c.random() % static_cast<unsigned>(c.shape[1]));
    for (std::size_t i = 0; i < x.size(); ++i) {
        const std::int64_t row = static_cast<std::int64_t>(i) / c.shape[3] % c.shape[2];
        const std::int64_t column = static_cast<std::int64_t>(i) % c.shape[3];
        const bool border = row == 0 || column == 0 || row + 1 == c.shape[2] || column + 1 == c.shape[3];
        const auto code = std::lround(x[i] / s) + c.params.zeroPoint[0];
        switch (kind) {
        case DivergenceKind::Type:
            x[i] = code >= 128 ? s * static_cast<float>(code - 256 - c.params.zeroPoint[0]) : x[i];
            break;
        case DivergenceKind::Rounding:
            x[i] = c.random() % 20 == 0 ? within(double{x[i]} + (c.random() % 2 == 0 ? s : -s)) : x[i];
            break;
        case DivergenceKind::ZeroPoint:
            x[i] = within(double{x[i]} + 3.0 * s);
            break;
        case DivergenceKind::Scale:
            x[i] *= 1.07F;
            break;
        case DivergenceKind::Clip:
            x[i] = std::min(x[i], std::round(0.6F * high / s) * s);
            break;
        case DivergenceKind::StaleRange: {
            const float other = 0.73F * s;
            x[i] = other
                * std::round(std::clamp<float>(x[i] / other, static_cast<float>(range.min) / s,
                                               static_cast<float>(range.max) / s));
            break;
        }
        case DivergenceKind::MissingFusion:
            x[i] = x[i] == 0.0F ? -s * static_cast<float>(c.random() % 50) : x[i];
            break;
        case DivergenceKind::ExtraFusion:
            x[i] = std::max(x[i], 0.0F);
            break;
        case DivergenceKind::Padding:
            x[i] = border ? within(double{x[i]} + s * static_cast<double>(c.random() % 9) - 4.0 * s) : x[i];
            break;
        case DivergenceKind::Channel:
            x[i] = channelOf(c, i) == channel ? s * std::round(1.4F * x[i] / s) : x[i];
            break;
        default:
            break;
        }
    }
    const bool fits = kind == DivergenceKind::MissingFusion
        ? c.op.activation.kind != kernels::Activation{}.kind && low == 0.0F
        : kind != DivergenceKind::ExtraFusion || low < 0.0F;
    const bool moves = kind == DivergenceKind::Layout || kind == DivergenceKind::BatchOrder;
    std::size_t changed = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        changed += std::abs(x[i] - before[i]) > 0.5F * s ? 1 : 0;
    }
    return fits && (moves || changed > 20) ? std::optional(x) : std::nullopt;
}

Numbers numbersOf(const core::Tensor& tensor)
{
    const core::Tensor rows = core::toLayout(tensor, core::Layout::RowMajor);
    return {rows.as<float>().begin(), rows.as<float>().end()};
}

/// N, C, spatial… as N, spatial…, C.
Numbers channelsLast(const Numbers& x, const core::Shape& shape)
{
    Numbers moved(x.size());
    const auto channels = static_cast<std::size_t>(shape[1]);
    const std::size_t spatial = x.size() / channels / static_cast<std::size_t>(shape[0]);
    for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t n = i / (channels * spatial);
        moved[(n * spatial + i % spatial) * channels + i / spatial % channels] = x[i];
    }
    return moved;
}

enum class Form
{
    Floats,
    ChannelsLast,
    RawChannelsLast,
    Codes,
    Shuffled
};

core::DeviceTensor written(const core::Operator& op, const core::Shape& shape, const Numbers& x, Form form,
                           const core::QuantizationParams* params, std::size_t sample)
{
    core::DeviceTensor tensor{op.name, "dump", core::makeTensor<float>(shape, x), true};
    tensor.sample = sample;
    if (shape.size() == 4 && (form == Form::ChannelsLast || form == Form::RawChannelsLast)) {
        const core::Shape last{shape[0], shape[2], shape[3], shape[1]};
        tensor.hasShape = form == Form::ChannelsLast;
        tensor.tensor = core::makeTensor<float>(
            tensor.hasShape ? last : core::Shape{core::elementCount(shape)}, channelsLast(x, shape));
    }
    if (form == Form::Codes && params) { // signed ones, whatever ours are
        Numbers codes;
        for (const float value : x) {
            codes.push_back(std::round(value / params->scale[0])
                            + static_cast<float>(params->zeroPoint[0] - 128));
        }
        tensor.tensor = core::castTo(core::makeTensor<float>(shape, codes), core::DataType::Int16);
        tensor.scale = params->scale[0];
        tensor.zeroPoint = params->zeroPoint[0] - 128;
    }
    return tensor;
}

/// What a device would dump: our int8, and from the corrupted operator on what follows from it.
struct Planted
{
    std::vector<core::DeviceTensor> dump;
    std::string op; ///< where; empty: clean
};

Planted plant(const app::Project& project, const core::QuantizationPlan& plan,
              std::optional<DivergenceKind> kind, Form form, unsigned seed)
{
    std::mt19937 random(seed);
    const auto network = project.session->prepare(plan, {}, {});
    const core::Pipeline& pipeline = network->pipeline;
    const core::OperatorGraph& graph = network->graph();
    std::vector<core::Sample> samples;
    std::vector<core::SampleValues> values(kSamples, core::SampleValues(graph.graph->values().size()));
    for (std::size_t i = 0; i < kSamples; ++i) {
        samples.push_back(project.data.evaluation->load(i));
    }
    Planted planted;
    const std::size_t from = kind ? 1 + random() % (graph.operators.size() / 2) : graph.operators.size();
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        const core::Operator& op = graph.operators[i];
        const auto id = core::OperatorId(i);
        const std::size_t value = core::indexOf(op.result());
        for (std::size_t k = 0; k < kSamples; ++k) {
            pipeline.runAlone(id, network->plan, *pipeline.quantizedForm(id, network->plan), samples[k],
                              values[k]);
        }
        const bool isCodes = network->plan.isCodes(graph, op.result());
        const core::QuantizationParams* params = isCodes ? &network->plan.values[value]->params : nullptr;
        const core::Shape shape = values[0][value].shape();
        const bool isHere = planted.op.empty() && i >= from && params && shape.size() == 4 && shape[1] > 3
            && shape[2] > 3 && shape[3] > 1 && network->plan.operators[i].kind == core::QuantizedKind::Linear;
        std::optional<Numbers> wrong;
        if (isHere && (wrong = corrupted(*kind, {op, shape, *params, random}, numbersOf(values[0][value])))) {
            planted.op = op.name;
            if (kind == DivergenceKind::BatchOrder) {
                std::swap(values[0][value], values[1][value]);
            } else {
                values[0][value] = core::makeTensor<float>(shape, *wrong);
            }
        }
        for (std::size_t k = 0; k < kSamples; ++k) {
            Numbers x = numbersOf(values[k][value]);
            if (k == 0 && planted.op == op.name && kind == DivergenceKind::Layout) {
                x = channelsLast(x, shape); // and the shape still says N, C, H, W
            }
            planted.dump.push_back(written(op, shape, x, form, params, k));
        }
    }
    if (form == Form::Shuffled) {
        std::ranges::shuffle(planted.dump, random);
    }
    return planted;
}

struct DeviceModel
{
    const char* model;
    const char* data;
};

app::Project opened(const DeviceModel& m)
{
    return models::open(*support::sharedFile(m.model), *support::sharedFile(m.data), 16);
}

constexpr std::array kShared{
    DeviceModel{"models/cifar10_resnet/cifar10_resnet20.onnx", "data/cifar10_resnet20.data.json"},
    DeviceModel{"models/mlcommons_tiny/kws_ref_model_float32.onnx", "data/kws_dscnn.data.json"},
    DeviceModel{"models/mlcommons_tiny/vww_96_float.onnx", "data/vww_mobilenet.data.json"}};

struct Tally
{
    int planted = 0;
    int kinds = 0;
    int operators = 0;
};

void judge(const app::Project& project, DivergenceKind kind, unsigned seed, Tally& tally)
{
    const auto plan = core::QuantizationPlan::makeDefault();
    const Planted planted = plant(project, plan, kind, Form::Floats, seed);
    if (planted.op.empty()) { // the kind means nothing in this model
        return;
    }
    const auto found = core::compareDevice(*project.session, plan, planted.dump, {}, {});
    tally.planted += 1;
    const std::string op = found->first ? project.session->operators(plan)->at(*found->first).name : "none";
    tally.operators += op == planted.op ? 1 : 0;
    tally.kinds += found->divergence.kind == kind ? 1 : 0;
    if (op != planted.op || found->divergence.kind != kind) {
        std::printf("%s at %s, seed %u: found %s at %s, %s\n", std::string(nameOf(kind)).c_str(),
                    planted.op.c_str(), seed, std::string(nameOf(found->divergence.kind)).c_str(), op.c_str(),
                    found->divergence.proof.c_str());
    }
}

void expectClean(const app::Project& project, Form form, unsigned seed)
{
    const auto plan = core::QuantizationPlan::makeDefault();
    const Planted clean = plant(project, plan, {}, form, seed);
    const auto found = core::compareDevice(*project.session, plan, clean.dump, {}, {});
    EXPECT_FALSE(found->first) << project.session->operators(plan)->at(*found->first).name << ": "
                               << nameOf(found->divergence.kind) << ", " << found->divergence.proof;
    EXPECT_GT(found->rows.size(), 3U);
    EXPECT_TRUE(found->unmatched.empty());
}

constexpr std::array kForms{Form::Floats, Form::ChannelsLast, Form::RawChannelsLast, Form::Codes,
                            Form::Shuffled};

TEST(DeviceTensors, OfTheSampleAreToldApartByKindAndCleanOnesGiveNoAlarm)
{
    const app::Project project = models::open(support::projectFile("resources/sample/digits.onnx"),
                                              support::projectFile("resources/sample/sample.data.json"), 16);
    Tally tally;
    for (const DivergenceKind kind : {DivergenceKind::Layout, DivergenceKind::ZeroPoint, DivergenceKind::Clip,
                                      DivergenceKind::Padding, DivergenceKind::BatchOrder}) {
        judge(project, kind, 77, tally);
    }
    EXPECT_GE(tally.planted, 4);
    EXPECT_EQ(tally.operators, tally.planted);
    EXPECT_EQ(tally.kinds, tally.planted);
    for (const Form form : kForms) {
        expectClean(project, form, 77);
    }
}

TEST(DeviceTensors, OfFourModelsAreToldApartByKindAndCleanOnesGiveNoAlarm)
{
    if (!models::isLong()) {
        GTEST_SKIP() << "24 dumps of each sort: set NOISEFLOOR_LONG";
    }
    for (const DeviceModel& m : kShared) {
        NOISEFLOOR_SHARED_FILE_OR_SKIP(model, m.model);
        NOISEFLOOR_SHARED_FILE_OR_SKIP(data, m.data);
    }
    std::vector<app::Project> projects;
    projects.push_back(models::open(support::projectFile("resources/sample/digits.onnx"),
                                    support::projectFile("resources/sample/sample.data.json"), 16));
    for (const DeviceModel& m : kShared) {
        projects.push_back(opened(m));
    }
    Tally tally;
    for (unsigned i = 0; i < 96 && tally.planted < 24; ++i) {
        judge(projects[(i + i / kKinds.size()) % 4], kKinds[i % kKinds.size()], 1000 + i, tally);
    }
    EXPECT_EQ(tally.planted, 24);
    EXPECT_EQ(tally.operators, 24);
    EXPECT_GE(tally.kinds, 22);
    for (unsigned i = 0; i < 24; ++i) {
        expectClean(projects[i % 4], kForms[i % kForms.size()], 2000 + i);
    }
}

} // namespace
