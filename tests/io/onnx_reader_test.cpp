#include "io/onnx/onnx_reader.h"

#include "core/base/error.h"
#include "core/graph/bind_shapes.h"
#include "core/graph/reference_evaluator.h"
#include "io/files/file.h"
#include "tests/support/shared_files.h"

#include <fstream>
#include <gmock/gmock.h>
#include <onnx/onnx_pb.h>

namespace {

using namespace core;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

/// A model y = x + w of two elements, to be changed by each test.
onnx::ModelProto sumModel()
{
    onnx::ModelProto model;
    model.set_ir_version(8);
    model.set_producer_name("test");
    model.add_opset_import()->set_version(13);
    auto* graph = model.mutable_graph();
    graph->set_name("sum");
    for (const char* name : {"x", "y"}) {
        auto* info = std::string(name) == "x" ? graph->add_input() : graph->add_output();
        info->set_name(name);
        auto* type = info->mutable_type()->mutable_tensor_type();
        type->set_elem_type(onnx::TensorProto::FLOAT);
        type->mutable_shape()->add_dim()->set_dim_value(2);
    }
    auto* weight = graph->add_initializer();
    weight->set_name("w");
    weight->set_data_type(onnx::TensorProto::FLOAT);
    weight->add_dims(2);
    weight->add_float_data(10);
    weight->add_float_data(20);
    auto* node = graph->add_node();
    node->set_op_type("Add");
    node->add_input("x");
    node->add_input("w");
    node->add_output("y");
    return model;
}

std::filesystem::path fileOf(const std::string& bytes, const std::string& name = "model.onnx")
{
    const auto file = support::temporaryFolder() / name;
    std::ofstream(file, std::ios::binary) << bytes;
    return file;
}

io::OnnxModel readBack(const onnx::ModelProto& model)
{
    return io::readOnnx(fileOf(model.SerializeAsString()));
}

std::string messageOf(const std::string& bytes)
{
    try {
        static_cast<void>(io::readOnnx(fileOf(bytes)));
    } catch (const Error& error) {
        return error.what();
    }
    return "nothing thrown";
}

std::string messageOf(const onnx::ModelProto& model) { return messageOf(model.SerializeAsString()); }

std::vector<float> run(const io::OnnxModel& model, std::vector<float> x)
{
    const auto bound = bindShapes(model.graph, {{std::ssize(x)}});
    const auto y =
        evaluateReference(*bound, std::vector{makeTensor<float>({std::ssize(x)}, x)})[0].as<float>();
    return {y.begin(), y.end()};
}

/// w taken from `location` beside the model.
onnx::ModelProto externalModel(const std::string& location, const std::string& offset = "4",
                               const std::string& length = "8")
{
    onnx::ModelProto model = sumModel();
    auto* weight = model.mutable_graph()->mutable_initializer(0);
    weight->clear_float_data();
    weight->set_data_location(onnx::TensorProto::EXTERNAL);
    for (const auto& [key, value] :
         {std::pair("location", location), std::pair("offset", offset), std::pair("length", length)}) {
        auto* entry = weight->add_external_data();
        entry->set_key(key);
        entry->set_value(value);
    }
    return model;
}

void writeFloats(const std::filesystem::path& file, std::vector<float> values)
{
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(values.data()),
               static_cast<std::streamsize>(values.size() * sizeof(float)));
}

TEST(OnnxReader, ReadsWhatTheFileSays)
{
    const std::string bytes = sumModel().SerializeAsString();
    const io::OnnxModel model = io::readOnnx(fileOf(bytes, "sum.onnx"));
    EXPECT_EQ(model.file, "sum.onnx");
    EXPECT_EQ(model.sha256, io::sha256(bytes));
    EXPECT_EQ(model.nodes, 1U);
    EXPECT_EQ(model.irVersion, 8);
    EXPECT_EQ(model.producer, "test");
    EXPECT_EQ(model.opsets.at(""), 13);
    EXPECT_EQ(model.graph.nodes()[0].name, "Add_0");
    EXPECT_THAT(run(model, {1, 2}), ElementsAre(11, 22));
}

TEST(OnnxReader, InitializersOfOldFilesAreNoInputs)
{
    onnx::ModelProto model = sumModel();
    model.set_ir_version(3);
    auto* input = model.mutable_graph()->add_input();
    *input = model.graph().input(0);
    input->set_name("w");
    EXPECT_EQ(readBack(model).graph.inputs().size(), 1U);
    EXPECT_THAT(run(readBack(model), {1, 2}), ElementsAre(11, 22));
}

TEST(OnnxReader, ConstantNodesBecomeConstantsInEveryForm)
{
    onnx::ModelProto model = sumModel();
    auto* graph = model.mutable_graph();
    graph->clear_initializer();
    auto* node = graph->add_node(); // out of order: found anyway
    node->set_op_type("Constant");
    node->add_output("w");
    auto* attribute = node->add_attribute();
    attribute->set_name("value_floats");
    attribute->set_type(onnx::AttributeProto::FLOATS);
    attribute->add_floats(1);
    attribute->add_floats(2);
    EXPECT_EQ(readBack(model).graph.nodes().size(), 1U);
    EXPECT_EQ(readBack(model).nodes, 2U);
    EXPECT_THAT(run(readBack(model), {1, 2}), ElementsAre(2, 4));

    attribute->clear_floats();
    attribute->set_name("value_float");
    attribute->set_type(onnx::AttributeProto::FLOAT);
    attribute->set_f(5);
    EXPECT_THAT(run(readBack(model), {1, 2}), ElementsAre(6, 7));

    attribute->set_name("value");
    attribute->set_type(onnx::AttributeProto::TENSOR);
    attribute->mutable_t()->set_data_type(onnx::TensorProto::FLOAT);
    const float raw = 7;
    attribute->mutable_t()->set_raw_data(&raw, sizeof(raw));
    EXPECT_THAT(run(readBack(model), {1, 2}), ElementsAre(8, 9));

    attribute->set_name("value_ints");
    attribute->set_type(onnx::AttributeProto::INTS);
    attribute->add_ints(3);
    const auto id = readBack(model).graph.findValue("w");
    ASSERT_TRUE(id);
    EXPECT_EQ(readBack(model).graph.value(*id).type, DataType::Int64);
}

TEST(OnnxReader, UnnamedNodesCountTheFilesNodes)
{
    onnx::ModelProto model = sumModel();
    auto* graph = model.mutable_graph();
    const onnx::NodeProto add = graph->node(0);
    graph->clear_node();
    auto* constant = graph->add_node();
    constant->set_op_type("Constant");
    constant->add_output("c");
    constant->add_attribute()->set_name("value_float");
    constant->mutable_attribute(0)->set_type(onnx::AttributeProto::FLOAT);
    *graph->add_node() = add;
    EXPECT_EQ(readBack(model).graph.nodes()[0].name, "Add_1");
}

TEST(OnnxReader, DuplicateNodeNamesAreMadeUnique)
{
    onnx::ModelProto model = sumModel();
    auto* graph = model.mutable_graph();
    graph->mutable_node(0)->set_name("add");
    graph->mutable_node(0)->set_output(0, "t");
    auto* second = graph->add_node();
    *second = graph->node(0);
    second->set_input(0, "t");
    second->set_output(0, "y");
    EXPECT_EQ(readBack(model).graph.nodes()[1].name, "add#2");
    EXPECT_THAT(run(readBack(model), {1, 2}), ElementsAre(21, 42));
}

TEST(OnnxReader, RefusesValuesWithTwoWriters)
{
    onnx::ModelProto model = sumModel();
    *model.mutable_graph()->add_node() = model.graph().node(0);
    EXPECT_THAT(messageOf(model), HasSubstr("value 'y' is written by two nodes"));

    model = sumModel();
    *model.mutable_graph()->add_initializer() = model.graph().initializer(0);
    EXPECT_EQ(messageOf(model), "model.onnx: two initializers are named 'w'");

    model = sumModel();
    *model.mutable_graph()->add_input() = model.graph().input(0);
    EXPECT_EQ(messageOf(model), "model.onnx: two inputs are named 'x'");

    model = sumModel();
    model.mutable_graph()->mutable_node(0)->set_output(0, "x");
    EXPECT_THAT(messageOf(model), HasSubstr("value 'x' is written by node"));
}

TEST(OnnxReader, RefusesReadersOfNothing)
{
    onnx::ModelProto model = sumModel();
    model.mutable_graph()->mutable_node(0)->set_input(0, "nobody");
    EXPECT_EQ(messageOf(model), "model.onnx: Add_0 (Add) reads 'nobody', which nothing writes");
}

TEST(OnnxReader, RefusesTruncatedAndForeignFiles)
{
    const std::string whole = sumModel().SerializeAsString();
    for (std::size_t length = 0; length < whole.size(); ++length) {
        // A prefix may end between two fields: then it parses, and lacks something.
        EXPECT_THAT(messageOf(whole.substr(0, length)), StartsWith("model.onnx: ")) << length;
    }
    EXPECT_EQ(messageOf("GIF89a, certainly no model"), "model.onnx: not an ONNX model, or cut short");
    EXPECT_EQ(messageOf(std::string()), "model.onnx: holds no ONNX graph");
    EXPECT_THROW(static_cast<void>(io::readOnnx(support::temporaryFolder() / "missing.onnx")), Error);
}

TEST(OnnxReader, ChangedBytesNeverCrash)
{
    const std::string whole = sumModel().SerializeAsString();
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (const int change : {1, 0x80, 0xff}) {
            std::string bytes = whole;
            bytes[at] = static_cast<char>(bytes[at] ^ change);
            try {
                const io::OnnxModel model = io::readOnnx(fileOf(bytes));
                static_cast<void>(bindShapes(model.graph, {{2}}));
            } catch (const Error&) {
                // refused, which is fine
            }
        }
    }
}

TEST(OnnxReader, RefusesTensorsWhoseSizesContradict)
{
    onnx::ModelProto model = sumModel();
    model.mutable_graph()->mutable_initializer(0)->set_dims(0, 3);
    EXPECT_EQ(messageOf(model), "model.onnx: tensor 'w': 2 elements for shape 3");
    model.mutable_graph()->mutable_initializer(0)->set_dims(0, std::int64_t{1} << 39);
    EXPECT_EQ(messageOf(model), "model.onnx: tensor 'w': 2 elements for shape 549755813888");
    model.mutable_graph()->mutable_initializer(0)->set_dims(0, -2);
    EXPECT_EQ(messageOf(model), "model.onnx: tensor 'w': a dimension is negative");
    model = sumModel();
    model.mutable_graph()->mutable_initializer(0)->set_raw_data("12345");
    EXPECT_EQ(messageOf(model), "model.onnx: tensor 'w': 5 bytes for shape 2 of float32");
}

TEST(OnnxReader, NamesElementTypesItDoesNotHold)
{
    onnx::ModelProto model = sumModel();
    model.mutable_graph()->mutable_initializer(0)->set_data_type(onnx::TensorProto::STRING);
    EXPECT_EQ(messageOf(model), "model.onnx: tensor 'w' has element type STRING, which is not supported");
    model.mutable_graph()->mutable_initializer(0)->set_data_type(23); // float4e2m1, newer than the schema
    EXPECT_EQ(messageOf(model), "model.onnx: tensor 'w' has element type 23, which is not supported");
}

TEST(OnnxReader, ReadsExternalDataBesideTheModel)
{
    writeFloats(support::temporaryFolder() / "weights.bin", {0, 3, 4});
    EXPECT_THAT(run(readBack(externalModel("weights.bin")), {1, 2}), ElementsAre(4, 6));
}

TEST(OnnxReader, RefusesExternalDataOutsideTheFolder)
{
    EXPECT_THAT(messageOf(externalModel("../weights.bin")), HasSubstr("lies outside the model's folder"));
    EXPECT_THAT(messageOf(externalModel("/etc/passwd")), HasSubstr("lies outside the model's folder"));
    EXPECT_THAT(messageOf(externalModel("a/../../weights.bin")),
                HasSubstr("lies outside the model's folder"));
    std::error_code ignored;
    std::filesystem::remove(support::temporaryFolder() / "link.bin", ignored);
    std::filesystem::create_symlink("/etc/passwd", support::temporaryFolder() / "link.bin");
    EXPECT_THAT(messageOf(externalModel("link.bin")), HasSubstr("leads outside the model's folder"));
    EXPECT_THAT(messageOf(externalModel("missing.bin")), HasSubstr("is not there"));
}

TEST(OnnxReader, RefusesExternalDataOfTheWrongSize)
{
    writeFloats(support::temporaryFolder() / "short.bin", {0, 3});
    EXPECT_THAT(messageOf(externalModel("short.bin")), HasSubstr("'short.bin' is too short"));
    EXPECT_THAT(messageOf(externalModel("short.bin", "0", "4")), HasSubstr("4 bytes, shape and type need 8"));
    EXPECT_THAT(messageOf(externalModel("short.bin", "-1")),
                HasSubstr("'-1' of its external data is no number"));
    EXPECT_THAT(messageOf(externalModel("short.bin", "18446744073709551615")), HasSubstr("is too short"));
}

/// y = c ? x + w : x, with w and x captured from outside.
onnx::ModelProto conditionalModel()
{
    onnx::ModelProto model = sumModel();
    auto* graph = model.mutable_graph();
    const onnx::NodeProto add = graph->node(0);
    graph->clear_node();
    auto* condition = graph->add_input();
    condition->set_name("c");
    condition->mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::BOOL);
    condition->mutable_type()->mutable_tensor_type()->mutable_shape();
    auto* node = graph->add_node();
    node->set_op_type("If");
    node->set_name("choice");
    node->add_input("c");
    node->add_output("y");
    for (const char* key : {"then_branch", "else_branch"}) {
        auto* attribute = node->add_attribute();
        attribute->set_name(key);
        attribute->set_type(onnx::AttributeProto::GRAPH);
        auto* body = attribute->mutable_g();
        *body->add_node() = add;
        body->mutable_node(0)->set_output(0, "result");
        if (std::string(key) == "else_branch") {
            body->mutable_node(0)->set_op_type("Identity");
            body->mutable_node(0)->mutable_input()->RemoveLast();
        }
        body->add_output()->set_name("result");
    }
    return model;
}

TEST(OnnxReader, BranchesCaptureValuesFromOutside)
{
    const io::OnnxModel model = readBack(conditionalModel());
    EXPECT_EQ(model.graph.nodes()[0].inputs.size(), 4U); // condition; x, w of then_branch; x of else_branch
    const auto bound = bindShapes(model.graph, {{2}, {}});
    const std::vector<float> x{1, 2};
    const bool yes[] = {true};
    const bool no[] = {false};
    const auto at = [&](const bool(&c)[1]) {
        const auto y = evaluateReference(
            *bound,
            std::vector{makeTensor<float>({2}, x), makeTensor<bool>({}, std::span<const bool>(c))})[0];
        return std::vector<float>(y.as<float>().begin(), y.as<float>().end());
    };
    EXPECT_THAT(at(yes), ElementsAre(11, 22));
    EXPECT_THAT(at(no), ElementsAre(1, 2));
}

TEST(OnnxReader, RefusesSequences)
{
    onnx::ModelProto model = sumModel();
    auto* type = model.mutable_graph()->mutable_input(0)->mutable_type();
    type->mutable_sequence_type()->mutable_elem_type()->mutable_tensor_type()->set_elem_type(
        onnx::TensorProto::FLOAT);
    EXPECT_EQ(messageOf(model),
              "model.onnx: value 'x' is a sequence, map or optional; only tensors are supported");
}

TEST(ReadTensorProto, NamesTheFile)
{
    const auto file = fileOf("garbage!", "input_0.pb");
    try {
        static_cast<void>(io::readTensorProto(file));
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), StartsWith("input_0.pb: "));
    }
}

} // namespace
