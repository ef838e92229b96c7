#include "views/samples/reading_view.h"

#include "views/base/elided_label.h"
#include "views/base/theme.h"
#include "views/samples/reading_picture.h"
#include "views/samples/text_difference.h"

#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>

namespace views {

namespace {

QString colored(const QString& text, const QColor& color)
{
    return QStringLiteral("<span style=\"color:%1\"><b>%2</b></span>").arg(color.name(), text);
}

/// What the picture does not say itself.
QString wordsOf(const core::SampleReading& reading, const PlotColors& colors)
{
    const QString fp32 = colored(ReadingView::tr("FP32"), colors.series[0]);
    const QString quantized = colored(ReadingView::tr("int8"), colors.quantized);
    if (!reading.fp32.boxes.empty() || !reading.quantized.boxes.empty()) {
        const BoxComparison boxes = compareBoxes(reading.fp32.boxes, reading.quantized.boxes);
        const QString overlap = boxes.meanOverlap
            ? ReadingView::tr(" · the others overlap by %1 % on average")
                  .arg(100.0 * *boxes.meanOverlap, 0, 'f', 1)
            : QString();
        return ReadingView::tr("%1 %2 boxes · %3 %4 boxes · %5 lost, %6 new (dashed)%7")
            .arg(fp32)
            .arg(reading.fp32.boxes.size())
            .arg(quantized)
            .arg(reading.quantized.boxes.size())
            .arg(std::ranges::count(boxes.isLost, true))
            .arg(std::ranges::count(boxes.isNew, true))
            .arg(overlap);
    }
    if (!reading.fp32.tokens.empty() || !reading.quantized.tokens.empty()) {
        const auto [first, second] = textDifference(reading.fp32.tokens, reading.quantized.tokens);
        const QString color = colors.clipped.name();
        return QStringLiteral("%1: %2<br>%3: %4")
            .arg(fp32, markedText(first, reading.isCharacters, color), quantized,
                 markedText(second, reading.isCharacters, color));
    }
    if (reading.fp32.label || reading.quantized.label) {
        const auto label = [](const std::optional<std::int64_t>& of) {
            return of ? QString::number(*of) : QStringLiteral("–");
        };
        return ReadingView::tr("%1 says %2 · %3 says %4")
            .arg(fp32, label(reading.fp32.label), quantized, label(reading.quantized.label));
    }
    const bool isNumbers =
        reading.fp32.values.isDefined() && reading.fp32.values.type() == core::DataType::Float32;
    if (isNumbers || !reading.fp32.outputs.empty()) {
        return ReadingView::tr("The metric reads numbers: the Tensor dock draws them");
    }
    if (reading.fp32.values.isDefined()) {
        return ReadingView::tr("Mask of %1; %2 where int8 says another class").arg(fp32, quantized);
    }
    return ReadingView::tr("Neither %1 nor %2 finds anything").arg(fp32, quantized);
}

} // namespace

ReadingView::ReadingView(QWidget* parent)
    : QWidget(parent)
    , m_title(new QLabel(this))
    , m_picture(new QLabel(this))
    , m_text(new QLabel(this))
{
    setObjectName(QStringLiteral("readingView"));
    m_title->setObjectName(QStringLiteral("readingTitle"));
    m_title->setTextFormat(Qt::PlainText);
    wrapInside(m_title);
    m_picture->setObjectName(QStringLiteral("readingPicture"));
    m_picture->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_picture->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Ignored);
    m_text->setObjectName(QStringLiteral("readingText"));
    m_text->setTextFormat(Qt::RichText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    wrapInside(m_text);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 4, 4, 4);
    layout->setSpacing(3);
    layout->addWidget(m_title);
    layout->addWidget(m_picture, 1);
    layout->addWidget(m_text);
}

void ReadingView::setReading(std::shared_ptr<const core::SampleReading> reading, const QString& name)
{
    m_reading = std::move(reading);
    m_title->setText(name);
    m_text->setText(wordsOf(*m_reading, plotColors(palette())));
    draw();
}

void ReadingView::setMessage(const QString& message)
{
    m_reading.reset();
    m_title->setText(message);
    m_text->clear();
    draw();
}

void ReadingView::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    draw();
}

void ReadingView::draw()
{
    const QImage image = m_reading ? readingPicture(*m_reading, m_picture->size(), palette()) : QImage();
    m_picture->setPixmap(QPixmap::fromImage(image));
}

} // namespace views
