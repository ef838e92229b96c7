// Samples: thumbnails read when their rows are seen, errors of one sample in other views.
#include "tests/support/report_fixture.h"
#include "views/base/sample_badge.h"
#include "views/base/sample_errors.h"
#include "views/base/selection.h"
#include "views/base/value_table.h"
#include "views/channels/channels_view.h"
#include "views/samples/samples_view.h"

#include <QAbstractItemModelTester>
#include <QLabel>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

#include <gtest/gtest.h>

#include <atomic>

namespace {

/// Fifty pictures, each of one colour.
class Pictures : public core::Dataset
{
public:
    mutable std::atomic<int> read = 0;

    [[nodiscard]] std::size_t size() const override { return 50; }
    [[nodiscard]] core::Sample load(std::size_t) const override { return {}; }
    [[nodiscard]] std::string sampleName(std::size_t index) const override
    {
        return "picture" + std::to_string(index) + ".png";
    }
    [[nodiscard]] std::optional<core::Picture> picture(std::size_t index) const override
    {
        ++read;
        return core::Picture{2, 2, std::vector<std::uint8_t>(12, static_cast<std::uint8_t>(index))};
    }
    [[nodiscard]] std::string fingerprint() const override { return "pictures"; }
};

TEST(SamplesPictures, FocusAloneChoosesNoSample)
{
    views::Selection selection;
    views::SamplesView view(&selection);
    view.resize(900, 200);
    view.show();
    view.setDataset(std::make_shared<Pictures>());
    view.setResults(support::makeResults());
    auto* const table = view.findChild<views::ValueTable*>();
    QSignalSpy selected(table, &views::ValueTable::keySelected);
    ASSERT_GT(table->model()->rowCount(), 1);
    view.activateWindow();
    table->setFocus();
    ASSERT_TRUE(QTest::qWaitFor([&] { return table->hasFocus(); }, 20000));
    EXPECT_TRUE(selected.isEmpty());
    EXPECT_FALSE(selection.sample());
    QTest::keyClick(table, Qt::Key_Down);
    EXPECT_EQ(selected.size(), 1);
}

TEST(SamplesPictures, ThumbnailsOfTheRowsThatAreSeen)
{
    views::Selection selection;
    views::SamplesView view(&selection);
    const auto pictures = std::make_shared<Pictures>();
    view.resize(900, 200);
    view.show();
    view.setDataset(pictures);
    view.setResults(support::makeResults());
    auto* const table = view.findChild<views::ValueTable*>();
    const QAbstractItemModelTester tester(table->model(),
                                          QAbstractItemModelTester::FailureReportingMode::Fatal);
    const auto hasPicture = [table](int row) {
        return table->model()->index(row, 1).data(Qt::DecorationRole).isValid();
    };
    ASSERT_TRUE(QTest::qWaitFor([&] { return hasPicture(0); }, 20000));
    const auto seen = static_cast<int>(table->visibleKeys().size());
    ASSERT_LT(seen, 20);
    ASSERT_TRUE(QTest::qWaitFor([&] { return hasPicture(seen - 1); }, 20000));
    EXPECT_LT(pictures->read, 30) << "the others are read when they come into sight";
    EXPECT_FALSE(hasPicture(49));
    table->scrollToBottom();
    EXPECT_TRUE(QTest::qWaitFor([&] { return hasPicture(49); }, 20000));
}

TEST(SampleErrors, RelativeErrorOfEachChannel)
{
    const std::vector<float> fp32{1.0F, 1.0F, 0.0F, 0.0F, 2.0F, 0.0F};
    const std::vector<float> quantized{1.0F, 1.0F, 0.0F, 0.0F, 1.0F, 0.0F};
    const core::SampleTensors tensors{core::makeTensor<float>({1, 3, 2}, fp32),
                                      core::makeTensor<float>({1, 3, 2}, quantized)};
    EXPECT_EQ(views::channelErrors(tensors), (std::vector<float>{0.0F, 0.0F, 0.5F}));
}

TEST(SampleErrors, ChannelsAreSortedByTheSelectedSample)
{
    views::Selection selection;
    views::ChannelsView view(&selection);
    const auto results = support::makeResults();
    view.setResults(results);
    selection.select(core::OperatorId{4});
    selection.setSample(3);
    std::vector<float> fp32(16, 1.0F);
    std::vector<float> quantized(16, 1.0F);
    quantized[9] = 0.25F;
    view.setTensors(core::OperatorId{4}, 3,
                    std::make_shared<core::SampleTensors>(
                        core::SampleTensors{core::makeTensor<float>({1, 16, 1, 1}, fp32),
                                            core::makeTensor<float>({1, 16, 1, 1}, quantized)}));
    auto* const table = view.findChild<views::ValueTable*>();
    EXPECT_EQ(table->model()->index(0, 0).data().toInt(), 9);
    EXPECT_FALSE(table->isColumnHidden(3));
    selection.setSample(std::nullopt);
    EXPECT_TRUE(table->isColumnHidden(3));
    EXPECT_EQ(table->model()->index(0, 0).data().toInt(),
              results->layer("dw3")->worstChannels.front().channel);
}

TEST(SampleBadge, SaysWhichSampleAndLeavesIt)
{
    views::Selection selection;
    views::SampleBadge badge(&selection);
    badge.setCount(300);
    EXPECT_FALSE(badge.isVisible());
    selection.setSample(17);
    EXPECT_TRUE(badge.isVisible());
    EXPECT_EQ(badge.findChild<QLabel*>(QStringLiteral("sampleBadgeText"))->text(),
              QStringLiteral("Sample 17 of 300"));
    QTest::mouseClick(badge.findChild<QToolButton*>(QStringLiteral("sampleBadgeLeave")), Qt::LeftButton);
    EXPECT_FALSE(selection.sample());
    EXPECT_FALSE(badge.isVisible());
}

} // namespace
