#include "io/data/description_json.h"

#include "io/files/file.h"
#include "tests/support/shared_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

const std::filesystem::path kFolder = "/data";

std::string again(const std::string& json)
{
    return io::descriptionToJson(io::parseDescription(json, "d.json", kFolder), kFolder);
}

TEST(DescriptionJson, EveryKeySurvives)
{
    const std::string first = again(R"({"format": "noisefloor-data/1",
        "inputs": [{"name": "a", "path": "images", "kind": "images"},
                   {"name": "b", "path": "x.h5", "kind": "hdf5", "dataset": "d"},
                   {"name": "c", "path": "x.npz", "kind": "npz", "array": "e"},
                   {"name": "d", "path": "x.npy", "kind": "npy"},
                   {"name": "e", "path": "x.wav", "kind": "audio", "window": 512, "hop": 256, "context": 64},
                   {"name": "f", "kind": "constant", "value": [16000, 1], "shape": [2]},
                   {"name": "g", "kind": "state", "from": "h", "initial": 0.5, "shape": [2, 1, 128]},
                   {"name": "i", "kind": "random", "seed": 3, "samples": 7, "shape": [1, 4]}],
        "preprocess": {"resize_height": 48, "width_multiple": 8, "color": "BGR", "layout": "NHWC",
                       "mean": [103.94, 116.78, 123.68], "std": [1, 2, 3]},
        "labels": {"path": "images/labels.csv", "column": "class", "offset": -1, "output": "y"},
        "calibration": {"first": 12}})");
    EXPECT_EQ(again(first), first);
    for (const char* part :
         {"\"path\": \"images\"", "\"dataset\": \"d\"", "\"array\": \"e\"", "\"hop\": 256", "\"context\": 64",
          "16000", "\"initial\": 0.5", "\"seed\": 3", "\"samples\": 7", "\"resize_height\": 48",
          "\"width_multiple\": 8", "\"BGR\"", "\"NHWC\"", "116.78", "\"column\": \"class\"", "\"offset\": -1",
          "\"output\": \"y\"", "\"first\": 12"}) {
        EXPECT_THAT(first, testing::HasSubstr(part));
    }
}

TEST(DescriptionJson, GeometryOfEveryKind)
{
    for (const char* part : {R"("resize_shorter": 256, "center_crop": [224, 200])",
                             R"("central_fraction": 0.875, "resize_to": [224, 224])"}) {
        const std::string json =
            std::string(
                R"({"format": "noisefloor-data/1", "inputs": [{"path": "i", "kind": "images"}], "preprocess": {)")
            + part + "}}";
        const auto before = io::parseDescription(json, "d", kFolder).preprocess;
        const auto after = io::parseDescription(again(json), "d", kFolder).preprocess;
        EXPECT_EQ(before.text(), after.text());
        EXPECT_TRUE(after.hasGeometry());
    }
}

TEST(DescriptionJson, PathsOutsideTheFolderAreAbsolute)
{
    const std::string json = io::descriptionToJson(
        io::parseDescription(
            R"({"format": "noisefloor-data/1", "inputs": [{"path": "i", "kind": "images"}]})", "d", kFolder),
        "/elsewhere");
    EXPECT_THAT(json, testing::HasSubstr("\"/data/i\""));
}

TEST(DescriptionJson, TheSampleReadsBack)
{
    const auto file = support::projectFile("resources/sample/sample.data.json");
    const auto before = io::parseDescription(io::readFile(file), "d", file.parent_path());
    const auto after =
        io::parseDescription(io::descriptionToJson(before, file.parent_path()), "d", file.parent_path());
    EXPECT_EQ(before.preprocess.text(), after.preprocess.text());
    EXPECT_EQ(before.inputs[0].path.lexically_normal(), after.inputs[0].path.lexically_normal());
    EXPECT_EQ(before.calibration->path.lexically_normal(), after.calibration->path.lexically_normal());
}

} // namespace
