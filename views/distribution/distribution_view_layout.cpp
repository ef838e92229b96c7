// The parts of the distribution view, and how they speak to each other.
#include "views/distribution/distribution_view.h"

#include "views/base/selection.h"
#include "views/distribution/method_legend.h"
#include "views/distribution/pinned_distribution.h"
#include "views/distribution/weights_panel.h"

#include <QLabel>
#include <QLineEdit>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace views {

QWidget* DistributionView::makeHead()
{
    m_title->setObjectName(QStringLiteral("distributionTitle"));
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse);
    QFont bold = m_title->font();
    bold.setBold(true);
    m_title->setFont(bold);
    m_details->setObjectName(QStringLiteral("distributionDetails"));
    m_details->setForegroundRole(QPalette::PlaceholderText);
    auto* const head = new QWidget(this);
    auto* const row = new QHBoxLayout(head);
    row->setContentsMargins(6, 2, 4, 0);
    row->setSpacing(2);
    row->addWidget(m_title);
    row->addSpacing(6);
    row->addWidget(m_details, 1);
    m_key->setObjectName(QStringLiteral("distributionKey"));
    m_key->setTextFormat(Qt::RichText);
    m_key->setToolTip(
        tr("Blue: values of the FP32 pipeline. Orange: those of the quantized pipeline, dequantized."));
    row->addWidget(m_key);
    row->addSpacing(4);
    for (QToolButton* const button : {m_weightsButton, m_pinButton, m_lockButton, m_linear}) {
        row->addWidget(button);
    }
    return head;
}

QWidget* DistributionView::makeOutputPage()
{
    m_cost->setObjectName(QStringLiteral("distributionCost"));
    m_cost->setTextFormat(Qt::RichText);
    m_cost->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_cost->setMinimumWidth(120);
    m_plot->setMinimumHeight(170);
    m_plots->setObjectName(QStringLiteral("distributionPlots"));
    m_plots->setChildrenCollapsible(false);
    m_plots->addWidget(m_plot);
    m_pinned->hide(); // joins the splitter when something is pinned
    auto* const limits = new QHBoxLayout;
    limits->setContentsMargins(6, 2, 6, 0);
    limits->setSpacing(4);
    limits->addWidget(new QLabel(tr("Range"), this));
    limits->addWidget(m_min);
    limits->addWidget(new QLabel(QStringLiteral("…"), this));
    limits->addWidget(m_max);
    limits->addStretch(1);
    m_cost->setContentsMargins(6, 0, 6, 0);
    auto* const page = new QWidget(this);
    auto* const column = new QVBoxLayout(page);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(m_plots, 2);
    column->addLayout(limits);
    column->addWidget(m_cost);
    column->addWidget(m_methods, 1);
    return page;
}

void DistributionView::connectParts()
{
    connect(m_selection, &Selection::changed, this, &DistributionView::refresh);
    connect(m_selection, &Selection::sampleChanged, this, [this] {
        m_sample.reset(); // those of the other sample are on their way
        refresh();
    });
    connect(m_service, &TensorCostsService::ready, this, &DistributionView::showCosts);
    connect(m_plot, &DistributionPlot::rangeDragged, this, &DistributionView::dragged);
    connect(m_plot, &DistributionPlot::rangeCommitted, this,
            [this](core::Range range) { commit(range, {}); });
    connect(m_plot, &DistributionPlot::handleGrabbed, this, [this](auto handle) { m_touched = handle; });
    connect(m_linear, &QToolButton::toggled, this, [this](bool linear) {
        const auto scale =
            linear ? DistributionPlot::CountScale::Linear : DistributionPlot::CountScale::Logarithmic;
        m_plot->setCountScale(scale);
        m_pinned->setCountScale(scale);
        m_weights->setCountScale(scale);
    });
    connect(m_lockButton, &QToolButton::clicked, m_plot, &DistributionPlot::setLocked);
    connect(m_pinButton, &QToolButton::clicked, this, &DistributionView::pinCurrent);
    connect(m_pinned, &PinnedDistribution::unpinned, this, [this] {
        m_pinned->hide();
        m_pinButton->setChecked(false);
    });
    connect(m_weightsButton, &QToolButton::toggled, this, [this](bool weights) {
        m_pages->setCurrentIndex(weights ? 1 : 0);
        refresh();
    });
    connect(m_weights, &WeightsPanel::ready, this, &DistributionView::settled);
    connect(m_min, &QLineEdit::editingFinished, this, &DistributionView::takeTypedLimits);
    connect(m_max, &QLineEdit::editingFinished, this, &DistributionView::takeTypedLimits);
    connect(m_methods, &MethodLegend::highlighted, m_plot, &DistributionPlot::highlightMethod);
    connect(m_methods, &MethodLegend::applied, this, &DistributionView::applyMethod);
}

void DistributionView::showWeights() { m_weightsButton->setChecked(true); }

} // namespace views
