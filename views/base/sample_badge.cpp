#include "views/base/sample_badge.h"

#include "views/base/selection.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

namespace views {

SampleBadge::SampleBadge(Selection* selection, QWidget* parent)
    : QWidget(parent)
    , m_selection(selection)
    , m_text(new QLabel(this))
{
    setObjectName(QStringLiteral("sampleBadge"));
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Highlight);
    setToolTip(
        tr("Distribution, channels, tensor and error profile show this sample instead of all of them"));
    m_text->setObjectName(QStringLiteral("sampleBadgeText"));
    m_text->setForegroundRole(QPalette::HighlightedText);
    auto* const leave = new QToolButton(this);
    leave->setObjectName(QStringLiteral("sampleBadgeLeave"));
    leave->setText(QStringLiteral("✕"));
    leave->setAutoRaise(true);
    leave->setAccessibleName(tr("Show all samples"));
    leave->setToolTip(tr("Shows all samples again (Esc)"));
    QPalette onHighlight = leave->palette();
    onHighlight.setColor(QPalette::ButtonText, palette().color(QPalette::HighlightedText));
    leave->setPalette(onHighlight);
    auto* const row = new QHBoxLayout(this);
    row->setContentsMargins(8, 1, 2, 1);
    row->setSpacing(4);
    row->addWidget(m_text);
    row->addWidget(leave);
    connect(leave, &QToolButton::clicked, m_selection, [this] { m_selection->setSample(std::nullopt); });
    connect(m_selection, &Selection::sampleChanged, this, &SampleBadge::refresh);
    refresh();
}

void SampleBadge::setCount(std::size_t samples)
{
    m_count = samples;
    refresh();
}

void SampleBadge::refresh()
{
    const auto sample = m_selection->sample();
    if (sample) {
        m_text->setText(tr("Sample %1 of %2").arg(*sample).arg(m_count));
        setAccessibleName(m_text->text());
    }
    setVisible(sample.has_value());
}

} // namespace views
