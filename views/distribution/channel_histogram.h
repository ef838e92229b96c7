#pragma once

#include <QString>
#include <QWidget>

#include <cstdint>
#include <vector>

namespace views {

/// One channel of an input as it reaches the network.
struct ChannelCurve
{
    QString name;
    double mean = 0.0;
    double min = 0.0;
    double max = 0.0;
    std::vector<std::uint64_t> counts; ///< equal bins over the range of the widget
};

/// Histograms of a few channels over one axis, with the mean of each marked and zero drawn: channels that
/// change places, or means that were not taken away, are seen at once.
class ChannelHistogram : public QWidget
{
    Q_OBJECT

public:
    explicit ChannelHistogram(QWidget* parent = nullptr);

    void setChannels(std::vector<ChannelCurve> channels, double low, double high);
    [[nodiscard]] const std::vector<ChannelCurve>& channels() const { return m_channels; }
    [[nodiscard]] QSize sizeHint() const override { return {320, 150}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {160, 90}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<ChannelCurve> m_channels;
    double m_low = 0.0;
    double m_high = 1.0;
};

} // namespace views
