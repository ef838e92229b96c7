#include "app/gui/dialogs/data_dialog.h"
#include "app/gui/dialogs/export_dialog.h"
#include "app/gui/dialogs/preprocess_form.h"
#include "app/gui/dialogs/shape_dialog.h"
#include "app/gui/window/help_dialog.h"
#include "app/gui/window/recent_files.h"
#include "app/gui/window/tour.h"
#include "io/data/data_reader.h"
#include "io/files/file.h"
#include "io/plans/plan_json.h"
#include "tests/gui/window_fixture.h"
#include "views/distribution/channel_histogram.h"

#include <QApplication>
#include <QComboBox>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QTest>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using support::projectFile;
using support::Window;

class Data : public ::testing::Test
{
protected:
    app::DataDialog dialog{{.model = projectFile("resources/sample/digits.onnx"),
                            .opened = nullptr,
                            .shapes = {},
                            .data = projectFile("resources/sample/sample.data.json"),
                            .description = {},
                            .sample = 0}};

    void SetUp() override
    {
        dialog.show();
        settle();
    }

    void settle()
    {
        QSignalSpy shown(&dialog, &app::DataDialog::previewed);
        while (dialog.isBusy()) {
            ASSERT_TRUE(shown.wait(30000));
        }
    }

    template <typename T>
    T* child(const char* name)
    {
        return dialog.findChild<T*>(QLatin1String(name));
    }
    QImage picture() { return child<QLabel>("dataPicture")->pixmap(Qt::ReturnByValue).toImage(); }
    const std::vector<views::ChannelCurve>& curves()
    {
        return child<views::ChannelHistogram>("channelHistogram")->channels();
    }
};

TEST_F(Data, ShowsASampleAsTheNetworkSeesIt)
{
    EXPECT_FALSE(picture().isNull());
    ASSERT_EQ(curves().size(), 1U);
    EXPECT_EQ(child<QLineEdit>("mean")->text(), QStringLiteral("32"));
    EXPECT_EQ(child<QComboBox>("layout")->currentText(), QStringLiteral("NHWC"));
    EXPECT_TRUE(child<QPushButton>("dataUse")->isEnabled());
    const QImage first = picture();
    QTest::keyClick(child<QSpinBox>("dataSample"), Qt::Key_Up);
    settle();
    EXPECT_NE(picture(), first) << "the next sample";
}

TEST_F(Data, PreviewFollowsAnEditAtOnce)
{
    const double before = curves()[0].mean;
    auto* const mean = child<QLineEdit>("mean");
    mean->selectAll();
    QTest::keyClicks(mean, QStringLiteral("64"));
    settle();
    EXPECT_NEAR(curves()[0].mean, before - 0.5, 1e-9) << "(pixel - 64) / 64 instead of (pixel - 32) / 64";
    EXPECT_TRUE(child<QPushButton>("dataUse")->text().startsWith(QStringLiteral("Save")))
        << "what is used lies in a file";
}

TEST_F(Data, NonsenseIsToldAndCannotBeUsed)
{
    auto* const deviation = child<QLineEdit>("std");
    deviation->selectAll();
    QTest::keyClicks(deviation, QStringLiteral("1, zero"));
    EXPECT_FALSE(child<QPushButton>("dataUse")->isEnabled());
    EXPECT_TRUE(child<QLabel>("dataMessage")->text().contains(QStringLiteral("deviation")));
    deviation->selectAll();
    QTest::keyClicks(deviation, QStringLiteral("1, 2, 3"));
    settle();
    EXPECT_FALSE(child<QPushButton>("dataUse")->isEnabled()) << "three numbers for one channel";
    EXPECT_FALSE(child<QLabel>("dataMessage")->text().isEmpty());
}

TEST_F(Data, AnEditIsSavedAsADescriptionThatOpens)
{
    auto* const mean = child<QLineEdit>("mean");
    mean->selectAll();
    QTest::keyClicks(mean, QStringLiteral("48"));
    settle();
    const auto file = support::temporaryFolder() / "edited.data.json";
    ASSERT_TRUE(dialog.save(file));
    settle();
    EXPECT_EQ(dialog.data(), file);
    EXPECT_TRUE(child<QPushButton>("dataUse")->isEnabled());
    EXPECT_EQ(mean->text(), QStringLiteral("48"));
    EXPECT_THAT(io::readFile(file), testing::HasSubstr("48"));
}

TEST_F(Data, DataThatCannotBeReadSaysWhy)
{
    dialog.setData(support::temporaryFolder() / "none.npz");
    settle();
    EXPECT_TRUE(child<QLabel>("dataMessage")->text().contains(QStringLiteral("none.npz")));
    EXPECT_FALSE(child<QPushButton>("dataUse")->isEnabled());
}

TEST_F(Data, ATypedPathIsRead)
{
    auto* const path = child<QLineEdit>("dataPath");
    path->setText(QString::fromStdString((support::temporaryFolder() / "typed.npz").string()));
    QTest::keyClick(path, Qt::Key_Tab);
    settle();
    EXPECT_TRUE(child<QLabel>("dataMessage")->text().contains(QStringLiteral("typed.npz")));
}

TEST(PreprocessForm, GivesBackWhatItWasGiven)
{
    io::Preprocess preprocess;
    preprocess.resizeHeight = 48;
    preprocess.widthMultiple = 8;
    preprocess.centerCrop = io::ImageSize{224, 200};
    preprocess.color = io::ColorOrder::Bgr;
    preprocess.layout = io::ChannelOrder::Last;
    preprocess.mean = {103.94F, 116.78F, 123.68F};
    preprocess.std = {1.0F};
    app::PreprocessForm form;
    form.setPreprocess(preprocess);
    EXPECT_EQ(form.preprocess().text(), preprocess.text());
    EXPECT_TRUE(form.problem().isEmpty());
    form.setPreprocess({});
    EXPECT_EQ(form.preprocess().text(), io::Preprocess{}.text());
}

TEST(ShapeDialog, TakesTheDimensionsThatAreOpen)
{
    core::GraphBuilder builder;
    builder.input("x", core::DataType::Float32, {core::kDynamic, 3, core::kDynamic, 320});
    builder.input("fixed", core::DataType::Float32, {1, 2});
    const core::Graph graph = std::move(builder).finish();
    EXPECT_TRUE(app::ShapeDialog::isNeeded(graph));
    app::ShapeDialog dialog(graph, {{"x", {1, 3, 96, 320}}});
    auto* const height = dialog.findChild<QSpinBox*>(QStringLiteral("shape:x:2"));
    ASSERT_TRUE(height);
    EXPECT_EQ(height->value(), 96);
    height->selectAll();
    QTest::keyClicks(height, QStringLiteral("64"));
    EXPECT_EQ(dialog.shapes(), (std::map<std::string, core::Shape>{{"x", {1, 3, 64, 320}}}));
}

TEST(ShapeDialog, WhatTheModelCallsByOneNameIsOneNumber)
{
    core::GraphBuilder builder;
    const auto ids = builder.input("ids", core::DataType::Int64, {core::kDynamic, core::kDynamic});
    const auto key = builder.input("key", core::DataType::Float32, {core::kDynamic, 4, core::kDynamic});
    const auto mask = builder.input("mask", core::DataType::Int64, {core::kDynamic});
    builder.nameDimensions(mask, {"past + sequence"});
    builder.nameDimensions(ids, {"batch", "sequence"});
    builder.nameDimensions(key, {"batch", "", "past"});
    app::ShapeDialog dialog(std::move(builder).finish(), {{"sequence", {16}}});
    using Shapes = std::map<std::string, core::Shape>;
    EXPECT_EQ(
        dialog.shapes(),
        (Shapes{{"ids", {1, 16}}, {"key", {1, 4, 0}}, {"mask", {16}}})); // a cache begins without a past
    auto* const batch = dialog.findChild<QSpinBox*>(QStringLiteral("shape:key:0"));
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->prefix(), QStringLiteral("batch = "));
    batch->setValue(3);
    dialog.findChild<QSpinBox*>(QStringLiteral("shape:key:2"))->setValue(5);
    EXPECT_EQ(dialog.shapes(), (Shapes{{"ids", {3, 16}}, {"key", {3, 4, 5}}, {"mask", {21}}}));
}

TEST(RecentFiles, NewestFirstWithoutRepeatsAndWithoutWhatIsGone)
{
    QSettings().remove(QStringLiteral("files"));
    const QString one = QString::fromStdString(projectFile("resources/sample/digits.onnx").string());
    const QString two = QString::fromStdString(projectFile("README.md").string());
    app::rememberFile({one, {}});
    app::rememberFile({two, {}});
    app::rememberFile({QStringLiteral("/gone.onnx"), {}});
    app::rememberFile({one, QStringLiteral("data")});
    EXPECT_EQ(app::recentFiles(), (std::vector<app::RecentFile>{{one, QStringLiteral("data")}, {two, {}}}));
    QSettings().remove(QStringLiteral("files"));
}

TEST_F(Window, RemembersWhatItOpened)
{
    QSettings().remove(QStringLiteral("files"));
    open();
    ASSERT_EQ(app::recentFiles().size(), 1U);
    EXPECT_TRUE(app::recentFiles()[0].model.endsWith(QStringLiteral("digits.onnx")));
    QSettings().remove(QStringLiteral("files"));
}

TEST_F(Window, OpensWhatIsDropped)
{
    window.controller()->setSensitivitySamples(0);
    window.show();
    QMimeData mime;
    mime.setUrls(
        {QUrl::fromLocalFile(QString::fromStdString(projectFile("resources/sample/digits.onnx").string())),
         QUrl::fromLocalFile(
             QString::fromStdString(projectFile("resources/sample/sample.data.json").string()))});
    QDragEnterEvent enter({5, 5}, Qt::CopyAction, &mime, Qt::LeftButton, {});
    QApplication::sendEvent(&window, &enter);
    EXPECT_TRUE(enter.isAccepted());
    QDropEvent drop({5, 5}, Qt::CopyAction, &mime, Qt::LeftButton, {});
    QApplication::sendEvent(&window, &drop);
    waitUntilIdle();
    ASSERT_TRUE(window.workspace()->results());
    EXPECT_FALSE(window.workspace()->results()->report->synthetic);
    const auto before = window.workspace()->plan();
    QMimeData plan;
    plan.setUrls({QUrl::fromLocalFile(
        QString::fromStdString(projectFile("resources/sample/sample.plan.json").string()))});
    QDragEnterEvent again({5, 5}, Qt::CopyAction, &plan, Qt::LeftButton, {});
    QApplication::sendEvent(&window, &again);
    QDropEvent second({5, 5}, Qt::CopyAction, &plan, Qt::LeftButton, {});
    QApplication::sendEvent(&window, &second);
    EXPECT_NE(*window.workspace()->plan(), *before) << "a plan is an edit, which undo takes back";
    EXPECT_TRUE(window.workspace()->undoStack()->canUndo());
    waitUntilIdle();
}

TEST_F(Window, FailureNamesTheNextStep)
{
    QSignalSpy failed(window.controller(), &app::RunController::openFailed);
    window.show();
    window.openProject(projectFile("resources/sample/digits.onnx"), support::temporaryFolder() / "none.npz");
    ASSERT_TRUE(failed.wait(20000));
    auto* const box = window.findChild<QMessageBox*>(QStringLiteral("failureBox"));
    ASSERT_TRUE(box);
    auto* const data = box->findChild<QPushButton*>(QStringLiteral("failureData"));
    ASSERT_TRUE(data);
    QTest::mouseClick(data, Qt::LeftButton);
    auto* const dialog = window.findChild<app::DataDialog*>();
    ASSERT_TRUE(dialog);
    EXPECT_TRUE(dialog->isVisible());
}

TEST_F(Window, ReportPageIsWrittenInTheBackground)
{
    open();
    const auto file = support::temporaryFolder() / "window.html";
    QSignalSpy written(window.pageWriter(), &app::FileWriter::written);
    window.saveHtml(file);
    ASSERT_TRUE(written.wait(60000));
    const std::string page = io::readFile(file);
    EXPECT_THAT(page, testing::StartsWith("<!DOCTYPE html>"));
    for (const auto& layer : window.workspace()->results()->report->layers) {
        EXPECT_THAT(page, testing::HasSubstr("<td>" + layer->name + "</td>"));
    }
}

class Export : public Window
{
protected:
    app::ExportDialog* dialog = nullptr;

    void SetUp() override
    {
        open();
        QTest::keyClick(&window, Qt::Key_E, Qt::ControlModifier);
        dialog = window.findChild<app::ExportDialog*>();
        ASSERT_TRUE(dialog && dialog->isVisible());
        settle();
    }

    void settle()
    {
        QSignalSpy settled(dialog, &app::ExportDialog::settled);
        while (dialog->isBusy()) {
            ASSERT_TRUE(settled.wait(60000));
        }
    }

    template <typename T>
    T* child(const char* name)
    {
        return dialog->findChild<T*>(QLatin1String(name));
    }

    QString write(const std::filesystem::path& file)
    {
        child<QLineEdit>("exportPath")->setText(QString::fromStdString(file.string()));
        QTest::mouseClick(child<QPushButton>("exportWrite"), Qt::LeftButton);
        settle();
        return child<QLabel>("exportVerdict")->text();
    }
};

TEST_F(Export, AModelIsWrittenReadBackAndVerified)
{
    auto* const formats = child<QListWidget>("exportFormats");
    formats->setCurrentItem(formats->findItems(QStringLiteral("QDQ (opset 13"), Qt::MatchContains).first());
    settle();
    EXPECT_FALSE(child<QLabel>("exportLossesTitle")->text().isEmpty())
        << "losses are told before anything is written";
    const auto file = support::temporaryFolder() / "digits.qdq.onnx";
    const QString verdict = write(file);
    EXPECT_TRUE(verdict.contains(QStringLiteral("Verified"))) << qPrintable(verdict);
    EXPECT_TRUE(verdict.contains(QStringLiteral("Noisefloor, as written on"))) << qPrintable(verdict);
    EXPECT_GT(std::filesystem::file_size(file), 1000U);
}

TEST_F(Export, APlanIsVerifiedAndAFolderThatIsNotThereIsTold)
{
    auto* const formats = child<QListWidget>("exportFormats");
    formats->setFocus();
    formats->setCurrentItem(formats->findItems(QStringLiteral("plan"), Qt::MatchContains).first());
    settle();
    const auto file = support::temporaryFolder() / "digits.plan.json";
    EXPECT_TRUE(write(file).contains(QStringLiteral("Verified")));
    EXPECT_EQ(io::readPlan(file), *window.workspace()->plan());
    EXPECT_TRUE(write(support::temporaryFolder() / "none" / "plan.json").contains(QStringLiteral("none")));
}

TEST_F(Window, HelpOpensWithF1AndLeadsToTheTour)
{
    window.controller()->setSensitivitySamples(0);
    window.show();
    ASSERT_TRUE(QTest::qWaitForWindowActive(&window));
    QTest::keyClick(&window, Qt::Key_F1);
    auto* const help = window.findChild<app::HelpDialog*>();
    ASSERT_TRUE(help && help->isVisible());
    QTest::mouseClick(help->findChild<QPushButton*>(QStringLiteral("helpTour")), Qt::LeftButton);
    EXPECT_FALSE(help->isVisible());
    auto* const tour = window.findChild<app::Tour*>();
    ASSERT_TRUE(tour && tour->isVisible());
    waitUntilIdle();
    ASSERT_TRUE(window.workspace()->results()) << "the tour opens the sample";
    EXPECT_LT(window.workspace()->results()->report->accuracy->quantized.top1, 50.0)
        << "with the plan that spoils it";
    auto* const next = tour->findChild<QPushButton*>(QStringLiteral("tourNext"));
    for (int step = 0; step + 1 < app::Tour::steps(); ++step) {
        EXPECT_EQ(tour->step(), step);
        const QWidget* const dock = window.findChild<QWidget*>(tour->dock());
        ASSERT_TRUE(dock && dock->isVisible()) << qPrintable(tour->dock());
        const QRect shown(dock->mapToGlobal(QPoint()), dock->size());
        EXPECT_FALSE(shown.intersects(tour->frameGeometry())) << "covers what it speaks of";
        QTest::mouseClick(next, Qt::LeftButton);
    }
    QTest::mouseClick(tour->findChild<QPushButton*>(QStringLiteral("tourBack")), Qt::LeftButton);
    auto* const runs = window.findChild<QDockWidget*>(QStringLiteral("runsDock"));
    EXPECT_FALSE(runs->visibleRegion().isEmpty()) << "the step before the last speaks of runs";
    QTest::mouseClick(next, Qt::LeftButton);
    QTest::mouseClick(next, Qt::LeftButton);
    EXPECT_FALSE(tour->isVisible());
}

} // namespace
