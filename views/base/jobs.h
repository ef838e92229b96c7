#pragma once

#include "core/base/progress.h"
#include "core/base/run_queue.h"

#include <QObject>
#include <QPointer>
#include <QString>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>

namespace views {

/// Work off the UI thread whose answers come back to it, one queued call each.
///
/// Lanes are those of core::RunQueue: of each the newest work wins, and a work that a higher lane pushes
/// aside starts over, so it must be repeatable. Nothing arrives any more of a work that was cancelled, that
/// was replaced by a newer one of the same asker (or of anybody, before it was through), or whose asker is
/// gone.
class Jobs : public QObject
{
    Q_OBJECT

public:
    using Lane = core::RunQueue::Lane;

    /// What a work is given; it runs on the worker's thread and does not touch its asker.
    struct Call
    {
        std::stop_token stop;
        core::ProgressCallback progress; ///< some thirty a second arrive, and every change of stage
        std::function<void(std::function<void()>)> tell; ///< calls it on the UI thread, before the answer
    };

    /// What else can become of a work, told on the UI thread.
    struct Events
    {
        std::function<void(const QString&)> failed{}; ///< it threw that
        std::function<void(const core::Progress&)> progressed{};
        std::function<void()> dropped{}; ///< it was cancelled or replaced
    };

    using QObject::QObject;

    /// `work(const Call&)` returns what `done` is called with; a value that tests as false was stopped on the
    /// way and is not told.
    template <typename Work, typename Done>
    void run(Lane lane, QObject* asker, Work work, Done done, Events events)
    {
        submit(
            lane, asker,
            [work = std::move(work), done = std::move(done)](const Call& call) -> std::function<void()> {
                if (auto result = work(call)) {
                    return [done, result = std::move(result)] { done(result); };
                }
                return {};
            },
            std::move(events));
    }
    template <typename Work, typename Done>
    void run(Lane lane, QObject* asker, Work work, Done done)
    {
        run(lane, asker, std::move(work), std::move(done), Events());
    }
    void cancel(Lane lane);
    void cancelAll();
    [[nodiscard]] bool idle() const { return m_open.empty(); } ///< nobody waits for an answer
    [[nodiscard]] bool isPending(const QObject* asker, Lane lane) const;
    [[nodiscard]] const QObject*
    askerOf(Lane lane) const; ///< of the newest pending work; null: there is none

private:
    using Work = std::function<std::function<void()>(const Call&)>; ///< returns the answer; empty: none

    /// A work that somebody waits for.
    struct Open
    {
        Lane lane;
        QPointer<QObject> asker;
        std::shared_ptr<std::atomic<bool>> isThrough; ///< its answer is on the way
        Events events;
    };
    void submit(Lane lane, QObject* asker, Work work, Events events);
    template <typename Which>
    void drop(Which which);
    void carryOut(std::uint64_t number, std::atomic<bool>& isThrough, const Work& work,
                  const std::stop_token& stop);
    void post(std::uint64_t number, std::function<void(const Open&)> what);
    [[nodiscard]] core::ProgressCallback progressOf(std::uint64_t number);

    std::map<std::uint64_t, Open> m_open;
    std::uint64_t m_newest = 0;
    core::RunQueue m_queue; // last: joins before the rest is destroyed
};

} // namespace views
