#include "views/graph/graph_panel.h"

#include "views/graph/graph_view.h"

#include <QVBoxLayout>

namespace views {

GraphPanel::GraphPanel(Selection* selection, QWidget* parent)
    : Panel(parent)
    , m_graph(new GraphView(selection, this))
{
    setObjectName(QStringLiteral("graphPanel"));
    setFocusProxy(m_graph);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_graph);
}

void GraphPanel::setResults(std::shared_ptr<const core::Results> results)
{
    m_graph->setResults(std::move(results));
}

void GraphPanel::setStale(bool stale) { m_graph->setStale(stale); }

} // namespace views
