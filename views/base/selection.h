#pragma once

#include "core/network/operator_graph.h"

#include <QObject>

#include <optional>
#include <vector>

namespace views {

/// What every view shows: operators (the last one chosen leads), and within them a channel and a sample.
/// Views change it and follow it; it knows none of them.
class Selection : public QObject
{
    Q_OBJECT

public:
    explicit Selection(QObject* parent = nullptr);

    [[nodiscard]] const std::vector<core::OperatorId>& operators() const { return m_now.operators; }
    [[nodiscard]] std::optional<core::OperatorId> current() const; ///< the leading one
    [[nodiscard]] std::optional<int> channel() const { return m_now.channel; }
    [[nodiscard]] std::optional<std::size_t> sample() const { return m_now.sample; }
    [[nodiscard]] bool canGoBack() const { return !m_back.empty(); }

public slots:
    void select(core::OperatorId op);
    void selectMany(const std::vector<core::OperatorId>& operators, core::OperatorId leading);
    void setChannel(std::optional<int> channel);
    void setSample(std::optional<std::size_t> sample);
    void back();
    void forgetBack(); ///< what is selected now is the beginning
    void clear(); ///< also forgets where to go back to: another network

signals:
    void changed(); ///< the operators, and with them perhaps the channel
    void channelChanged();
    void sampleChanged();
    void canGoBackChanged(bool can);

private:
    struct State
    {
        std::vector<core::OperatorId> operators; ///< the leading one last
        std::optional<int> channel;
        std::optional<std::size_t> sample;
        bool operator==(const State&) const = default;
    };
    void go(State next);
    void remember();

    State m_now;
    std::vector<State> m_back;
};

} // namespace views

Q_DECLARE_METATYPE(core::OperatorId)
