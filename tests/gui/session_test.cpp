// What goes through the whole window on the built-in sample: methods on the network, one sample in every
// view, the report that the command line writes too.
#include "io/files/process.h"
#include "io/reports/report_json.h"
#include "tests/gui/window_fixture.h"
#include "tests/support/shared_files.h"
#include "views/base/value_table.h"
#include "views/methods/network_methods.h"

#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabBar>
#include <QTest>
#include <QToolButton>

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

namespace {

class Session : public support::Window
{
protected:
    const std::filesystem::path model = support::projectFile("resources/sample/digits.onnx");
    const std::filesystem::path data = support::projectFile("resources/sample/sample.data.json");

    void SetUp() override { open(); }

    template <typename Widget>
    Widget* find(const char* name)
    {
        return window.findChild<Widget*>(QLatin1String(name));
    }
};

TEST_F(Session, ComparesEveryMethodOnTheNetworkAndAppliesTheBest)
{
    ASSERT_TRUE(window.raiseDock(QStringLiteral("Methods")));
    find<QTabBar>("methodsTabs")->setCurrentIndex(1);
    QSignalSpy comparing(window.comparison(), &app::BatchService::busyChanged);
    QTest::mouseClick(find<QPushButton>("networkCompare"), Qt::LeftButton);
    while (window.comparison()->isBusy()) {
        ASSERT_TRUE(comparing.wait(240000));
    }
    const auto methods = core::methodsToCompare(core::Variants::Leave);
    auto* const table = find<views::ValueTable>("networkMethodsTable");
    ASSERT_EQ(table->model()->rowCount(), static_cast<int>(methods.size()) + 1);
    // The plan is min-max: that row must say what the plan's own row says.
    double own = 0.0;
    double minmax = -1.0;
    for (int row = 0; row < table->model()->rowCount(); ++row) {
        const QString name = table->model()->index(row, 0).data().toString();
        const double decibels = table->model()->index(row, 1).data().toDouble();
        own = name == QStringLiteral("The plan as it is") ? decibels : own;
        minmax = name == QStringLiteral("Min-max") ? decibels : minmax;
    }
    EXPECT_DOUBLE_EQ(own, minmax);
    table->selectRow(2);
    const int edits = window.workspace()->undoStack()->count();
    QTest::mouseClick(find<QPushButton>("methodsApply2"), Qt::LeftButton);
    EXPECT_EQ(window.workspace()->undoStack()->count(), edits + 1);
    EXPECT_EQ(*window.workspace()->plan()->defaults.activation.method, methods[1]);
    window.controller()->cancel();
}

TEST_F(Session, CancelledComparisonKeepsWhatIsFinished)
{
    ASSERT_TRUE(window.raiseDock(QStringLiteral("Methods")));
    QSignalSpy one(window.comparison(), &app::ComparisonService::compared);
    QSignalSpy comparing(window.comparison(), &app::BatchService::busyChanged);
    window.comparison()->start(window.workspace()->plan());
    ASSERT_TRUE(one.wait(120000));
    find<QTabBar>("methodsTabs")->setCurrentIndex(1);
    QTest::mouseClick(find<QPushButton>("networkCompare"), Qt::LeftButton);
    EXPECT_FALSE(window.comparison()->isBusy());
    EXPECT_GE(find<views::ValueTable>("networkMethodsTable")->model()->rowCount(), 2);
}

TEST_F(Session, ClickOnTheWorstSampleShowsItInEveryView)
{
    ASSERT_TRUE(window.raiseDock(QStringLiteral("Samples")));
    auto* const table = find<views::ValueTable>("samplesTable");
    QTest::qWait(0); // lays the raised dock out
    const QRect row = table->visualRect(table->model()->index(0, 1));
    QSignalSpy tensors(window.controller(), &app::RunController::tensorsReady);
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, row.center());
    ASSERT_TRUE(window.selection()->sample());
    const QString sample = QString::number(*window.selection()->sample());
    ASSERT_TRUE(tensors.wait(60000));
    EXPECT_TRUE(find<QWidget>("sampleBadge")->isVisible());
    EXPECT_TRUE(find<QLabel>("sampleBadgeText")->text().contains(sample));
    EXPECT_TRUE(find<QLabel>("distributionTitle")->text().contains(QStringLiteral("sample ") + sample));
    for (const auto& [dock, title] :
         {std::pair("Tensor", "tensorTitle"), std::pair("Channels", "channelsTitle")}) {
        ASSERT_TRUE(window.raiseDock(QLatin1String(dock)));
        const auto* const label = find<QLabel>(title);
        EXPECT_TRUE(QTest::qWaitFor(
            [&] { return label->text().contains(QStringLiteral("sample ") + sample); }, 60000))
            << label->text().toStdString();
    }
    ASSERT_TRUE(window.raiseDock(QStringLiteral("Samples")));
    QTest::mouseClick(find<QToolButton>("sampleBadgeLeave"), Qt::LeftButton);
    EXPECT_FALSE(window.selection()->sample());
    EXPECT_FALSE(find<QWidget>("sampleBadge")->isVisible());
    EXPECT_FALSE(find<QLabel>("distributionTitle")->text().contains(QStringLiteral("sample")));
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, row.center());
    EXPECT_TRUE(window.selection()->sample()) << "the same row again";
    QTest::keyClick(&window, Qt::Key_Escape);
    EXPECT_FALSE(window.selection()->sample());
}

TEST_F(Session, EveryWidgetThatTakesInputHasAName)
{
    for (const QWidget* const widget : window.findChildren<QWidget*>()) {
        const auto* const button = qobject_cast<const QAbstractButton*>(widget);
        const bool takesInput = qobject_cast<const QLineEdit*>(widget)
            || qobject_cast<const QComboBox*>(widget) || qobject_cast<const QAbstractItemView*>(widget)
            || qobject_cast<const QAbstractSpinBox*>(widget) || button;
        // Qt's own parts: fields inside of spin boxes, buttons of docks and tab bars, views of combo boxes.
        const bool inner = widget->objectName().startsWith(QLatin1String("qt_"))
            || qobject_cast<const QHeaderView*>(widget) || qobject_cast<const QTabBar*>(widget->parent())
            || qobject_cast<const QLineEdit*>(widget->parent())
            || qobject_cast<const QTableView*>(widget->parent())
            || (widget->parent() && widget->parent()->inherits("QComboBoxPrivateContainer"));
        if (takesInput && !inner) {
            const bool named = !widget->accessibleName().isEmpty() || (button && !button->text().isEmpty());
            EXPECT_TRUE(named) << widget->metaObject()->className() << ' '
                               << widget->objectName().toStdString() << " in "
                               << widget->parent()->objectName().toStdString();
        }
    }
}

/// Lines that tell of time and threads are the only ones that may differ.
std::string withoutTiming(const std::string& json)
{
    std::istringstream in(json);
    std::string line;
    std::string kept;
    static const std::regex kTiming(
        R"re("(time_us|fp32|quantized|quantize|dequantize|requantize|threads|[a-z0-9_]+_ms_per_sample|calibration_ms)": *[0-9.e+-]+,?|"threads": *[0-9]+,?)re");
    while (std::getline(in, line)) {
        kept += std::regex_replace(line, kTiming, "") + '\n';
    }
    return kept;
}

TEST_F(Session, ReportIsByteIdenticalToThatOfTheCommandLine)
{
    const std::filesystem::path file = support::temporaryFolder() / "cli_report.json";
    const auto result = io::runProcess({NOISEFLOOR_CLI, "run", model.string(), "--data", data.string(),
                                        "--sensitivity", "1", "--quiet", "--report", file.string()});
    ASSERT_EQ(result.exitCode, 0) << result.err;
    std::ifstream in(file);
    std::stringstream written;
    written << in.rdbuf();
    const std::string own = io::reportToJson(*window.workspace()->results()->report);
    ASSERT_GT(own.size(), 5000U);
    EXPECT_EQ(withoutTiming(own), withoutTiming(written.str()));
    std::filesystem::remove(file);
}

} // namespace
