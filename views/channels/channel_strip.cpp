#include "views/channels/channel_strip.h"

#include "views/base/format.h"
#include "views/base/plot_tools.h"
#include "views/base/theme.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace views {

namespace {
constexpr int kCell = 13; ///< least width, and height
constexpr int kWidest = 40;
} // namespace

ChannelStrip::ChannelStrip(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("channelStrip"));
    setAccessibleName(tr("Error of every channel, worst first"));
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    installWidgetMenu(this, QStringLiteral("channels"), [this] { return asCsv(); });
}

void ChannelStrip::setChannels(std::vector<Channel> channels)
{
    m_channels = std::move(channels);
    updateGeometry();
    update();
}

QString ChannelStrip::asCsv() const
{
    QString text = QStringLiteral("channel,relative_l2\n");
    for (const Channel& channel : m_channels) {
        text += QStringLiteral("%1,%2\n").arg(channel.index).arg(channel.relativeL2, 0, 'g', 9);
    }
    return text;
}

void ChannelStrip::setCurrent(std::optional<int> channel)
{
    m_current = channel;
    update();
}

int ChannelStrip::cellWidth(int width) const
{
    const int count = std::max(1, static_cast<int>(m_channels.size()));
    return std::clamp(width / count, kCell, kWidest);
}

int ChannelStrip::perRow(int width) const { return std::max(1, width / cellWidth(width)); }

int ChannelStrip::heightForWidth(int width) const
{
    const int count = static_cast<int>(m_channels.size());
    return std::max(1, (count + perRow(width) - 1) / perRow(width)) * kCell + 2;
}

QSize ChannelStrip::sizeHint() const { return {40 * kCell, heightForWidth(40 * kCell)}; }

int ChannelStrip::cellAt(QPoint position) const
{
    const int column = position.x() / cellWidth(width());
    const int cell = position.y() / kCell * perRow(width()) + column;
    return column < perRow(width()) && cell >= 0 && cell < static_cast<int>(m_channels.size()) ? cell : -1;
}

void ChannelStrip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const bool dark = isDark(palette());
    const int wide = cellWidth(width());
    for (std::size_t i = 0; i < m_channels.size(); ++i) {
        const int row = static_cast<int>(i) / perRow(width());
        const int column = static_cast<int>(i) % perRow(width());
        const QRect cell(column * wide, row * kCell, wide - 1, kCell - 1);
        painter.fillRect(cell, heatColor(heatOfRelativeL2(m_channels[i].relativeL2), dark));
        painter.setPen(m_current == m_channels[i].index ? QPen(palette().color(QPalette::Highlight), 2)
                                                        : QPen(palette().color(QPalette::Midlight), 1));
        painter.drawRect(cell);
    }
}

void ChannelStrip::mousePressEvent(QMouseEvent* event)
{
    if (const int cell = cellAt(event->pos()); cell >= 0) {
        emit channelSelected(m_channels[static_cast<std::size_t>(cell)].index);
    }
}

bool ChannelStrip::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* const help = static_cast<QHelpEvent*>(event);
        if (const int cell = cellAt(help->pos()); cell >= 0) {
            const Channel& channel = m_channels[static_cast<std::size_t>(cell)];
            QToolTip::showText(help->globalPos(),
                               tr("channel %1: %2\n‖y_c−ŷ_c‖₂ / ‖y_c‖₂, isolated")
                                   .arg(channel.index)
                                   .arg(shareText(channel.relativeL2)),
                               this);
            return true;
        }
    }
    return QWidget::event(event);
}

} // namespace views
