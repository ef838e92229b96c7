#include "views/distribution/weights_panel.h"

#include "views/base/format.h"
#include "views/base/selection.h"

#include <QLabel>
#include <QStackedLayout>
#include <QVBoxLayout>

namespace views {

WeightsPanel::WeightsPanel(Selection* selection, QWidget* parent)
    : QWidget(parent)
    , m_selection(selection)
    , m_plot(new WeightPlot(this))
    , m_facts(new QLabel(this))
    , m_empty(new QLabel(this))
    , m_stack(new QStackedLayout(this))
{
    setObjectName(QStringLiteral("weightsPanel"));
    m_facts->setObjectName(QStringLiteral("weightsFacts"));
    m_facts->setTextFormat(Qt::RichText);
    m_facts->setContentsMargins(6, 2, 6, 2);
    m_facts->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_facts->setToolTip(tr("Error: ‖w_c−ŵ_c‖₂ / ‖w_c‖₂ of this output channel's weights.\n"
                           "Codes used: (max − min) / scale as a share of all codes; a small one means that\n"
                           "the scale was chosen for larger channels: per-channel granularity mends it."));
    m_empty->setObjectName(QStringLiteral("weightsEmpty"));
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    auto* const content = new QWidget(this);
    auto* const column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    column->addWidget(m_plot, 1);
    column->addWidget(m_facts);
    m_stack->addWidget(content);
    m_stack->addWidget(m_empty);
    connect(m_plot, &WeightPlot::channelSelected, m_selection,
            [this](int channel) { m_selection->setChannel(channel); });
    connect(m_selection, &Selection::channelChanged, this, &WeightsPanel::showChannel);
}

void WeightsPanel::setLayer(std::shared_ptr<const core::Results> results,
                            std::shared_ptr<const core::LayerReport> layer)
{
    m_results = std::move(results);
    m_layer = std::move(layer);
    if (isVisible()) {
        compute();
    }
}

void WeightsPanel::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    compute();
}

void WeightsPanel::compute()
{
    if (m_layer == m_computed && m_computed) {
        return;
    }
    m_jobs.cancelAll();
    m_channels.reset();
    if (!m_layer || !m_layer->weight || !m_results->operators) {
        take(m_layer, nullptr);
        return;
    }
    using Channels = std::shared_ptr<const WeightChannels>; // null: it has none
    const auto sort = [results = m_results, layer = m_layer](const Jobs::Call& call) {
        const Channels channels =
            WeightChannels::of(results->operators->at(layer->id), *layer->weight, call.stop);
        return call.stop.stop_requested() ? std::nullopt : std::optional(channels);
    };
    m_jobs.run(Jobs::Lane::Preview, this, sort,
               [this, layer = m_layer](const std::optional<Channels>& channels) { take(layer, *channels); });
}

void WeightsPanel::take(const std::shared_ptr<const core::LayerReport>& layer,
                        std::shared_ptr<const WeightChannels> channels)
{
    if (layer != m_layer) {
        return;
    }
    m_computed = layer;
    m_channels = std::move(channels);
    m_plot->setChannels(m_channels);
    m_empty->setText(!m_layer ? tr("Select an operator to see its weights.")
                              : tr("%1 has no quantized weights.\nConv, ConvTranspose, Gemm and MatMul have "
                                   "some unless they are kept in float.")
                                    .arg(QString::fromStdString(m_layer->name)));
    m_stack->setCurrentIndex(m_channels ? 0 : 1);
    showChannel();
    emit ready();
}

void WeightsPanel::showChannel()
{
    if (!m_channels) {
        return;
    }
    const auto wanted = m_selection->channel();
    const bool known = wanted && *wanted >= 0 && static_cast<std::size_t>(*wanted) < m_channels->count();
    const std::size_t channel = known ? static_cast<std::size_t>(*wanted) : m_channels->worst();
    m_plot->setChannel(channel);
    const core::QuantizationParams params = m_channels->params(channel);
    m_facts->setText(tr("channel <b>%1</b> of %2%3 · %4 · scale %5 · error <b>%6</b> · codes used %7")
                         .arg(channel)
                         .arg(m_channels->count())
                         .arg(known ? QString() : tr(" (worst)"))
                         .arg(rangeText(m_channels->range(channel)),
                              realText(static_cast<double>(params.scale.front())),
                              shareText(m_channels->relativeL2(channel)).toHtmlEscaped(),
                              shareText(m_channels->codesUsed(channel)).toHtmlEscaped()));
}

} // namespace views
