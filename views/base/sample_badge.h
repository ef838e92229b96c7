#pragma once

#include <QWidget>

class QLabel;

namespace views {

class Selection;

/// "Sample 17 of 300 ✕": shown while every view shows one sample instead of all; the cross leaves it.
class SampleBadge : public QWidget
{
    Q_OBJECT

public:
    explicit SampleBadge(Selection* selection, QWidget* parent = nullptr);

    void setCount(std::size_t samples);

private:
    void refresh();

    Selection* m_selection;
    QLabel* m_text;
    std::size_t m_count = 0;
};

} // namespace views
