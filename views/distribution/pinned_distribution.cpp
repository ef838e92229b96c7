#include "views/distribution/pinned_distribution.h"

#include "views/base/format.h"
#include "views/base/plan_edit.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

namespace views {

PinnedDistribution::PinnedDistribution(QWidget* parent)
    : QWidget(parent)
    , m_title(new QLabel(this))
    , m_plot(new DistributionPlot(this))
{
    setObjectName(QStringLiteral("pinnedDistribution"));
    m_title->setObjectName(QStringLiteral("pinnedTitle"));
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_plot->setObjectName(QStringLiteral("pinnedPlot"));
    auto* const close = new QToolButton(this);
    close->setObjectName(QStringLiteral("pinnedClose"));
    close->setText(QStringLiteral("✕"));
    close->setToolTip(tr("Lets go of the pinned tensor"));
    close->setAccessibleName(tr("Unpin"));
    close->setAutoRaise(true);
    auto* const head = new QHBoxLayout;
    head->setContentsMargins(6, 0, 0, 0);
    head->addWidget(m_title, 1);
    head->addWidget(close);
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    column->addLayout(head);
    column->addWidget(m_plot, 1);
    connect(close, &QToolButton::clicked, this, &PinnedDistribution::unpinned);
    connect(&m_service, &TensorCostsService::ready, this,
            [this](const auto& costs) { m_plot->setCosts(costs.get(), {}); });
}

void PinnedDistribution::pin(std::shared_ptr<const core::Results> results, const std::string& name)
{
    m_results = std::move(results);
    m_name = name;
    refresh();
}

void PinnedDistribution::setResults(std::shared_ptr<const core::Results> results)
{
    m_results = std::move(results);
    refresh();
}

void PinnedDistribution::refresh()
{
    const auto layer = m_results ? m_results->layer(m_name) : nullptr;
    if (!layer || !m_results->measured(layer->output)) {
        m_plot->clear();
        m_title->setText(m_name.empty() ? QString()
                                        : tr("%1 is not here").arg(QString::fromStdString(m_name)));
        return;
    }
    DistributionPlot::Tensor tensor = tensorOf(*m_results, *layer);
    tensor.movable = false;
    m_plot->setTensor(tensor);
    m_title->setText(tr("Pinned: <b>%1</b>").arg(QString::fromStdString(m_name).toHtmlEscaped()));
    m_title->setToolTip(layer->activation ? paramsText(layer->activation->params) : QString());
    if (layer->activation && !layer->activation->params.isPerChannel()) {
        m_service.request(m_results->calibration, layer->output, targetOf(*m_results->report->plan, *layer),
                          tensor.range);
    }
}

} // namespace views
