#pragma once

#include "views/graph/graph_placement.h"

#include <QObject>
#include <QString>

#include <memory>
#include <optional>

class QProcess;

namespace views {

/// The layout of Graphviz, from its program `dot` in a process of its own: it can take many seconds and knows
/// no cancelling, but it can be killed.
class GraphvizLayout : public QObject
{
    Q_OBJECT

public:
    explicit GraphvizLayout(QObject* parent = nullptr);
    ~GraphvizLayout() override;

    /// Answers with ready() unless cancelled; a layout under way gives way. Without the program nothing
    /// happens.
    void start(const GraphBoxes& picture);
    void cancel();
    [[nodiscard]] bool isBusy() const { return m_process != nullptr; }

signals:
    void ready(std::shared_ptr<const views::GraphPlacement> placement);
    void busyChanged(bool busy);

private:
    void finish(const QByteArray& output);

    std::shared_ptr<const GraphBoxes> m_picture;
    QProcess* m_process = nullptr;
};

/// The picture in Graphviz's language, sizes fixed.
[[nodiscard]] QByteArray dotOf(const GraphBoxes& picture);

/// Reads `dot -Tplain`. None when boxes or edges are missing: the output was cut off.
[[nodiscard]] std::optional<GraphPlacement> readPlain(const QByteArray& output, const GraphBoxes& picture);

} // namespace views
