#include "tests/models/model_run.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <gtest/gtest.h>

namespace {

/// Greedy CTC: the best class of every step, repeats and class 0 dropped.
std::vector<std::size_t> decoded(const core::Tensor& output)
{
    const core::Tensor rows = core::toLayout(output, core::Layout::RowMajor);
    const auto classes = static_cast<std::size_t>(rows.shape().back());
    const auto values = rows.as<float>();
    std::vector<std::size_t> text;
    std::size_t last = 0;
    for (std::size_t at = 0; at < values.size(); at += classes) {
        const auto row = values.subspan(at, classes);
        const auto best = static_cast<std::size_t>(std::ranges::max_element(row) - row.begin());
        if (best != 0 && best != last) {
            text.push_back(best);
        }
        last = best;
    }
    return text;
}

/// Class k is line k of the alphabet, the last one a space.
std::string spelled(const std::vector<std::size_t>& text, const std::vector<std::string>& alphabet)
{
    std::string result;
    for (const std::size_t k : text) {
        result += k <= alphabet.size() ? alphabet[k - 1] : " ";
    }
    return result;
}

std::vector<std::string> linesOf(const std::filesystem::path& path)
{
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        lines.push_back(line);
    }
    return lines;
}

/// Fewest insertions, deletions and replacements between two texts.
std::size_t editDistance(const std::vector<std::size_t>& a, const std::vector<std::size_t>& b)
{
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t k = 0; k < row.size(); ++k) {
        row[k] = k;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t k = 0; k < b.size(); ++k) {
            const std::size_t replaced = diagonal + (a[i] == b[k] ? 0 : 1);
            diagonal = row[k + 1];
            row[k + 1] = std::min({replaced, row[k] + 1, row[k + 1] + 1});
        }
    }
    return row.back();
}

TEST(TextRecognition, Fp32ReadsWhatOnnxRuntimeReadsAndInt8LosesFewCharacters)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, "models/ppocr_v4/ch_PP-OCRv4_rec_infer.onnx");
    NOISEFLOOR_SHARED_FILE_OR_SKIP(keys, "models/ppocr_v4/ppocr_keys_v1.txt");
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, "data/ppocr_rec.data.json");
    NOISEFLOOR_SHARED_FILE_OR_SKIP(texts, "data/ocr_lines/onnxruntime.csv");
    const app::Project project = models::open(model, data);
    const auto alphabet = linesOf(keys);
    const auto expected = linesOf(texts); // a header, then: file,"text",confidence
    ASSERT_EQ(expected.size(), project.data.evaluation->size() + 1);
    const auto plan = models::planWith({"weight.granularity=per-channel"});
    const auto graph = project.session->operators(*plan);
    const core::OperatorId last = *graph->producerOf[core::indexOf(project.graph->outputs().front())];
    std::size_t characters = 0;
    std::size_t lost = 0;
    for (std::size_t i = 0; i < project.data.evaluation->size(); ++i) {
        const auto output = project.session->tensors(plan, last, i, {});
        const auto fp32 = decoded(output->fp32);
        const auto first = expected[i + 1].find('"') + 1;
        EXPECT_EQ(spelled(fp32, alphabet), expected[i + 1].substr(first, expected[i + 1].rfind('"') - first))
            << project.data.evaluation->sampleName(i);
        characters += fp32.size();
        lost += editDistance(fp32, decoded(output->quantized));
    }
    RecordProperty("characters", static_cast<int>(characters));
    RecordProperty("lost_in_int8", static_cast<int>(lost));
    std::printf("int8 loses %zu of %zu characters\n", lost, characters);
    EXPECT_LE(lost, characters / 10);
}

// Lines of text differ in width, so each makes a network of its own: its equalized weights are the first
// one's.
TEST(TextRecognition, LinesOfEveryWidthRunOnOneSetOfEqualizedWeights)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, "models/ppocr_v4/ch_PP-OCRv4_rec_infer.onnx");
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, "data/ppocr_rec.data.json");
    const app::Project project = models::open(model, data, 4);
    ASSERT_NE(project.data.evaluation->load(0).inputs[0].shape(),
              project.data.evaluation->load(3).inputs[0].shape());
    const auto report = project.session->run(models::planWith({"weight.equalize=true"}), {}, {});
    ASSERT_TRUE(report);
    const auto sqnr = report->outputs.front().error.sqnrDb;
    const auto plain = project.session->run(models::planWith({}), {}, {})->outputs.front().error.sqnrDb;
    ASSERT_TRUE(sqnr && plain);
    EXPECT_GT(*sqnr, *plain - 6.0); // weights of another network would leave noise
}

} // namespace
