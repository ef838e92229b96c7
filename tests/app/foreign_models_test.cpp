#include "io/files/file.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <regex>
#include <sys/wait.h>

// Small models as users and other exporters write them (tests/cases): each was once computed wrongly, refused
// without need, or ended the process.

namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using Json = nlohmann::json;

struct Outcome
{
    int exitCode = -1; ///< −1: a signal ended the process
    std::string output;
    std::string errors;
};

fs::path folder() { return support::temporaryFolder(); }
std::string quoted(const fs::path& path) { return "'" + path.string() + "'"; }
fs::path model(const std::string& name)
{
    return support::projectFile("tests/cases/" + name + "/model.onnx");
}
fs::path hostile(const std::string& name)
{
    return support::projectFile("tests/cases/hostile/" + name + ".onnx");
}

Outcome run(const std::string& arguments)
{
    const fs::path out = folder() / "foreign.out";
    const fs::path err = folder() / "foreign.err";
    const std::string command =
        quoted(NOISEFLOOR_CLI) + " " + arguments + " >" + quoted(out) + " 2>" + quoted(err);
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) && WEXITSTATUS(status) < 128 ? WEXITSTATUS(status) : -1, io::readFile(out),
            io::readFile(err)};
}

std::string dataOf(const std::string& name)
{
    return " --data " + quoted(support::projectFile("tests/cases/" + name + "/data.json"));
}

/// Runs a case and gives its report.
Json reportOf(const std::string& name, const std::string& more = {})
{
    const fs::path report = folder() / "foreign.json";
    fs::remove(report);
    const Outcome done =
        run("run " + quoted(model(name)) + dataOf(name) + more + " --report " + quoted(report));
    EXPECT_EQ(done.exitCode, 0) << name << ": " << done.errors;
    return done.exitCode == 0 ? Json::parse(io::readFile(report)) : Json();
}

Json operatorOf(const Json& report, const std::string& name)
{
    for (const Json& op : report.value("operators", Json::array())) {
        if (op.value("name", "") == name) {
            return op;
        }
    }
    ADD_FAILURE() << "no operator " << name;
    return Json::object();
}

/// Exports a case and runs what was written: a file that is not valid, or names that collide, end here.
void expectExported(const std::string& name, const std::string& format)
{
    const fs::path file = folder() / (name + "." + format + ".onnx");
    const Outcome written = run("export " + quoted(model(name)) + dataOf(name) + " --format " + format
                                + " --output " + quoted(file));
    ASSERT_EQ(written.exitCode, 0) << name << " " << format << ": " << written.errors;
    const Outcome verified = run("verify " + quoted(model(name)) + dataOf(name) + " --format " + format
                                 + " --input " + quoted(file));
    EXPECT_GE(verified.exitCode, 0) << name << " " << format;
    const Outcome opened = run("run " + quoted(file) + dataOf(name));
    EXPECT_EQ(opened.exitCode, 0) << name << " " << format << ": " << opened.errors;
}

} // namespace

TEST(ForeignModels, AGemmWhoseCIsAMatrixRuns)
{
    for (const char* name : {"02-gemm-bias-MxN", "02-gemm-bias-Mx1"}) {
        const Json op = operatorOf(reportOf(name), "gemm");
        EXPECT_THAT(op.dump(), HasSubstr("is a matrix, not a bias per column")) << name;
        expectExported(name, "qdq");
    }
    EXPECT_EQ(run("run " + quoted(hostile("gemm_matrix_bias"))).exitCode, 0);
}

TEST(ForeignModels, AlphaAndBetaOfAGemmCount)
{
    const Json report = reportOf("05-gemm-alpha");
    EXPECT_EQ(operatorOf(report, "gemm")["precision"]["effective"], "int8");
    EXPECT_GT(report["outputs"][0]["sqnr_db"].get<double>(), 30.0); // 10.6 dB without alpha
    EXPECT_EQ(run("diagnose " + quoted(model("05-gemm-alpha")) + dataOf("05-gemm-alpha")).exitCode, 0);
}

// Weights that the model holds as codes keep them: alpha stands outside, the product is computed in float.
TEST(ForeignModels, AlphaOutsideWrittenCodesKeepsTheGemmFloat)
{
    const Json op = operatorOf(reportOf("78-qdq-gemm-alpha2"), "gemm");
    EXPECT_EQ(op["precision"]["effective"], "fp32");
    EXPECT_THAT(op["precision"]["reason"].get<std::string>(), HasSubstr("runs in FP32"));
    EXPECT_EQ(run("diagnose " + quoted(model("78-qdq-gemm-alpha2")) + dataOf("78-qdq-gemm-alpha2")).exitCode,
              0);
}

TEST(ForeignModels, NewNamesOfAnExportAreFree)
{
    for (const char* format : {"qdq", "qdq-21", "qoperator"}) {
        expectExported("10-name-collision", format);
    }
}

TEST(ForeignModels, ATableOfWordsRefusesNamesWithSpaces)
{
    const Outcome outcome = run("export " + quoted(model("11-names")) + dataOf("11-names")
                                + " --format ncnn --output " + quoted(folder() / "names.table"));
    EXPECT_EQ(outcome.exitCode, 3);
    EXPECT_THAT(outcome.errors, HasSubstr("/block 1/conv:weird name"));
    EXPECT_EQ(std::ranges::count(outcome.errors, '\n'), 1);
    expectExported("11-names", "qdq");
}

TEST(ForeignModels, InputsMayBeOutputsAndMasksMayBeRead)
{
    for (const char* name :
         {"36b-input-as-output", "54-dropout-mask", "45-softmax-op11", "23b-gather-embed"}) {
        for (const char* format : {"qdq", "qdq-21", "qoperator"}) {
            expectExported(name, format);
        }
    }
}

TEST(ForeignModels, AnInputThatNothingReadsNeedsNoData) { (void)reportOf("37b-unused-input"); }

TEST(ForeignModels, OtherFloatTypesAreQuantizedLikeAny)
{
    for (const auto& [name, warning] : {std::pair("39-fp16-model", "16-bit floats are computed as float32"),
                                        std::pair("40-double-model", "double precision is rounded")}) {
        const Json report = reportOf(name);
        int integer = 0;
        for (const Json& op : report["operators"]) {
            integer += op["precision"]["effective"] == "int8" ? 1 : 0;
        }
        EXPECT_GE(integer, 2) << name;
        EXPECT_GT(report["outputs"][0]["sqnr_db"].get<double>(), 25.0) << name;
        EXPECT_THAT(report["warnings"].dump(), HasSubstr(warning));
    }
}

TEST(ForeignModels, ANormalizationByZeroIsFound)
{
    const Outcome outcome = run("run " + quoted(model("42-bn-zero-var")) + dataOf("42-bn-zero-var"));
    EXPECT_EQ(outcome.exitCode, 3);
    EXPECT_THAT(outcome.errors, HasSubstr("variance 0"));
    EXPECT_EQ(std::ranges::count(outcome.errors, '\n'), 1);
}

TEST(ForeignModels, FunctionsOfTheModelAreInlined)
{
    EXPECT_GT(reportOf("53-local-function")["outputs"][0]["sqnr_db"].get<double>(), 30.0);
    const fs::path plain = support::projectFile("tests/cases/dialects/lf_plain.onnx");
    const Outcome done = run("run " + quoted(plain));
    EXPECT_EQ(done.exitCode, 0) << done.errors;
}

// Items of 5x1x3 fit the input 5x1x3: they are no pictures to be turned.
TEST(ForeignModels, ItemsThatFitTheInputAreTakenAsTheyAre)
{
    const fs::path data = folder() / "lstm.json";
    io::writeFileAtomically(
        data,
        Json{{"format", "noisefloor-data/1"},
             {"inputs",
              {{{"name", "x"},
                {"kind", "npy"},
                {"path", support::projectFile("tests/cases/84-lstm-fwd/in0.npy").string()}}}}}
            .dump());
    const Outcome given = run("run " + quoted(model("84-lstm-fwd")) + dataOf("84-lstm-fwd"));
    const Outcome plain = run("run " + quoted(model("84-lstm-fwd")) + " --data " + quoted(data));
    EXPECT_EQ(plain.exitCode, 0) << plain.errors;
    const auto numbers = [](const std::string& text) { // without times
        return std::regex_replace(text.substr(0, text.find("warning:")),
                                  std::regex("of the quantized network's time:[^\n]*\n"), "");
    };
    EXPECT_EQ(numbers(plain.output), numbers(given.output)); // whose description names the layout
}

TEST(ForeignModels, AConditionOnDataIsExportedAsItIs)
{
    const fs::path source = support::projectFile("tests/cases/dialects/if_on_data.onnx");
    const fs::path file = folder() / "if.qdq.onnx";
    const Outcome written = run("export " + quoted(source) + " --format qdq --output " + quoted(file));
    ASSERT_EQ(written.exitCode, 0) << written.errors;
    const Outcome opened = run("run " + quoted(file));
    EXPECT_EQ(opened.exitCode, 0) << opened.errors;
}

TEST(HostileModels, EveryCommandEndsByItself)
{
    for (const auto& entry : fs::directory_iterator(support::projectFile("tests/cases/hostile"))) {
        const std::string file = quoted(entry.path());
        const std::string output = " --output " + quoted(folder() / "hostile.out");
        for (const std::string& command :
             {"inspect " + file, "run " + file, "diagnose " + file, "sensitivity " + file,
              "export " + file + " --format qdq" + output, "export " + file + " --format qoperator" + output,
              "export " + file + " --format csv" + output, "dump " + file + output}) {
            const Outcome outcome = run(command);
            EXPECT_GE(outcome.exitCode, 0) << command << ": " << outcome.errors;
            EXPECT_NE(outcome.exitCode, 5) << command << ": " << outcome.errors; // internal
        }
    }
}

TEST(HostileModels, NamesThatAreNoneAreRefusedInOneLine)
{
    for (const char* name : {"empty_input_name", "shape_without_outputs", "reshape_empty_first_output"}) {
        const Outcome outcome = run("run " + quoted(hostile(name)));
        EXPECT_EQ(outcome.exitCode, 3) << name;
        EXPECT_EQ(std::ranges::count(outcome.errors, '\n'), 1) << outcome.errors;
    }
}

TEST(HostileModels, NamesReachTerminalsAndReportsEscaped)
{
    for (const char* name : {"control_characters", "invalid_utf8_name"}) {
        const fs::path report = folder() / "escaped.json";
        const Outcome outcome = run("run " + quoted(hostile(name)) + " --report " + quoted(report));
        ASSERT_EQ(outcome.exitCode, 0) << outcome.errors;
        const auto isControl = [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; };
        EXPECT_TRUE(std::ranges::none_of(outcome.output, isControl)) << outcome.output;
        EXPECT_THAT(outcome.output, HasSubstr("\\x"));
        EXPECT_FALSE(Json::parse(io::readFile(report), nullptr, false).is_discarded());
    }
}

TEST(ForeignModels, ConstantsAloneAreOneSample)
{
    const fs::path data = folder() / "constant.json";
    io::writeFileAtomically(
        data,
        R"({"format": "noisefloor-data/1", "inputs": [{"name": "x", "kind": "constant", "value": [0.5]}]})");
    for (const char* command : {"run ", "sensitivity ", "diagnose "}) {
        const Outcome outcome = run(command + quoted(model("05-gemm-alpha")) + " --data " + quoted(data));
        EXPECT_EQ(outcome.exitCode, 0) << command << outcome.errors;
    }
}
