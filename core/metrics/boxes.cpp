#include "core/metrics/boxes.h"

#include "core/base/error.h"
#include "core/metrics/tensor_reading.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace core {

namespace {

Error boxShapes(const std::vector<Tensor>& outputs, std::string_view wanted)
{
    std::string shapes;
    for (const Tensor& output : outputs) {
        shapes += (shapes.empty() ? "" : ", ") + toString(output.shape());
    }
    return Error(ErrorKind::ShapeMismatch, fmt::format("metric map: outputs {}; {}", shapes, wanted));
}

std::vector<double> scoresOf(std::span<const double> raw, ScoreForm form)
{
    std::vector<double> scores(raw.begin(), raw.end());
    if (form == ScoreForm::Sigmoid) {
        std::ranges::transform(scores, scores.begin(), [](double x) { return 1.0 / (1.0 + std::exp(-x)); });
    } else if (form == ScoreForm::Softmax && !scores.empty()) {
        const double top = *std::ranges::max_element(scores);
        double sum = 0.0;
        for (double& score : scores) {
            score = std::exp(score - top);
            sum += score;
        }
        std::ranges::transform(scores, scores.begin(), [sum](double x) { return x / sum; });
    }
    return scores;
}

Box placed(std::span<const double> four, const BoxDecoding& d)
{
    Box box;
    const double x = four[0] / d.width;
    const double y = four[1] / d.height;
    const double third = four[2] / d.width;
    const double fourth = four[3] / d.height;
    switch (d.form) {
    case BoxForm::Corners:
        box = {0, x, y, third, fourth};
        break;
    case BoxForm::Centre:
        box = {0, x - third / 2.0, y - fourth / 2.0, x + third / 2.0, y + fourth / 2.0};
        break;
    case BoxForm::CornerSize:
        box = {0, x, y, x + third, y + fourth};
        break;
    }
    return box;
}

class BoxReader
{
public:
    explicit BoxReader(const BoxDecoding& decoding)
        : m_decoding(decoding)
    {
    }

    void add(std::span<const double> four, std::span<const double> rawScores, std::optional<double> category)
    {
        std::vector<double> scores = scoresOf(rawScores, m_decoding.score);
        double factor = 1.0;
        if (m_decoding.hasObjectness && !scores.empty()) {
            factor = scores.front();
            scores.erase(scores.begin());
            if (scores.empty()) {
                scores = {1.0}; // a single class: objectness alone
            }
        }
        for (std::size_t c = 0; c < scores.size(); ++c) {
            const auto id = category ? static_cast<std::int64_t>(*category) : static_cast<std::int64_t>(c);
            const double score = factor * scores[c];
            if (id == m_decoding.background || !(score >= m_decoding.leastScore)) {
                continue;
            }
            Box box = placed(four, m_decoding);
            box.category = id;
            box.score = score;
            m_boxes.push_back(box);
        }
    }

    std::vector<Box> finish()
    {
        std::ranges::stable_sort(m_boxes, std::greater<>{}, &Box::score);
        if (m_decoding.nms) {
            m_boxes = suppressed(m_boxes, *m_decoding.nms);
        }
        if (m_boxes.size() > m_decoding.most) {
            m_boxes.resize(m_decoding.most);
        }
        return std::move(m_boxes);
    }

private:
    const BoxDecoding& m_decoding;
    std::vector<Box> m_boxes;
};

} // namespace

double overlapOf(const Box& a, const Box& b, bool isCrowd)
{
    const double width = std::min(a.right, b.right) - std::max(a.left, b.left);
    const double height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
    if (!(width > 0.0) || !(height > 0.0)) {
        return 0.0;
    }
    const double common = width * height;
    const double first = (a.right - a.left) * (a.bottom - a.top);
    const double second = (b.right - b.left) * (b.bottom - b.top);
    return common / (isCrowd ? first : first + second - common);
}

std::vector<Box> suppressed(const std::vector<Box>& boxes, double threshold)
{
    std::vector<Box> kept;
    for (const Box& box : boxes) {
        if (std::ranges::none_of(kept, [&](const Box& better) {
                return better.category == box.category && overlapOf(better, box) > threshold;
            })) {
            kept.push_back(box);
        }
    }
    return kept;
}

std::vector<Box> decodeBoxes(const std::vector<Tensor>& outputs, const BoxDecoding& decoding)
{
    BoxReader reader(decoding);
    if (decoding.layout != BoxLayout::Apart) {
        const bool columns = decoding.layout == BoxLayout::Columns;
        if (outputs.size() != 1 || outputs[0].rank() < 2
            || outputs[0].shape()[outputs[0].rank() - (columns ? 2 : 1)] < 5) {
            throw boxShapes(outputs, columns ? "[1,4+C,K] is expected" : "[1,K,4+C] is expected");
        }
        const Rows rows = rowsOf(outputs[0], outputs[0].rank() - (columns ? 2 : 1));
        for (std::size_t i = 0; i < rows.rows; ++i) {
            reader.add(rows.row(i).first(4), rows.row(i).subspan(4), {});
        }
        return reader.finish();
    }
    const std::size_t wanted = decoding.hasClasses ? 3 : 2;
    if (outputs.size() != wanted) {
        throw boxShapes(outputs, "boxes [1,K,4] and scores [1,K,C] are expected");
    }
    const std::size_t count = static_cast<std::size_t>(outputs[0].count()) / 4;
    const auto scores = doublesOf(outputs[1]);
    const auto boxes = doublesOf(outputs[0]);
    const auto classes = decoding.hasClasses ? doublesOf(outputs[2]) : std::vector<double>{};
    if (count == 0 && scores.empty()) {
        return {};
    }
    if (count == 0 || boxes.size() != count * 4 || scores.size() % count != 0
        || (decoding.hasClasses && (classes.size() != count || scores.size() != count))) {
        throw boxShapes(outputs, "boxes [1,K,4] and scores [1,K,C] of the same K are expected");
    }
    const std::size_t perBox = scores.size() / count;
    for (std::size_t i = 0; i < count; ++i) {
        reader.add(std::span(boxes).subspan(4 * i, 4), std::span(scores).subspan(perBox * i, perBox),
                   decoding.hasClasses ? std::optional(classes[i]) : std::nullopt);
    }
    return reader.finish();
}

} // namespace core
