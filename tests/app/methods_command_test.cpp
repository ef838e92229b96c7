#include "io/files/file.h"
#include "io/files/process.h"
#include "tests/support/shared_files.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

TEST(MethodsCommand, ComparesMethodsOnTheWholeNetwork)
{
    const auto file = support::temporaryFolder() / "methods.json";
    const auto result = io::runProcess(
        {NOISEFLOOR_CLI, "methods", support::projectFile("resources/sample/digits.onnx").string(), "--data",
         support::projectFile("resources/sample/sample.data.json").string(), "--samples", "8", "--methods",
         "minmax,entropy", "--json", file.string()});
    ASSERT_EQ(result.exitCode, 0) << result.err;
    const auto json = nlohmann::json::parse(io::readFile(file));
    ASSERT_EQ(json["methods"].size(), 2U);
    EXPECT_EQ(json["methods"][1]["method"], "entropy");
    EXPECT_GT(json["methods"][0]["output_sqnr_db"].get<double>(), 0.0);
    EXPECT_NE(json["methods"][0]["output_sqnr_db"], json["methods"][1]["output_sqnr_db"]);
    EXPECT_GT(json["methods"][0]["accumulated_sqnr_db"].size(), 3U);
    EXPECT_NE(result.out.find("entropy"), std::string::npos);
}

TEST(MethodsCommand, RefusesAMethodThatDoesNotExist)
{
    const auto result = io::runProcess({NOISEFLOOR_CLI, "methods",
                                        support::projectFile("resources/sample/digits.onnx").string(),
                                        "--methods", "entropi"});
    EXPECT_EQ(result.exitCode, 2);
    EXPECT_NE(result.err.find("entropy"), std::string::npos) << result.err;
}

} // namespace
