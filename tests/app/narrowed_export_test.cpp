#include "app/common/export_source.h"
#include "io/exports/format.h"
#include "io/files/file.h"
#include "io/onnx/onnx_writer.h"
#include "tests/support/shared_files.h"

#include <gmock/gmock.h>

namespace {

std::vector<std::string> lossesOf(const std::filesystem::path& file, const std::string& format,
                                  const std::filesystem::path& data)
{
    const app::Project project = app::openProject({file, data, {}, {}});
    const auto plan = std::make_shared<const core::QuantizationPlan>(app::defaultPlan(file));
    const io::ExportFormat& target = io::exportFormat(format);
    std::vector<std::string> result;
    for (const io::ExportLoss& loss :
         io::exportAs(target, app::exportSource(project, file, plan, target, {}, {}).value()).losses) {
        result.push_back(io::toString(loss));
    }
    return result;
}

/// What the export of a model of one MatMul between x and y says it loses; where it `isAlongAnAxis`, of the
/// sums of the product along an axis that the model reads.
std::vector<std::string> lossesOf(const std::string& name, core::DataType type, const std::string& format,
                                  std::int64_t batch = 3, bool isAlongAnAxis = false)
{
    const std::array<float, 4> four{0.5f, -1.0f, 0.25f, 2.0f};
    io::OnnxWriter writer;
    writer.input("x", type, {batch, 2});
    writer.initializer("w",
                       core::castTo(core::makeTensor<float>({2, 2}, std::span<const float>(four)), type));
    writer.node("MatMul", "product", {"x", "w"}, {"y"});
    if (isAlongAnAxis) {
        writer.input("axis", core::DataType::Int64, {1});
        writer.node("ReduceSum", "sum", {"y", "axis"}, {"s"});
    }
    writer.output(isAlongAnAxis ? "s" : "y", type, isAlongAnAxis ? core::Shape{1, 2} : core::Shape{batch, 2});
    const auto folder = support::temporaryFolder();
    io::writeFileAtomically(folder / (name + ".onnx"), writer.finish(name, 13));
    if (isAlongAnAxis) {
        io::writeFileAtomically(folder / (name + ".json"), R"({"format": "noisefloor-data/1", "inputs": [
            {"name": "x", "kind": "random", "seed": 3, "samples": 2},
            {"name": "axis", "kind": "constant", "value": [0]}]})");
    }
    return lossesOf(folder / (name + ".onnx"), format, isAlongAnAxis ? folder / (name + ".json") : "");
}

/// FP16 is computed in FP32, and so are inputs and outputs of the file that is written.
TEST(NarrowedExport, OtherTypesOfInputsAndOutputsAreSaid)
{
    EXPECT_THAT(lossesOf("half", core::DataType::Float16, "qdq"),
                testing::AllOf(testing::Contains(testing::HasSubstr(
                                   "'x' is float16 3x2 in the model, float32 3x2 in the file")),
                               testing::Contains(testing::HasSubstr("'y' is float16 3x2"))));
    EXPECT_THAT(lossesOf("single", core::DataType::Float32, "qdq"),
                testing::Not(testing::Contains(testing::HasSubstr("in the file"))));
    EXPECT_THAT(lossesOf("table", core::DataType::Float16, "csv"),
                testing::Not(testing::Contains(testing::HasSubstr("in the file"))));
}

/// A file has the batch that the data have.
TEST(NarrowedExport, AFixedBatchIsSaid)
{
    EXPECT_THAT(
        lossesOf("batch", core::DataType::Float32, "qoperator", core::kDynamic),
        testing::Contains(testing::HasSubstr("'x' is float32 ?x2 in the model, float32 1x2 in the file")));
}

/// What tells how to compute is taken from the data; the file has it, and asks nobody.
TEST(NarrowedExport, AnInputThatBecameAConstantIsSaid)
{
    EXPECT_THAT(lossesOf("axis", core::DataType::Float32, "qdq", 3, true),
                testing::Contains("'axis' is no input of the file: it is the constant 0"));
    EXPECT_THAT(lossesOf("axis_table", core::DataType::Float32, "csv", 3, true),
                testing::Not(testing::Contains(testing::HasSubstr("no input"))));
}

} // namespace
