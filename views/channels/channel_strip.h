#pragma once

#include <QWidget>

#include <optional>
#include <vector>

namespace views {

/// One small cell per channel in the order given, coloured by its error on the common heat scale; cells wrap.
class ChannelStrip : public QWidget
{
    Q_OBJECT

public:
    struct Channel
    {
        int index = 0;
        double relativeL2 = 0.0;
    };
    explicit ChannelStrip(QWidget* parent = nullptr);
    void setChannels(std::vector<Channel> channels);
    void setCurrent(std::optional<int> channel);
    [[nodiscard]] QString asCsv() const;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override;

signals:
    void channelSelected(int channel);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    bool event(QEvent* event) override;

private:
    [[nodiscard]] int cellAt(QPoint position) const;
    [[nodiscard]] int cellWidth(int width) const; ///< few channels get wider cells
    [[nodiscard]] int perRow(int width) const;

    std::vector<Channel> m_channels;
    std::optional<int> m_current;
};

} // namespace views
