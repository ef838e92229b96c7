#include "views/graph/graphviz_layout.h"

#include <QProcess>
#include <QStandardPaths>

#include <map>

namespace views {

namespace {

constexpr double kPixelsPerInch = 72.0;
constexpr std::size_t kMostCurved = 800; // above it curved edges take most of the time

} // namespace

GraphvizLayout::GraphvizLayout(QObject* parent)
    : QObject(parent)
{
}

GraphvizLayout::~GraphvizLayout()
{
    for (QProcess* const process : findChildren<QProcess*>()) { // cancelled ones may still be ending
        process->disconnect();
        process->kill();
        process->waitForFinished(1000);
    }
}

void GraphvizLayout::start(const GraphBoxes& picture)
{
    cancel();
    const QString program = QStandardPaths::findExecutable(QStringLiteral("dot"));
    if (program.isEmpty() || picture.boxes.size() < 2) {
        return;
    }
    m_picture = std::make_shared<GraphBoxes>(picture);
    m_process = new QProcess(this);
    m_process->setProcessChannelMode(QProcess::SeparateChannels);
    connect(m_process, &QProcess::started, m_process, [process = m_process, text = dotOf(picture)] {
        process->write(text);
        process->closeWriteChannel();
    });
    connect(m_process, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
        finish(code == 0 && status == QProcess::NormalExit ? m_process->readAllStandardOutput()
                                                           : QByteArray());
    });
    connect(m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) {
            finish({});
        }
    });
    m_process->start(program, {QStringLiteral("-Tplain")});
    emit busyChanged(true);
}

void GraphvizLayout::cancel()
{
    if (m_process) {
        QProcess* const process = std::exchange(m_process, nullptr);
        process->disconnect(this);
        connect(process, &QProcess::finished, process, &QObject::deleteLater);
        process->kill();
        emit busyChanged(false);
    }
}

void GraphvizLayout::finish(const QByteArray& output)
{
    std::exchange(m_process, nullptr)->deleteLater();
    emit busyChanged(false);
    if (auto placement = readPlain(output, *m_picture)) {
        emit ready(std::make_shared<GraphPlacement>(std::move(*placement)));
    }
}

QByteArray dotOf(const GraphBoxes& picture)
{
    QByteArray text =
        "digraph g {\nrankdir=TB; nodesep=0.3; ranksep=0.33; node [shape=box, fixedsize=true, label=\"\"];\n";
    text += picture.boxes.size() > kMostCurved ? "splines=line; nslimit=1; nslimit1=1; mclimit=0.5;\n"
                                               : "splines=true;\n";
    for (std::size_t i = 0; i < picture.boxes.size(); ++i) {
        const QSizeF size = sizeOf(picture.boxes[i]) / kPixelsPerInch;
        text += 'n' + QByteArray::number(static_cast<qulonglong>(i)) + " [width="
            + QByteArray::number(size.width()) + ", height=" + QByteArray::number(size.height()) + "];\n";
    }
    for (const GraphEdge& edge : picture.edges) {
        text += 'n' + QByteArray::number(edge.from) + "->n" + QByteArray::number(edge.to) + ";\n";
    }
    return text + "}\n";
}

std::optional<GraphPlacement> readPlain(const QByteArray& output, const GraphBoxes& picture)
{
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> edgeOf;
    for (std::size_t i = 0; i < picture.edges.size(); ++i) {
        edgeOf[{picture.edges[i].from, picture.edges[i].to}] = i;
    }
    GraphPlacement placement;
    placement.boxes.resize(picture.boxes.size());
    placement.edges.resize(picture.edges.size());
    std::size_t boxes = 0;
    std::size_t edges = 0;
    double height = 0.0;
    for (const QByteArray& line : output.split('\n')) {
        const QList<QByteArray> words = line.split(' ');
        const auto number = [&](qsizetype i) { return words.value(i).toDouble() * kPixelsPerInch; };
        const auto point = [&](qsizetype i) {
            return QPointF(number(i), height - number(i + 1));
        }; // y upward there
        if (words[0] == "graph") {
            height = number(3);
        } else if (words[0] == "node") {
            const std::size_t i = words.value(1).mid(1).toULongLong();
            if (i < placement.boxes.size()) {
                const QSizeF size = sizeOf(picture.boxes[i]);
                placement.boxes[i] = QRectF(point(2) - QPointF(size.width(), size.height()) / 2, size);
                ++boxes;
            }
        } else if (words[0] == "edge") {
            const auto found = edgeOf.find({words.value(1).mid(1).toUInt(), words.value(2).mid(1).toUInt()});
            const int points = words.value(3).toInt();
            if (found != edgeOf.end() && points >= 4 && words.size() >= 4 + 2 * points) {
                QPainterPath path(point(4));
                for (qsizetype k = 1; k + 2 < points; k += 3) { // a B-spline of cubic pieces
                    path.cubicTo(point(4 + 2 * k), point(6 + 2 * k), point(8 + 2 * k));
                }
                // It ends before the arrow head, which is not drawn.
                path.lineTo(placement.boxes[found->first.second].center().x(),
                            placement.boxes[found->first.second].top());
                placement.edges[found->second] = path;
                ++edges;
            }
        }
    }
    const bool whole = boxes == picture.boxes.size() && edges == picture.edges.size();
    return whole ? std::optional(std::move(placement)) : std::nullopt;
}

} // namespace views
