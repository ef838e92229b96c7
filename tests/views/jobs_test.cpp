#include "views/base/jobs.h"

#include <QSignalSpy>
#include <QTest>
#include <QThread>

#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>
#include <vector>

namespace {

using views::Jobs;
using Lane = Jobs::Lane;

/// Lets works wait on their thread until the test lets them go, or until they are stopped.
struct Gate
{
    std::atomic<bool> isOpen = false;
    std::atomic<int> arrived = 0;
    bool pass(const Jobs::Call& call)
    {
        ++arrived;
        while (!isOpen && !call.stop.stop_requested()) {
            QThread::msleep(1);
        }
        return !call.stop.stop_requested();
    }
};

class JobsTest : public testing::Test
{
protected:
    QObject asker;
    std::vector<int> answers;
    Gate gate; // outlives the worker
    Jobs jobs;

    void run(Lane lane, int answer, QObject* who, Jobs::Events events = {})
    {
        jobs.run(
            lane, who, [this](const Jobs::Call& call) { return gate.pass(call); },
            [this, answer](bool) { answers.push_back(answer); }, std::move(events));
    }
    void settle()
    {
        EXPECT_TRUE(QTest::qWaitFor([this] { return jobs.idle(); }, 20000));
    }
};

TEST_F(JobsTest, WorksElsewhereAndAnswersHere)
{
    const QThread* worked = nullptr;
    const QThread* answered = nullptr;
    jobs.run(
        Lane::Run, &asker,
        [](const Jobs::Call&) { return std::make_shared<const QThread*>(QThread::currentThread()); },
        [&](const auto& thread) {
            worked = *thread;
            answered = QThread::currentThread();
            EXPECT_TRUE(jobs.idle());
        });
    EXPECT_FALSE(jobs.idle());
    settle();
    EXPECT_EQ(answered, QThread::currentThread());
    EXPECT_NE(worked, nullptr);
    EXPECT_NE(worked, answered);
}

TEST_F(JobsTest, WhatIsToldOnTheWayComesBeforeTheAnswer)
{
    std::vector<QString> heard;
    jobs.run(
        Lane::Run, &asker,
        [&](const Jobs::Call& call) {
            call.tell([&] { heard.push_back(QStringLiteral("told")); });
            call.progress({"Running", 1, 2});
            call.progress({"Running", 2, 2}); // within the same moment
            call.progress({"Sensitivity", 0, 2});
            return true;
        },
        [&](bool) { heard.push_back(QStringLiteral("done")); }, {.progressed = [&](const core::Progress& p) {
            heard.push_back(QString::fromStdString(p.stage) + QString::number(p.done));
        }});
    settle();
    EXPECT_EQ(heard,
              (std::vector<QString>{QStringLiteral("told"), QStringLiteral("Running1"),
                                    QStringLiteral("Sensitivity0"), QStringLiteral("done")}));
}

TEST_F(JobsTest, TheNewestOfALaneWinsAndTheOtherHearsThatItWasDropped)
{
    int dropped = 0;
    run(Lane::Preview, 1, &asker, {.dropped = [&] { ++dropped; }});
    QObject other;
    run(Lane::Preview, 2, &other, {.dropped = [&] { ++dropped; }});
    EXPECT_EQ(dropped, 1);
    EXPECT_FALSE(jobs.isPending(&asker, Lane::Preview));
    EXPECT_TRUE(jobs.isPending(&other, Lane::Preview));
    EXPECT_EQ(jobs.askerOf(Lane::Preview), &other);
    gate.isOpen = true;
    settle();
    EXPECT_EQ(answers, std::vector<int>{2});
    EXPECT_EQ(dropped, 1);
}

TEST_F(JobsTest, NothingArrivesOfWhatWasCancelled)
{
    int dropped = 0;
    run(Lane::Batch, 1, &asker, {.dropped = [&] { ++dropped; }});
    gate.isOpen = true;
    QThread::msleep(50); // the answer may be on its way by now
    jobs.cancel(Lane::Batch);
    EXPECT_TRUE(jobs.idle());
    QTest::qWait(50);
    EXPECT_TRUE(answers.empty());
    EXPECT_EQ(dropped, 1);
}

TEST_F(JobsTest, WhatIsPushedAsideStartsOverAndAnswersOnce)
{
    int dropped = 0;
    run(Lane::Batch, 1, &asker, {.dropped = [&] { ++dropped; }});
    ASSERT_TRUE(QTest::qWaitFor([this] { return gate.arrived > 0; }, 20000));
    jobs.run(
        Lane::Preview, &asker, [](const Jobs::Call&) { return true; },
        [this](bool) {
            answers.push_back(2);
            gate.isOpen = true;
        });
    settle();
    EXPECT_EQ(answers, (std::vector<int>{2, 1}));
    EXPECT_EQ(dropped, 0);
    EXPECT_EQ(gate.arrived, 2);
}

TEST_F(JobsTest, AnErrorIsToldAndOfAnAskerThatIsGoneNothing)
{
    QString problem;
    jobs.run(
        Lane::Run, &asker, [](const Jobs::Call&) -> bool { throw std::runtime_error("no such file"); },
        [this](bool) { answers.push_back(1); },
        {.failed = [&](const QString& message) { problem = message; }});
    settle();
    EXPECT_EQ(problem, QStringLiteral("no such file"));
    auto gone = std::make_unique<QObject>();
    run(Lane::Run, 2, gone.get());
    gone.reset();
    gate.isOpen = true;
    settle();
    EXPECT_TRUE(answers.empty());
}

} // namespace
