#include "core/base/sample_loop.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <stdexcept>
#include <thread>

namespace {

/// However long one sample takes, only so many others wait for it: memory does not grow with the data.
TEST(SampleLoop, WhatWaitsForASlowSampleIsBounded)
{
    for (const int threads : {2, 8}) {
        std::atomic<int> open = 0;
        std::atomic<int> most = 0;
        core::OrderedMerge<int> merge([&](std::size_t, int&&) { --open; });
        const bool finished = core::forEachSample(
            400, threads, {},
            [&](std::size_t sample) {
                if (sample == 0) {
                    std::this_thread::sleep_for(std::chrono::milliseconds(100));
                }
                const int now = ++open;
                for (int known = most; known < now && !most.compare_exchange_weak(known, now);) { }
                merge.add(sample, 0);
            },
            {});
        EXPECT_TRUE(finished);
        EXPECT_LE(most, 2 * threads);
    }
}

TEST(SampleLoop, AnExceptionWakesWhoWaits)
{
    EXPECT_THROW(core::forEachSample(1000, 4, {},
                                     [](std::size_t sample) {
                                         if (sample == 0) {
                                             std::this_thread::sleep_for(std::chrono::milliseconds(50));
                                             throw std::runtime_error("the first");
                                         }
                                     },
                                     {}),
                 std::runtime_error);
}

} // namespace
