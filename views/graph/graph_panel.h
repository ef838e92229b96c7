#pragma once

#include "views/base/panel.h"

namespace views {

class GraphView;
class Selection;

/// The graph in a dock.
class GraphPanel : public Panel
{
    Q_OBJECT

public:
    explicit GraphPanel(Selection* selection, QWidget* parent = nullptr);
    void setResults(std::shared_ptr<const core::Results> results) override;
    void setStale(bool stale) override;

private:
    GraphView* m_graph;
};

} // namespace views
