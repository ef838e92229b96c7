#pragma once

#include "core/results.h"

#include <QWidget>

class QLabel;

namespace views {

class ChannelStrip;
class Selection;
class ValueTable;

/// The channels of the selected operator, worst first: a heat strip and the ranges behind it.
class ChannelsView : public QWidget
{
    Q_OBJECT

public:
    explicit ChannelsView(Selection* selection, QWidget* parent = nullptr);
    void setResults(std::shared_ptr<const core::Results> results);

private:
    void refresh();

    Selection* m_selection;
    QLabel* m_title;
    ChannelStrip* m_strip;
    ValueTable* m_table;
    std::shared_ptr<const core::Results> m_results;
};

} // namespace views
