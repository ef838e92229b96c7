#include "views/samples/tensor_view.h"

#include "views/base/elided_label.h"
#include "views/base/format.h"
#include "views/base/plot_tools.h"
#include "views/base/selection.h"
#include "views/base/theme.h"
#include "views/samples/tensor_images.h"

#include <QGridLayout>
#include <QLabel>
#include <QPixmap>

namespace views {

TensorView::TensorView(Selection* selection, QWidget* parent)
    : Panel(parent)
    , m_selection(selection)
    , m_title(new QLabel(this))
{
    setObjectName(QStringLiteral("tensorView"));
    m_title->setObjectName(QStringLiteral("tensorTitle"));
    wrapInside(m_title);
    auto* const grid = new QGridLayout(this);
    grid->setContentsMargins(8, 4, 8, 6);
    grid->setHorizontalSpacing(16);
    grid->addWidget(m_title, 0, 0, 1, 4);
    for (std::size_t i = 0; i < m_pictures.size(); ++i) {
        m_pictures[i] = new QLabel(this);
        m_pictures[i]->setObjectName(QStringLiteral("tensorPicture%1").arg(i));
        m_pictures[i]->setAlignment(Qt::AlignLeft | Qt::AlignTop);
        m_pictures[i]->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Ignored);
        m_captions[i] = new QLabel(this);
        m_captions[i]->setForegroundRole(QPalette::PlaceholderText);
        grid->addWidget(m_captions[i], 1, static_cast<int>(i));
        grid->addWidget(m_pictures[i], 2, static_cast<int>(i));
    }
    grid->setRowStretch(2, 1);
    installWidgetMenu(this, QStringLiteral("tensor"), [this] { return asCsv(); });
    connect(m_selection, &Selection::changed, this, &TensorView::ask);
    connect(m_selection, &Selection::sampleChanged, this, &TensorView::ask);
    connect(m_selection, &Selection::channelChanged, this, &TensorView::draw);
    draw();
}

void TensorView::setResults(std::shared_ptr<const core::Results> results)
{
    m_results = std::move(results);
    ask();
}

void TensorView::setStale(bool stale)
{
    m_title->setForegroundRole(stale ? QPalette::PlaceholderText : QPalette::WindowText);
}

QString TensorView::asCsv() const
{
    QString text = QStringLiteral("index,fp32,quantized\n");
    if (!m_tensors || m_tensors->fp32.count() != m_tensors->quantized.count()) {
        return text;
    }
    const core::Tensor fp32 = core::toLayout(m_tensors->fp32, core::Layout::RowMajor);
    const core::Tensor quantized = core::toLayout(m_tensors->quantized, core::Layout::RowMajor);
    const core::Shape& shape = fp32.shape();
    const bool planes = shape.size() == 4;
    const std::size_t size =
        planes ? static_cast<std::size_t>(shape[2] * shape[3]) : static_cast<std::size_t>(fp32.count());
    const std::size_t first = planes ? static_cast<std::size_t>(channel()) * size : 0;
    for (std::size_t i = first; i < first + size && i < static_cast<std::size_t>(fp32.count()); ++i) {
        text += QStringLiteral("%1,%2,%3\n")
                    .arg(i)
                    .arg(double{fp32.as<float>()[i]}, 0, 'g', 9)
                    .arg(double{quantized.as<float>()[i]}, 0, 'g', 9);
    }
    return text;
}

void TensorView::ask()
{
    m_tensors.reset();
    draw();
    // While a sample is selected, the window asks for all views.
    if (isVisible() && m_results && m_selection->current() && !m_selection->sample()) {
        emit tensorsWanted(*m_selection->current(), m_selection->sample().value_or(0));
    }
}

void TensorView::setTensors(core::OperatorId op, std::size_t sample,
                            const std::shared_ptr<const core::SampleTensors>& tensors)
{
    // Without results of its own the view is not in sight; it asks when it is.
    if (m_results && m_selection->current() == op && m_selection->sample().value_or(0) == sample) {
        m_tensors = tensors;
        draw();
    }
}

int TensorView::channel() const
{
    if (m_selection->channel()) {
        return *m_selection->channel();
    }
    const auto layer =
        m_results && m_selection->current() ? m_results->layer(*m_selection->current()) : nullptr;
    return layer && !layer->worstChannels.empty() ? layer->worstChannels.front().channel : 0;
}

void TensorView::draw()
{
    if (!m_tensors) {
        for (std::size_t i = 0; i < m_pictures.size(); ++i) {
            m_pictures[i]->clear();
            m_captions[i]->clear();
        }
        m_title->setText(!m_results || !m_selection->current() ? tr("Select an operator to see its tensor.")
                                                               : tr("Computing the tensor of this sample"));
        return;
    }
    const TensorImages images = tensorImages(*m_tensors, channel(), isDark(palette()));
    const auto layer = m_results->layer(*m_selection->current());
    const QString shape = QString::fromStdString(core::toString(m_tensors->fp32.shape()));
    m_title->setText(tr("%1 · %2 · sample %3 · channel %4 of %5, worst one unless another is selected")
                         .arg(QString::fromStdString(layer->name), shape)
                         .arg(m_selection->sample().value_or(0))
                         .arg(images.channels > 1 ? channel() : 0)
                         .arg(images.channels));
    const QStringList captions{tr("FP32, %1").arg(rangeText({images.lowest, images.highest})),
                               tr("int8, same scale"),
                               tr("Difference, ±%1").arg(realText(images.largestDifference)),
                               tr("int8 over FP32, all values, log density")};
    const QImage* const shown[]{&images.fp32, &images.quantized, &images.difference, &images.density};
    for (std::size_t i = 0; i < m_pictures.size(); ++i) {
        m_captions[i]->setText(captions[static_cast<int>(i)]);
        const QSize room = m_pictures[i]->size();
        m_pictures[i]->setPixmap(
            QPixmap::fromImage(shown[i]->scaled(room, Qt::KeepAspectRatio, Qt::FastTransformation)));
    }
}

void TensorView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_tensors) {
        draw();
    } else if (m_results && m_selection->current()) {
        emit tensorsWanted(*m_selection->current(), m_selection->sample().value_or(0));
    }
}

void TensorView::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    draw();
}

} // namespace views
