#include "views/base/selection.h"

#include <algorithm>
#include <utility>

namespace views {

namespace {
constexpr std::size_t kMostSteps = 200;
}

Selection::Selection(QObject* parent)
    : QObject(parent)
{
}

std::optional<core::OperatorId> Selection::current() const
{
    return m_now.operators.empty() ? std::nullopt : std::optional(m_now.operators.back());
}

void Selection::select(core::OperatorId op) { selectMany({op}, op); }

void Selection::selectMany(const std::vector<core::OperatorId>& operators, core::OperatorId leading)
{
    State next = m_now;
    next.operators.clear();
    std::ranges::copy_if(operators, std::back_inserter(next.operators),
                         [&](auto op) { return op != leading; });
    if (!operators.empty()) {
        next.operators.push_back(leading);
    }
    if (next.operators == m_now.operators) {
        return;
    }
    next.channel.reset(); // channels are those of one operator
    remember();
    go(std::move(next));
}

void Selection::setChannel(std::optional<int> channel)
{
    if (channel != m_now.channel) {
        m_now.channel = channel;
        emit channelChanged();
    }
}

void Selection::setSample(std::optional<std::size_t> sample)
{
    if (sample != m_now.sample) {
        m_now.sample = sample;
        emit sampleChanged();
    }
}

void Selection::back()
{
    if (m_back.empty()) {
        return;
    }
    State previous = std::move(m_back.back());
    m_back.pop_back();
    go(std::move(previous));
    emit canGoBackChanged(canGoBack());
}

void Selection::forgetBack()
{
    m_back.clear();
    emit canGoBackChanged(false);
}

void Selection::clear()
{
    forgetBack();
    go({});
}

void Selection::remember()
{
    if (m_now.operators.empty()) {
        return;
    }
    if (m_back.size() == kMostSteps) {
        m_back.erase(m_back.begin());
    }
    m_back.push_back(m_now);
    emit canGoBackChanged(true);
}

void Selection::go(State next)
{
    const State before = std::exchange(m_now, std::move(next));
    if (before.operators != m_now.operators) {
        emit changed();
    }
    if (before.channel != m_now.channel) {
        emit channelChanged();
    }
    if (before.sample != m_now.sample) {
        emit sampleChanged();
    }
}

} // namespace views
