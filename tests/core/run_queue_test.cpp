#include "core/base/run_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <mutex>
#include <string>
#include <vector>

namespace {

using core::RunQueue;
using Lane = RunQueue::Lane;

/// Blocks until the token says stop, then tells.
void runUntilStopped(const std::stop_token& stop)
{
    std::promise<void> stopped;
    const std::stop_callback onStop(stop, [&] { stopped.set_value(); });
    stopped.get_future().wait();
}

TEST(RunQueue, RunsAJob)
{
    RunQueue queue;
    std::promise<bool> result;
    queue.submit(Lane::Run, [&](const std::stop_token& stop) { result.set_value(stop.stop_requested()); });
    EXPECT_FALSE(result.get_future().get());
}

TEST(RunQueue, NewestJobOfALaneStopsTheOneThatRuns)
{
    RunQueue queue;
    std::latch started(1);
    std::promise<std::string> result;
    queue.submit(Lane::Run, [&](const std::stop_token& stop) {
        started.count_down();
        runUntilStopped(stop);
    });
    started.wait();
    queue.submit(Lane::Run, [&](const std::stop_token&) { result.set_value("new"); });
    EXPECT_EQ(result.get_future().get(), "new");
}

TEST(RunQueue, ReplacesAWaitingJobWithoutRunningIt)
{
    RunQueue queue;
    std::latch started(1);
    std::promise<void> go;
    std::atomic<int> dropped = 0;
    std::promise<void> done;
    queue.submit(Lane::Run, [&](const std::stop_token&) {
        started.count_down();
        go.get_future().wait();
    });
    started.wait();
    queue.submit(Lane::Background, [&](const std::stop_token&) { ++dropped; });
    queue.submit(Lane::Background, [&](const std::stop_token&) { done.set_value(); });
    go.set_value();
    done.get_future().wait();
    EXPECT_EQ(dropped, 0);
}

TEST(RunQueue, HigherLaneInterruptsAndTheLowerStartsOver)
{
    RunQueue queue;
    std::mutex mutex; // guards order
    std::vector<std::string> order;
    std::latch started(1);
    std::promise<void> done;
    std::atomic<int> rounds = 0;
    const auto note = [&](const std::string& what) {
        const std::lock_guard lock(mutex);
        order.push_back(what);
    };
    queue.submit(Lane::Background, [&](const std::stop_token& stop) {
        if (++rounds == 1) {
            note("background stopped");
            started.count_down();
            runUntilStopped(stop);
        } else {
            note("background again");
            done.set_value();
        }
    });
    started.wait();
    queue.submit(Lane::Run, [&](const std::stop_token&) { note("run"); });
    done.get_future().wait();
    EXPECT_EQ(order, (std::vector<std::string>{"background stopped", "run", "background again"}));
}

TEST(RunQueue, CancelledJobDoesNotStartOver)
{
    RunQueue queue;
    std::atomic<int> rounds = 0;
    std::latch started(1);
    std::promise<void> done;
    queue.submit(Lane::Background, [&](const std::stop_token& stop) {
        ++rounds;
        started.count_down();
        runUntilStopped(stop);
    });
    started.wait();
    std::promise<void> cancelled;
    queue.submit(Lane::Run, [&](const std::stop_token&) { cancelled.get_future().wait(); });
    queue.cancel(Lane::Background);
    cancelled.set_value();
    queue.submit(Lane::Background, [&](const std::stop_token&) { done.set_value(); });
    done.get_future().wait();
    EXPECT_EQ(rounds, 1);
}

TEST(RunQueue, DestructorStopsTheRunningJob)
{
    std::atomic<bool> stopped = false;
    {
        RunQueue queue;
        std::latch started(1);
        queue.submit(Lane::Run, [&](const std::stop_token& stop) {
            started.count_down();
            runUntilStopped(stop);
            stopped = true;
        });
        started.wait();
    }
    EXPECT_TRUE(stopped);
}

} // namespace
