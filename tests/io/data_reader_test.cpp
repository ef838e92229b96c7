#include "io/data/data_reader.h"

#include "tests/io/data_files.h"

#include <numeric>
#include <set>

namespace {

using core::DataType;
using core::kDynamic;
using core::Shape;
using data_files::freshFolder;
using data_files::graphOf;
using data_files::labelsNpy;
using data_files::messageOf;
using data_files::npyBytes;
using data_files::write;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

/// Three items 0…11, 12…23, 24…35 of 3x2x2.
std::string threeItems(const std::string& type = "<f4")
{
    if (type == "|u1") {
        std::vector<std::uint8_t> bytes(36);
        std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
        return npyBytes(type, "(3, 3, 2, 2)", data_files::bytesOf(bytes));
    }
    std::vector<float> values(36);
    std::iota(values.begin(), values.end(), 0.0f);
    return npyBytes(type, "(3, 3, 2, 2)", data_files::bytesOf(values));
}

/// a.npy of threeItems() and a description whose braces hold `rest` beside format and inputs.
core::DataSource openNpyWith(const std::string& rest, const core::Graph& graph,
                             const std::string& type = "<f4")
{
    const fs::path folder = freshFolder();
    write(folder / "a.npy", threeItems(type));
    write(folder / "labels.npy", labelsNpy({1, 2, 3}));
    const auto path = write(folder / "d.json",
                            R"({"format": "noisefloor-data/1", "inputs": [{"path": "a.npy", "kind": "npy"}])"
                                + (rest.empty() ? "" : ", " + rest) + "}");
    return io::openData(graph, {path, {}});
}

const core::Graph kGraph = graphOf({{"x", {kDynamic, 3, 2, 2}}});

TEST(DataReader, GivesItemsWithABatchOfOne)
{
    const core::DataSource data = openNpyWith("", kGraph);
    ASSERT_EQ(data.evaluation->size(), 3u);
    const core::Sample sample = data.evaluation->load(1);
    EXPECT_EQ(sample.items, 1);
    EXPECT_TRUE(sample.labels.empty());
    EXPECT_EQ(sample.inputs.at(0).shape(), (Shape{1, 3, 2, 2}));
    EXPECT_EQ(sample.inputs[0].as<float>()[0], 12.0f);
    EXPECT_FALSE(data.evaluation->isSynthetic());
    EXPECT_TRUE(data.calibratesOnEvaluation);
    EXPECT_THAT(data.warnings, ElementsAre(HasSubstr("calibration uses the evaluation inputs")));
    EXPECT_EQ(io::boundInputShapes(kGraph, data, {}), (std::vector<Shape>{{1, 3, 2, 2}}));
}

TEST(DataReader, StaticBatchRepeatsTheLastItem)
{
    const core::Graph graph = graphOf({{"x", {2, 3, 2, 2}}});
    const core::DataSource data = openNpyWith(R"("labels": {"path": "labels.npy"})", graph);
    ASSERT_EQ(data.evaluation->size(), 2u);
    const core::Sample first = data.evaluation->load(0);
    EXPECT_EQ(first.items, 2);
    EXPECT_THAT(first.labels, ElementsAre(1, 2));
    const core::Sample last = data.evaluation->load(1);
    EXPECT_EQ(last.items, 1);
    EXPECT_THAT(last.labels, ElementsAre(3));
    EXPECT_EQ(last.inputs[0].shape(), (Shape{2, 3, 2, 2}));
    EXPECT_EQ(last.inputs[0].as<float>()[0], 24.0f);
    EXPECT_EQ(last.inputs[0].as<float>()[12], 24.0f); // padding: the same item again
}

TEST(DataReader, ShapeArgumentFixesTheBatch)
{
    const fs::path path = write(freshFolder() / "a.npy", threeItems());
    const io::DataRequest request{path, {{"x", {3, 3, 2, 2}}}};
    const core::DataSource data = io::openData(kGraph, request);
    EXPECT_EQ(data.evaluation->size(), 1u);
    EXPECT_EQ(data.evaluation->load(0).items, 3);
    EXPECT_EQ(io::boundInputShapes(kGraph, data, request), (std::vector<Shape>{{3, 3, 2, 2}}));
    EXPECT_THAT(messageOf([&] {
                    (void)io::openData(kGraph, {path, {{"x", {1, 4, 2, 2}}}});
                }),
                HasSubstr("--shape x=1x4x2x2: the model's input is ?x3x2x2"));
    EXPECT_THAT(messageOf([&] {
                    (void)io::openData(kGraph, {path, {{"xx", {1, 3, 2, 2}}}});
                }),
                HasSubstr("did you mean 'x'"));
}

TEST(DataReader, MeanAndStdPerChannelOrForAll)
{
    const auto one = openNpyWith(R"("preprocess": {"mean": 2, "std": 4})", kGraph);
    EXPECT_EQ(one.evaluation->load(0).inputs[0].as<float>()[10], (10.0f - 2.0f) / 4.0f);
    const auto each = openNpyWith(R"("preprocess": {"mean": [1, 2, 3], "std": [1, 1, 2]})", kGraph);
    const auto values = each.evaluation->load(0).inputs[0];
    EXPECT_THAT(values.as<float>(), ElementsAre(-1, 0, 1, 2, 2, 3, 4, 5, 2.5f, 3, 3.5f, 4));
    EXPECT_THAT(messageOf([] { (void)openNpyWith(R"("preprocess": {"mean": [1, 2]})", kGraph); }),
                HasSubstr("preprocess.mean has 2 values for 3 channels"));
    EXPECT_THAT(messageOf([] { (void)openNpyWith(R"("preprocess": {"std": [1, 0, 1]})", kGraph); }),
                HasSubstr("must not be 0"));
}

TEST(DataReader, ChannelsLastAreTurnedAndColorsSwapped)
{
    // 3x2x2 read as H=3, W=2, C=2 does not fit; a graph of 2x3x2 wants exactly that.
    const core::Graph graph = graphOf({{"x", {1, 2, 3, 2}}});
    const auto turned = openNpyWith(R"("preprocess": {"layout": "NHWC"})", graph);
    EXPECT_THAT(turned.evaluation->load(0).inputs[0].as<float>(),
                ElementsAre(0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11));
    for (const char* type : {"<f4", "|u1"}) { // floats and pictures take different ways
        const auto bgr = openNpyWith(R"("preprocess": {"color": "BGR"})", kGraph, type);
        EXPECT_THAT(bgr.evaluation->load(0).inputs[0].as<float>(),
                    ElementsAre(8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3))
            << type;
    }
    const auto gray =
        openNpyWith(R"("preprocess": {"color": "GRAY"})", graphOf({{"x", {1, 1, 2, 2}}}), "|u1");
    // (19595·0 + 38470·4 + 7471·8 + 32768) / 65536 = 3.76 → 3
    EXPECT_EQ(gray.evaluation->load(0).inputs[0].as<float>()[0], 3.0f);
}

TEST(DataReader, InputTypesOfTheModelAreKept)
{
    const fs::path folder = freshFolder();
    const std::vector<std::int64_t> ids{1, 2, std::int64_t{1} << 40, 4};
    const auto path = write(folder / "ids.npy", npyBytes("<i8", "(2, 2)", data_files::bytesOf(ids)));
    const auto data = io::openData(graphOf({{"ids", {kDynamic, 2}, DataType::Int64}}), {path, {}});
    EXPECT_THAT(data.evaluation->load(1).inputs[0].as<std::int64_t>(), ElementsAre(std::int64_t{1} << 40, 4));
    const auto bytes = openNpyWith("", graphOf({{"x", {1, 3, 2, 2}, DataType::UInt8}}), "|u1");
    EXPECT_EQ(bytes.evaluation->load(1).inputs[0].as<std::uint8_t>()[0], 12);
}

TEST(DataReader, WrongRankNamesBothShapes)
{
    EXPECT_THAT(messageOf([] {
                    (void)openNpyWith("", graphOf({{"x", {1, 640}}}));
                }),
                testing::AllOf(HasSubstr("1x3x2x2"), HasSubstr("input x of 1x640")));
    EXPECT_THAT(messageOf([] {
                    (void)openNpyWith("", graphOf({{"x", {1, 3, 2, 4}}}));
                }),
                testing::AllOf(HasSubstr("1x3x2x2"), HasSubstr("1x3x2x4")));
}

TEST(DataReader, LabelsTakeTheOffsetAndAreChecked)
{
    const auto data =
        openNpyWith(R"("labels": {"path": "labels.npy", "offset": 6}, "calibration": {"first": 2})", kGraph);
    EXPECT_TRUE(data.evaluation->hasLabels());
    EXPECT_THAT(data.evaluation->load(2).labels, ElementsAre(9));
    EXPECT_FALSE(data.calibratesOnEvaluation);
    EXPECT_EQ(data.calibration->size(), 2u);
    EXPECT_THAT(
        messageOf([] { (void)openNpyWith(R"("labels": {"path": "labels.npy", "offset": 7})", kGraph); }),
        testing::AllOf(HasSubstr("label 10"), HasSubstr("outside the 10 classes"),
                       HasSubstr("labels.offset")));
    EXPECT_THAT(
        messageOf([] { (void)openNpyWith(R"("labels": {"path": "labels.npy", "offset": -2})", kGraph); }),
        HasSubstr("label -1"));
    EXPECT_THAT(messageOf([] { (void)openNpyWith(R"("calibration": {"first": 4})", kGraph); }),
                HasSubstr("calibration.first is 4, the data has 3 samples"));
}

TEST(DataReader, LabelsOfSeveralOutputsMustNameTheirs)
{
    const core::Graph graph =
        graphOf({{"x", {1, 3, 2, 2}}}, {{"boxes", {1, 4}}, {"scores", {kDynamic, 5, 1, 1}}});
    EXPECT_THAT(messageOf([&] { (void)openNpyWith(R"("labels": {"path": "labels.npy"})", graph); }),
                HasSubstr("boxes, scores"));
    const auto data = openNpyWith(R"("labels": {"path": "labels.npy", "output": "scores"})", graph);
    EXPECT_EQ(data.labelsOutput, "scores");
    EXPECT_THAT(messageOf([&] {
                    (void)openNpyWith(R"("labels": {"path": "labels.npy", "output": "scores", "offset": 2})",
                                      graph);
                }),
                HasSubstr("5 classes"));
}

TEST(DataReader, LabelFilesThatDoNotFit)
{
    const fs::path folder = freshFolder();
    write(folder / "a.npy", threeItems());
    write(folder / "two.npy", labelsNpy({1, 2}));
    write(folder / "l.csv", "class_index,name\n1,\"a, b\"\n2,b\n");
    const auto withLabels = [&](const std::string& labels) {
        const auto path =
            write(folder / "d.json",
                  R"({"format": "noisefloor-data/1", "inputs": [{"path": "a.npy", "kind": "npy"}],)"
                  R"("labels": )"
                      + labels + "}");
        return messageOf([&] { (void)io::openData(kGraph, {path, {}}); });
    };
    EXPECT_THAT(withLabels(R"({"path": "none.npy"})"), HasSubstr("none.npy"));
    EXPECT_THAT(withLabels(R"({"path": "two.npy"})"), HasSubstr("2 labels for 3 samples"));
    EXPECT_THAT(withLabels(R"({"path": "a.npy"})"), HasSubstr("one whole number per sample"));
    EXPECT_THAT(withLabels(R"({"path": "l.csv", "column": "class_index"})"),
                HasSubstr("2 labels for 3 samples"));
    EXPECT_THAT(withLabels(R"({"path": "l.csv", "column": "class_indx"})"),
                HasSubstr("did you mean 'class_index'"));
    EXPECT_THAT(withLabels(R"({"path": "l.csv", "column": "name"})"),
                HasSubstr("'a, b' is not a class number"));
    EXPECT_THAT(withLabels(R"({"path": "none.csv", "column": "name"})"), HasSubstr("none.csv"));
    EXPECT_THAT(withLabels(R"({"path": "l.csv"})"), HasSubstr("'column' of a CSV"));
}

TEST(DataReader, MistakesInTheDescription)
{
    const fs::path folder = freshFolder();
    write(folder / "a.npy", threeItems());
    write(folder / "empty.npy", npyBytes("<f4", "(0, 3, 2, 2)", ""));
    const auto said = [&](const std::string& text) {
        return messageOf([&] { (void)io::openData(kGraph, {write(folder / "d.json", text), {}}); });
    };
    const auto input = [&](const std::string& entry) {
        return said(R"({"format": "noisefloor-data/1", "inputs": [)" + entry + "]}");
    };
    EXPECT_THAT(said("{"), HasSubstr("d.json: not JSON"));
    EXPECT_THAT(said("[]"), HasSubstr("must be an object"));
    EXPECT_THAT(said(R"({"inputs": []})"), HasSubstr("'format' is missing"));
    EXPECT_THAT(said(R"({"format": "noisefloor-plan/1", "inputs": []})"), HasSubstr("not noisefloor-data/1"));
    EXPECT_THAT(input(""), HasSubstr("at least one"));
    EXPECT_THAT(said(R"({"format": "noisefloor-data/1", "input": []})"),
                HasSubstr("unknown key 'input' (did you mean 'inputs'"));
    EXPECT_THAT(input(R"({"path": "a.npy", "kind": "nyp"})"), HasSubstr("did you mean 'npy'"));
    EXPECT_THAT(input(R"({"path": "a.npy", "kind": "npy", "dataset": "x"})"),
                HasSubstr("inputs[0]: unknown key 'dataset'"));
    EXPECT_THAT(input(R"({"kind": "npy"})"), HasSubstr("'path' is missing"));
    EXPECT_THAT(input(R"({"path": "b.npy", "kind": "npy"})"), HasSubstr("b.npy"));
    EXPECT_THAT(input(R"({"path": "empty.npy", "kind": "npy"})"), HasSubstr("no samples"));
    EXPECT_THAT(input(R"({"path": "a.npy", "kind": "npy", "name": "y"})"), HasSubstr("no input 'y'"));
    EXPECT_THAT(
        input(
            R"({"path": "a.npy", "kind": "npy", "name": "x"}, {"path": "a.npy", "kind": "npy", "name": "x"})"),
        HasSubstr("given twice"));
    const auto preprocess = [&](const std::string& keys) {
        return said(
            R"({"format": "noisefloor-data/1", "inputs": [{"path": "a.npy", "kind": "npy"}], "preprocess": {)"
            + keys + "}}");
    };
    EXPECT_THAT(preprocess(R"("resize_short": 3)"), HasSubstr("did you mean 'resize_shorter'"));
    EXPECT_THAT(preprocess(R"("color": "RBG")"), HasSubstr("unknown color 'RBG'"));
    EXPECT_THAT(preprocess(R"("interpolation": "bicubic")"), HasSubstr("known are bilinear"));
    EXPECT_THAT(preprocess(R"("central_fraction": 1.5)"), HasSubstr("central_fraction"));
    EXPECT_THAT(preprocess(R"("resize_to": [2, 2], "center_crop": 2)"), HasSubstr("exclude each other"));
    EXPECT_THAT(preprocess(R"("resize_to": [2, 99999999])"), HasSubstr("at most 32768"));
    EXPECT_THAT(preprocess(R"("resize_to": [2, 2])"), HasSubstr("8-bit images")); // these are floats
    EXPECT_THAT(messageOf([&] {
                    (void)io::openData(kGraph, {folder / "none.json", {}});
                }),
                HasSubstr("none.json"));
}

TEST(DataReader, FolderOfImagesGoesInByteOrder)
{
    const fs::path folder = freshFolder();
    for (const char* name : {"b.bmp", "B.BMP", "a10.bmp", "a9.bmp", "notes.txt"}) {
        write(folder / name, name[0] == 'n' ? "x" : data_files::bmpBytes(data_files::patternImage(8, 6)));
    }
    write(folder / "labels.csv", "file,class_index\nb.bmp,4\nB.BMP,3\na10.bmp,1\na9.bmp,2\ngone.bmp,7\n");
    const auto data = io::openData(graphOf({{"x", {1, 3, 4, 4}}}), {folder, {}});
    ASSERT_EQ(data.evaluation->size(), 4u);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < 4; ++i) {
        names.push_back(data.evaluation->sampleName(i));
    }
    EXPECT_THAT(names, ElementsAre("B.BMP", "a10.bmp", "a9.bmp", "b.bmp"));
    EXPECT_THAT(data.evaluation->load(0).labels, ElementsAre(3));
    EXPECT_THAT(data.warnings, testing::Contains(HasSubstr("1 labels name no sample")));
    EXPECT_THAT(data.warnings, testing::Contains(HasSubstr("resized to 4x4")));
    const auto picture = data.evaluation->picture(0);
    ASSERT_TRUE(picture);
    EXPECT_EQ(picture->width, 8); // of the original
    EXPECT_EQ(picture->rgb, data_files::patternImage(8, 6).pixels);

    write(folder / "z.bmp", "BM");
    EXPECT_THAT(messageOf([&] {
                    (void)io::openData(graphOf({{"x", {1, 3, 4, 4}}}), {folder, {}});
                }),
                HasSubstr("no label for z.bmp"));
    const fs::path empty = folder / "empty";
    fs::create_directories(empty);
    EXPECT_THAT(messageOf([&] {
                    (void)io::openData(kGraph, {empty, {}});
                }),
                HasSubstr("the folder has no JPEG, PNG or BMP"));
}

/// Opens one 61x43 picture with these preprocess keys for an input of any size.
core::Tensor preprocessed(const std::string& keys, Shape input = {kDynamic, kDynamic, kDynamic, kDynamic})
{
    const fs::path folder = freshFolder();
    write(folder / "a.bmp", data_files::bmpBytes(data_files::patternImage(61, 43)));
    const auto path =
        write(folder / "d.json",
              R"({"format": "noisefloor-data/1", "inputs": [{"path": "a.bmp", "kind": "images"}],)"
              R"("preprocess": {)"
                  + keys + "}}");
    return io::openData(graphOf({{"x", std::move(input)}}), {path, {}}).evaluation->load(0).inputs[0];
}

TEST(DataReader, GeometryGivesTheDocumentedSizes)
{
    EXPECT_EQ(preprocessed("").shape(), (Shape{1, 3, 43, 61}));
    EXPECT_EQ(preprocessed(R"("resize_to": [20, 10])").shape(), (Shape{1, 3, 10, 20}));
    EXPECT_EQ(preprocessed(R"("resize_shorter": 20)").shape(), (Shape{1, 3, 20, 28})); // 20·61/43 = 28.37
    EXPECT_EQ(preprocessed(R"("resize_shorter": 20, "center_crop": 16)").shape(), (Shape{1, 3, 16, 16}));
    EXPECT_EQ(preprocessed(R"("resize_height": 20, "width_multiple": 8)").shape(),
              (Shape{1, 3, 20, 32})); // 28.37 / 8 = 3.5
    EXPECT_EQ(preprocessed(R"("central_fraction": 0.5)").shape(), (Shape{1, 3, 22, 30}));
    EXPECT_EQ(preprocessed(R"("central_fraction": 0.5, "resize_to": [9, 7])").shape(), (Shape{1, 3, 7, 9}));
    EXPECT_EQ(preprocessed(R"("color": "GRAY")").shape(), (Shape{1, 1, 43, 61}));
    EXPECT_EQ(preprocessed("", {1, 43, 61, 3}).shape(), (Shape{1, 43, 61, 3})); // a model that takes NHWC
    EXPECT_THAT(messageOf([] { (void)preprocessed(R"("center_crop": 44)"); }),
                HasSubstr("center_crop 44x44 is larger than the 61x43"));
    EXPECT_THAT(messageOf([] {
                    (void)preprocessed(R"("resize_to": [9, 7])", {1, 3, 9, 9});
                }),
                testing::AllOf(HasSubstr("a.bmp"), HasSubstr("1x3x7x9"), HasSubstr("1x3x9x9")));
}

TEST(DataReader, CropOffsetRoundsHalfAPixelDown)
{
    // (61 − 16) / 2 = 22.5 → 22 and (43 − 16) / 2 = 13.5 → 13
    const core::Tensor crop = preprocessed(R"("center_crop": 16)");
    EXPECT_EQ(crop.as<float>()[0], static_cast<float>((22 * 37 + 13 * 71 + 22 * 13 * 13) % 256));
}

TEST(DataReader, AudioIsCutIntoWindows)
{
    const fs::path folder = freshFolder();
    std::vector<std::int16_t> pcm{16384, -32768, 8192, 0, 4096, -16384, 2048};
    const std::string data = data_files::bytesOf(pcm);
    const std::string wav =
        std::string("RIFF\x32\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x80\x3e\0\0\0\x7d\0\0\2\0\x10\0data\x0e\0\0\0",
                    44)
        + data;
    write(folder / "a.wav", wav);
    const auto path = write(folder / "d.json", R"({"format": "noisefloor-data/1", "inputs": [
        {"name": "input", "path": "a.wav", "kind": "audio", "window": 3, "hop": 3, "context": 2},
        {"name": "state", "kind": "state", "from": "stateN", "initial": 0.5},
        {"name": "sr", "kind": "constant", "value": 16000}]})");
    const core::Graph graph =
        graphOf({{"input", {kDynamic, kDynamic}}, {"sr", {}, DataType::Int64}, {"state", {2, kDynamic, 2}}},
                {{"output", {kDynamic, 1}}, {"stateN", {2, 1, 2}}});
    EXPECT_THAT(messageOf([&] { (void)io::openData(graph, {path, {}}); }), HasSubstr("--shape state="));
    const auto source = io::openData(graph, {path, {{"state", {2, 1, 2}}}});
    ASSERT_EQ(source.evaluation->size(), 3u);
    EXPECT_THAT(source.evaluation->load(0).inputs[0].as<float>(), ElementsAre(0, 0, 0.5f, -1, 0.25f));
    EXPECT_THAT(source.evaluation->load(2).inputs[0].as<float>(), ElementsAre(0.125f, -0.5f, 0.0625f, 0, 0));
    const core::Sample sample = source.evaluation->load(1);
    EXPECT_EQ(sample.inputs[0].shape(), (Shape{1, 5}));
    EXPECT_EQ(sample.inputs[1].shape(), Shape{});
    EXPECT_THAT(sample.inputs[1].as<std::int64_t>(), ElementsAre(16000));
    EXPECT_THAT(sample.inputs[2].as<float>(), ElementsAre(0.5f, 0.5f, 0.5f, 0.5f));
    ASSERT_EQ(source.states.size(), 1u);
    EXPECT_EQ(source.states[0].input, "state");
    EXPECT_EQ(source.states[0].output, "stateN");
    EXPECT_EQ(source.constants.at("sr").as<std::int64_t>()[0], 16000);
    EXPECT_TRUE(source.evaluation->startsSequence(0));
    EXPECT_FALSE(source.evaluation->startsSequence(1));
    EXPECT_EQ(source.evaluation->sampleName(2), "a.wav#2");
    for (std::size_t size = 0; size < wav.size(); ++size) {
        write(folder / "a.wav", wav.substr(0, size));
        EXPECT_THAT(messageOf([&] {
                        (void)io::openData(graph, {path, {{"state", {2, 1, 2}}}});
                    }),
                    HasSubstr("a.wav"))
            << size;
    }
}

TEST(DataReader, StateMustComeFromAnOutput)
{
    const auto path = write(freshFolder() / "d.json", R"({"format": "noisefloor-data/1", "inputs": [
        {"name": "state", "kind": "state", "from": "stateM", "initial": 0}]})");
    EXPECT_THAT(messageOf([&] {
                    (void)io::openData(graphOf({{"state", {1, 2}}}, {{"stateN", {1, 2}}}), {path, {}});
                }),
                HasSubstr("did you mean 'stateN'"));
}

TEST(DataReader, WithoutDataSeededRandomInputIsUsed)
{
    const core::Graph graph = graphOf({{"x", {kDynamic, 3, 64, 64}}, {"flag", {1}, DataType::Bool}});
    const auto data = io::openData(graph, {});
    EXPECT_TRUE(data.evaluation->isSynthetic());
    const core::Sample sample = data.evaluation->load(3);
    EXPECT_EQ(sample.inputs[0].shape(), (Shape{1, 3, 64, 64}));
    double sum = 0;
    double squares = 0;
    for (const float value : sample.inputs[0].as<float>()) {
        sum += value;
        squares += static_cast<double>(value) * value;
    }
    const double n = 3 * 64 * 64;
    EXPECT_NEAR(sum / n, 0, 0.05); // 5 standard errors of 12,288 values
    EXPECT_NEAR(squares / n, 1, 0.07);
    const auto again = io::openData(graph, {}).evaluation->load(3).inputs[0];
    EXPECT_TRUE(std::ranges::equal(sample.inputs[0].as<float>(), again.as<float>()));
    const auto other = data.evaluation->load(2).inputs[0];
    EXPECT_FALSE(std::ranges::equal(sample.inputs[0].as<float>(), other.as<float>()));
    EXPECT_THAT(messageOf([] {
                    (void)io::openData(graphOf({{"x", {1, 3, kDynamic, kDynamic}}}), {});
                }),
                HasSubstr("--shape x="));
}

TEST(DataReader, InputsWithDifferentNumbersOfSamples)
{
    const fs::path folder = freshFolder();
    write(folder / "a.npy", threeItems());
    write(folder / "b.npy", labelsNpy({1, 2}));
    const auto path = write(folder / "d.json", R"({"format": "noisefloor-data/1", "inputs": [
        {"name": "x", "path": "a.npy", "kind": "npy"}, {"name": "y", "path": "b.npy", "kind": "npy"}]})");
    EXPECT_THAT(messageOf([&] {
                    (void)io::openData(graphOf({{"x", {1, 3, 2, 2}}, {"y", {1}}}), {path, {}});
                }),
                HasSubstr("input x has 3 samples, input y has 2"));
    EXPECT_THAT(messageOf([&] {
                    (void)io::openData(graphOf({{"x", {1, 3, 2, 2}}, {"y", {1}}, {"z", {1}}}), {path, {}});
                }),
                HasSubstr("no data for the model's input z"));
}

TEST(DataReader, FingerprintFollowsWhatDecidesTheSamples)
{
    std::set<std::string> seen;
    for (const char* rest : {"", R"("preprocess": {"mean": 1})", R"("preprocess": {"mean": 2})",
                             R"("labels": {"path": "labels.npy"})"}) {
        seen.insert(openNpyWith(rest, kGraph).evaluation->fingerprint());
    }
    seen.insert(openNpyWith("", graphOf({{"x", {2, 3, 2, 2}}})).evaluation->fingerprint());
    EXPECT_EQ(seen.size(), 5u);
    EXPECT_EQ(openNpyWith("", kGraph).calibration->fingerprint().size(), 64u);
}

} // namespace
