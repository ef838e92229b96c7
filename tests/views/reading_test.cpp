// What FP32 and int8 say of a sample: boxes, texts and the picture they stand on.
#include "tests/support/report_fixture.h"
#include "views/base/selection.h"
#include "views/samples/reading_picture.h"
#include "views/samples/samples_view.h"
#include "views/samples/text_difference.h"

#include <QLabel>
#include <QSignalSpy>

#include <gtest/gtest.h>

#include <cmath>

namespace {

std::vector<std::int64_t> points(const char32_t* text)
{
    std::vector<std::int64_t> result;
    for (; *text != 0; ++text) {
        result.push_back(static_cast<std::int64_t>(*text));
    }
    return result;
}

std::shared_ptr<const core::Results> resultsWithMetric()
{
    auto report = std::make_shared<core::Report>(*support::makeResults()->report);
    auto metric = std::make_shared<core::MetricReport>();
    metric->info = {"map", "mAP", "%"};
    metric->worst = {{3, 12.5}, {1, 2.0}};
    report->metric = metric;
    auto results = std::make_shared<core::Results>(*support::makeResults());
    results->report = report;
    return results;
}

TEST(Reading, LostAndChangedCharactersAreMarked)
{
    const auto [fp32, quantized] = views::textDifference(points(U"house a"), points(U"hose b"));
    EXPECT_EQ(views::markedText(fp32, true, QStringLiteral("red")),
              QStringLiteral("ho<b><u><span style=\"color:red\">u</span></u></b>se "
                             "<b><u><span style=\"color:red\">a</span></u></b>")
                  .replace(QStringLiteral("se "), QStringLiteral("se&nbsp;")));
    EXPECT_EQ(views::markedText(quantized, true, QStringLiteral("red")),
              QStringLiteral("hose&nbsp;<b><u><span style=\"color:red\">b</span></u></b>"));
    EXPECT_EQ(views::markedText({{7, true}, {42, true}}, false, {}), QStringLiteral("7 42"));
    EXPECT_EQ(views::markedText({{U'<', true}}, true, {}), QStringLiteral("&lt;"));
}

TEST(Reading, BoxesOfOneClassThatOverlapByHalfAreTheSame)
{
    const core::Box box{1, 0.1, 0.1, 0.3, 0.3};
    core::Box moved = box; // by a fifth of its width: overlap 0.8 / 1.2
    moved.left += 0.04;
    moved.right += 0.04;
    core::Box far = box; // by half: 0.5 / 1.5
    far.left += 0.1;
    far.right += 0.1;
    core::Box other = box;
    other.category = 2;
    const auto same = views::compareBoxes({box}, {far, moved, other});
    EXPECT_EQ(same.isLost, std::vector<bool>{false});
    EXPECT_EQ(same.isNew, (std::vector<bool>{true, false, true}));
    EXPECT_EQ(views::compareBoxes({box}, {far}).isLost, std::vector<bool>{true});
    EXPECT_FALSE(views::compareBoxes({box}, {far}).meanOverlap);
    const core::Box left{0, 0.0, 0.0, 0.5, 1.0};
    const core::Box shifted{0, 0.125, 0.0, 0.625, 1.0}; // 3/8 in common, 5/8 together
    EXPECT_DOUBLE_EQ(*views::compareBoxes({left, box}, {shifted, box}).meanOverlap, (0.6 + 1.0) / 2.0);
}

TEST(Reading, TheInputIsThePictureAndLostBoxesAreDrawn)
{
    core::SampleReading reading;
    std::vector<float> input(3 * 40 * 60, -1.0F);
    input[0] = 1.0F; // red of the first pixel
    reading.input = core::makeTensor<float>({1, 3, 40, 60}, std::span<const float>(input));
    const QImage plain = views::inputPicture(reading.input);
    ASSERT_EQ(plain.size(), QSize(60, 40));
    EXPECT_EQ(plain.pixelColor(0, 0), QColor(255, 0, 0));
    EXPECT_EQ(plain.pixelColor(1, 0), QColor(0, 0, 0));
    const QSize room(240, 200);
    const QImage without = views::readingPicture(reading, room, QPalette());
    EXPECT_EQ(without.size(), QSize(240, 160));
    reading.fp32.boxes = {{0, 0.25, 0.25, 0.75, 0.75}};
    const QImage with = views::readingPicture(reading, room, QPalette());
    EXPECT_NE(with.pixelColor(180, 80), without.pixelColor(180, 80)); // or between two dashes
    EXPECT_EQ(with.pixelColor(120, 80), without.pixelColor(120, 80)); // its middle stays as it is
    EXPECT_TRUE(views::inputPicture(core::makeTensor<float>({1, 2}, std::vector<float>{0, 1})).isNull());
}

TEST(Reading, TheWorstSampleIsShownAtFirstThenTheSelectedOne)
{
    views::Selection selection;
    views::SamplesView view(&selection);
    QSignalSpy wanted(&view, &views::SamplesView::readingWanted);
    view.resize(1000, 240);
    view.show();
    view.setResults(resultsWithMetric());
    ASSERT_EQ(wanted.size(), 1);
    EXPECT_EQ(wanted.takeFirst()[0].toULongLong(), 3U);
    EXPECT_TRUE(view.isBusy());
    auto reading = std::make_shared<core::SampleReading>();
    reading->item = 3;
    reading->fp32.boxes = {{0, 0.1, 0.1, 0.3, 0.3}, {0, 0.5, 0.5, 0.9, 0.9}};
    reading->quantized.boxes = {{0, 0.1, 0.1, 0.3, 0.3}};
    view.setReading(reading);
    EXPECT_FALSE(view.isBusy());
    const auto text = [&](const char* name) { return view.findChild<QLabel*>(QLatin1String(name))->text(); };
    EXPECT_TRUE(text("readingTitle").contains(QStringLiteral("the worst sample · mAP lost 12.5 points")))
        << text("readingTitle").toStdString();
    EXPECT_TRUE(text("readingText").contains(QStringLiteral("1 lost, 0 new")))
        << text("readingText").toStdString();
    selection.setSample(1);
    ASSERT_EQ(wanted.size(), 1);
    EXPECT_EQ(wanted.takeFirst()[0].toULongLong(), 1U);
    view.setReading(reading); // of the sample before: too late
    EXPECT_TRUE(view.isBusy());
    view.setReadingProblem(QStringLiteral("no such output"));
    EXPECT_EQ(text("readingTitle"), QStringLiteral("no such output"));
    selection.setSample(2);
    auto numbers = std::make_shared<core::SampleReading>(); // of a metric of one's own, which reads outputs
    numbers->item = 2;
    numbers->fp32.outputs = {core::makeTensor<float>({1, 2}, std::vector<float>{0, 1})};
    numbers->quantized.outputs = numbers->fp32.outputs;
    view.setReading(numbers);
    EXPECT_TRUE(text("readingText").contains(QStringLiteral("The metric reads numbers")))
        << text("readingText").toStdString();
}

} // namespace
