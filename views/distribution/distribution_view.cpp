#include "views/distribution/distribution_view.h"

#include "views/base/elided_label.h"
#include "views/base/format.h"
#include "views/base/selection.h"
#include "views/base/theme.h"
#include "views/distribution/method_legend.h"
#include "views/distribution/pinned_distribution.h"
#include "views/distribution/weights_panel.h"

#include <QLabel>
#include <QLineEdit>
#include <QSplitter>
#include <QStackedLayout>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace views {

namespace {

QLineEdit* makeLimit(const QString& name, const QString& help, QWidget* parent)
{
    auto* const field = new QLineEdit(parent);
    field->setObjectName(name);
    field->setAccessibleName(help);
    field->setToolTip(help);
    field->setAlignment(Qt::AlignRight);
    field->setFixedWidth(field->fontMetrics().horizontalAdvance(QStringLiteral("−0.00000")) + 16);
    return field;
}

QToolButton* makeToggle(const QString& name, const QString& text, const QString& help, QWidget* parent)
{
    auto* const button = new QToolButton(parent);
    button->setObjectName(name);
    button->setText(text);
    button->setToolTip(help);
    button->setCheckable(true);
    button->setAutoRaise(true);
    return button;
}

/// Codes of dequantized values.
core::CodeCounts codesOf(std::span<const float> values, const core::QuantizationParams& params)
{
    core::CodeCounts codes(static_cast<std::size_t>(params.codes.highest - params.codes.lowest) + 1, 0);
    for (const float value : values) {
        const double code = std::clamp<double>(std::nearbyint(value / params.scale[0]) + params.zeroPoint[0],
                                               params.codes.lowest, params.codes.highest);
        ++codes[static_cast<std::size_t>(static_cast<std::int32_t>(code) - params.codes.lowest)];
    }
    return codes;
}

} // namespace

DistributionView::DistributionView(Selection* selection, TensorCostsService* service, QWidget* parent)
    : Panel(parent)
    , m_selection(selection)
    , m_service(service)
    , m_plot(new DistributionPlot(this))
    , m_pinned(new PinnedDistribution(this))
    , m_plots(new QSplitter(this))
    , m_weights(new WeightsPanel(selection, this))
    , m_title(new QLabel(this))
    , m_details(new ElidedLabel(this))
    , m_key(new QLabel(this))
    , m_empty(new QLabel(this))
    , m_min(
          makeLimit(QStringLiteral("rangeMin"), tr("Lower end of the range, in the tensor's own unit"), this))
    , m_max(
          makeLimit(QStringLiteral("rangeMax"), tr("Upper end of the range, in the tensor's own unit"), this))
    , m_cost(new QLabel(this))
    , m_weightsButton(makeToggle(QStringLiteral("showWeights"), tr("Weights"),
                                 tr("The operator's weights by output channel instead of its output"), this))
    , m_pinButton(makeToggle(QStringLiteral("pinTensor"), tr("Pin"),
                             tr("Keeps this tensor beside the one that follows the selection"), this))
    , m_lockButton(makeToggle(QStringLiteral("lockAxes"), tr("Lock"),
                              tr("Keeps the axes of this tensor as they are, over runs and other selections"),
                              this))
    , m_linear(makeToggle(QStringLiteral("linearCounts"), tr("Linear"),
                          tr("Counts on a linear axis instead of a logarithmic one"), this))
    , m_methods(new MethodLegend(this))
    , m_pages(new QStackedWidget(this))
    , m_stack(new QStackedLayout(this))
{
    setObjectName(QStringLiteral("distributionView"));
    m_empty->setObjectName(QStringLiteral("distributionEmpty"));
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_pages->addWidget(makeOutputPage());
    m_pages->addWidget(m_weights);
    auto* const content = new QWidget(this);
    auto* const column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(makeHead());
    column->addWidget(m_pages, 1);
    m_stack->addWidget(content);
    m_stack->addWidget(m_empty);
    connectParts();
    refresh();
}

DistributionView::~DistributionView()
{
    // A field that has the focus loses it while the widget goes, and would tell of finished editing.
    m_min->disconnect(this);
    m_max->disconnect(this);
}

void DistributionView::setResults(std::shared_ptr<const core::Results> results)
{
    m_results = std::move(results);
    m_sample.reset(); // asked for anew
    m_pinned->setResults(m_results);
    refresh();
}

bool DistributionView::isBusy() const { return m_weights->isBusy(); }

void DistributionView::setTensors(core::OperatorId op, std::size_t sample,
                                  const std::shared_ptr<const core::SampleTensors>& tensors)
{
    if (!m_layer || m_layer->id != op || m_selection->sample() != sample || tensors->fp32.isEmpty()) {
        return;
    }
    m_sample = SampleValues{core::statisticsOf(tensors->fp32.as<float>(), {}), {}};
    if (m_layer->activation && !m_layer->activation->params.isPerChannel()) {
        m_sample->codes = codesOf(tensors->quantized.as<float>(), m_layer->activation->params);
    }
    showOutput();
}

void DistributionView::pinCurrent()
{
    const bool again = m_layer && m_pinned->isVisibleTo(this) && m_pinned->name() == m_layer->name;
    if (m_layer && !again) {
        m_pinned->pin(m_results, m_layer->name);
        m_plots->insertWidget(0, m_pinned);
        m_pinned->show();
    } else {
        m_pinned->hide();
    }
    m_pinButton->setChecked(m_pinned->isVisibleTo(this));
}

void DistributionView::setPlan(std::shared_ptr<const core::QuantizationPlan> plan)
{
    m_plan = std::move(plan);
    if (m_layer && m_plan) {
        // The new numbers are on their way; the handles already stand where the plan wants them.
        const core::Range wanted = currentRange();
        m_plot->setRange(wanted);
        showLimits(wanted);
    }
}

void DistributionView::setStale(bool stale)
{
    m_details->setEnabled(!stale);
    m_title->setForegroundRole(stale ? QPalette::PlaceholderText : QPalette::WindowText);
}

void DistributionView::showEmpty(const QString& text)
{
    m_layer.reset();
    m_methods->clearCosts();
    m_plot->clear();
    m_empty->setText(text);
    m_stack->setCurrentWidget(m_empty);
}

void DistributionView::refresh()
{
    const auto current = m_selection->current();
    const auto before = m_layer;
    m_layer = m_results && current ? m_results->layer(*current) : nullptr;
    if (before != m_layer || !m_selection->sample()) {
        m_sample.reset();
    }
    m_weights->setLayer(m_results, m_layer);
    if (!m_results || !m_plan) {
        showEmpty(tr("No results yet: they come with the first run.\nOpen a model with Ctrl+O."));
        return;
    }
    if (!m_layer) {
        showEmpty(tr("Select an operator to see the distribution of its output.\nN selects the worst."));
        return;
    }
    const core::TensorStatistics* const statistics = m_results->measured(m_layer->output);
    if (!statistics || statistics->total.count == 0) {
        showEmpty(tr("%1 has no finite FP32 values to draw.").arg(QString::fromStdString(m_layer->output)));
        return;
    }
    m_stack->setCurrentIndex(0);
    const bool weights = m_weightsButton->isChecked();
    const auto& info = weights ? m_layer->weight : m_layer->activation;
    m_details->setText(info          ? paramsText(info->params)
                           : weights ? tr("no quantized weights")
                           : m_layer->reason.empty()
                           ? tr("stays FP32, as the plan wants")
                           : tr("stays float: %1").arg(QString::fromStdString(m_layer->reason)));
    m_details->setToolTip(
        tr("Tensor %1\n%2 values of %n samples, %3 exact zeros, FP32 span %4", nullptr,
           static_cast<int>(statistics->samples))
            .arg(QString::fromStdString(m_layer->output), countText(double(statistics->total.count)),
                 shareText(double(statistics->total.zeros) / double(statistics->total.count)),
                 rangeText({statistics->total.min, statistics->total.max})));
    const PlotColors colors = plotColors(palette());
    m_key->setText(QStringLiteral("<span style='color:%1'>■</span> FP32 <span style='color:%2'>■</span> %3")
                       .arg(colors.fp32.name(), colors.quantized.name(),
                            QString::fromStdString(core::toString(m_layer->effective))));
    m_pinButton->setEnabled(!weights);
    m_lockButton->setEnabled(!weights);
    showOutput();
}

void DistributionView::showOutput()
{
    const QString name = QString::fromStdString(m_layer->name);
    m_title->setText(m_sample ? tr("%1 · sample %2").arg(name).arg(*m_selection->sample()) : name);
    DistributionPlot::Tensor tensor = tensorOf(*m_results, *m_layer);
    tensor.range = currentRange();
    tensor.lowerMovable = tensor.movable && tensor.range.min < 0.0;
    if (m_sample) {
        tensor.statistics = &m_sample->statistics;
        tensor.codes = m_sample->codes.empty() ? nullptr : &m_sample->codes;
    }
    m_plot->setTensor(tensor);
    m_lockButton->setChecked(m_plot->isLocked());
    m_pinButton->setChecked(m_pinned->isVisibleTo(this) && m_pinned->name() == m_layer->name);
    showLimits(tensor.range);
    if (!m_layer->activation) {
        m_min->clear();
        m_max->clear();
    }
    if (!tensor.movable) {
        m_plot->setCosts(nullptr, {});
    }
    m_min->setEnabled(tensor.movable);
    m_max->setEnabled(tensor.movable);
    if (m_layer->activation) {
        showCost(m_layer->activation->params, false);
    } else {
        m_cost->clear();
    }
    m_methods->setVisible(tensor.movable);
    if (tensor.movable) {
        if (m_layer->output != m_methodsOf) {
            m_methods->showPending(); // what is known answers at once
        }
        m_service->request(m_results->calibration, m_layer->output, targetOf(*m_plan, *m_layer),
                           tensor.range);
    }
}

void DistributionView::showLimits(core::Range range)
{
    m_min->setText(QString::number(range.min, 'g', 6));
    m_max->setText(QString::number(range.max, 'g', 6));
}

void DistributionView::showCost(const core::QuantizationParams& params, bool live)
{
    const core::TensorStatistics* const statistics = m_results->measured(m_layer->output);
    if (!statistics) {
        m_cost->clear();
        return;
    }
    const core::QuantizationCost cost = core::quantizationCost(*statistics, params);
    const auto share = [&](double squared) { return shareText(relativeL2(cost, squared)).toHtmlEscaped(); };
    const auto samples = static_cast<int>(statistics->samples);
    m_cost->setText(tr("%1clip %2 · round %3 · total <b>%4</b> · %5 dB · n = %6")
                        .arg(live ? tr("→ ") : QString(), share(cost.clipSquared), share(cost.roundSquared),
                             share(cost.totalSquared()), decibelText(cost.sqnrDb()))
                        .arg(samples));
    m_cost->setToolTip(
        tr("Expected error of quantizing this tensor to the range shown, relative to ‖y‖₂, from the "
           "histogram above (n = %1 samples):\ntotal² = clip² + round² + cross. Methods choose "
           "their thresholds on the calibration data.")
            .arg(samples));
    m_cost->setAccessibleDescription(tr("%1 of the values clipped").arg(shareText(cost.clippedShare)));
}

void DistributionView::showCosts(const std::shared_ptr<const TensorCosts>& costs)
{
    if (!m_layer || costs->value != m_layer->output) {
        return;
    }
    m_methodsOf = costs->value;
    m_methods->setCosts(costs, settingsOf(*m_plan, *m_layer).activation.method,
                        QString::fromStdString(m_layer->name));
    m_plot->setCosts(costs.get(), m_methods->shown());
}

} // namespace views
