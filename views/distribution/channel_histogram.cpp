#include "views/distribution/channel_histogram.h"

#include "views/base/format.h"
#include "views/base/theme.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace views {

namespace {

/// Red, green and blue for three channels, for that is what they are of; else the series of the plots.
QColor colorOf(std::size_t channel, std::size_t channels, bool dark, const PlotColors& colors)
{
    if (channels == 3) {
        const std::array<QColor, 3> rgb = dark ? std::array<QColor, 3>{0xff6b6b, 0x57d977, 0x6ea8ff}
                                               : std::array<QColor, 3>{0xc92a2a, 0x1f8b3b, 0x1f5fd0};
        return rgb[channel];
    }
    return colors.series[channel % colors.series.size()];
}

} // namespace

ChannelHistogram::ChannelHistogram(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("channelHistogram"));
    setAccessibleName(tr("Histogram of every channel of the preprocessed input"));
    setToolTip(
        tr("Counts of one sample after preprocessing, square root scale; the ticks on top are the means"));
}

void ChannelHistogram::setChannels(std::vector<ChannelCurve> channels, double low, double high)
{
    m_channels = std::move(channels);
    m_low = low;
    m_high = high > low ? high : low + 1.0;
    update();
}

void ChannelHistogram::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const PlotColors colors = plotColors(palette());
    const int line = fontMetrics().height();
    painter.fillRect(rect(), colors.ground);
    const QRectF frame = QRectF(rect()).adjusted(10, line + 10, -10, -line - 6);
    if (m_channels.empty() || frame.height() < 10) {
        return;
    }
    const auto x = [&](double value) {
        return frame.left() + frame.width() * (value - m_low) / (m_high - m_low);
    };
    painter.setPen(QPen(colors.grid, 1));
    painter.drawLine(frame.bottomLeft(), frame.bottomRight());
    if (m_low < 0.0 && m_high > 0.0) {
        painter.setPen(QPen(colors.muted, 1, Qt::DotLine));
        painter.drawLine(QPointF(x(0.0), frame.top()), QPointF(x(0.0), frame.bottom()));
    }
    double most = 1.0;
    for (const ChannelCurve& channel : m_channels) {
        for (const std::uint64_t count : channel.counts) {
            most = std::max(most, std::sqrt(static_cast<double>(count)));
        }
    }
    const bool dark = isDark(palette());
    const auto legendOf = [this](const ChannelCurve& channel, bool isLong) {
        return (isLong ? tr("%1 mean %2") : tr("%1: %2")).arg(channel.name, realText(channel.mean, 3));
    };
    double needed = 0.0;
    for (const ChannelCurve& channel : m_channels) {
        needed += fontMetrics().horizontalAdvance(legendOf(channel, true)) + 14;
    }
    double legend = frame.left();
    for (std::size_t c = 0; c < std::min<std::size_t>(m_channels.size(), 8); ++c) {
        const ChannelCurve& channel = m_channels[c];
        const QColor color = colorOf(c, m_channels.size(), dark, colors);
        QPainterPath path(frame.bottomLeft());
        const double step =
            frame.width() / static_cast<double>(std::max<std::size_t>(1, channel.counts.size()));
        for (std::size_t i = 0; i < channel.counts.size(); ++i) {
            const double y =
                frame.bottom() - frame.height() * std::sqrt(static_cast<double>(channel.counts[i])) / most;
            path.lineTo(frame.left() + step * static_cast<double>(i), y);
            path.lineTo(frame.left() + step * static_cast<double>(i + 1), y);
        }
        path.lineTo(frame.bottomRight());
        QColor veil = color;
        veil.setAlphaF(0.16F);
        painter.setPen(QPen(color, 1.2));
        painter.setBrush(veil);
        painter.drawPath(path);
        painter.setPen(QPen(color, 2.4));
        painter.drawLine(QPointF(x(channel.mean), frame.top() - 6), QPointF(x(channel.mean), frame.top()));
        painter.setPen(color);
        const QString text = legendOf(channel, needed <= frame.width());
        painter.drawText(QPointF(legend, frame.top() - 9), text);
        legend += fontMetrics().horizontalAdvance(text) + 14;
    }
    painter.setPen(colors.muted);
    const QRectF below(frame.left(), frame.bottom() + 2, frame.width(), line);
    painter.drawText(below, Qt::AlignLeft, realText(m_low));
    painter.drawText(below, Qt::AlignRight, realText(m_high));
}

} // namespace views
