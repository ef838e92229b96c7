#include "views/channels/channels_view.h"

#include "views/base/elided_label.h"
#include "views/base/format.h"
#include "views/base/sample_errors.h"
#include "views/base/selection.h"
#include "views/base/theme.h"
#include "views/base/value_table.h"
#include "views/channels/channel_strip.h"

#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace views {

ChannelsView::ChannelsView(Selection* selection, QWidget* parent)
    : Panel(parent)
    , m_selection(selection)
    , m_title(new QLabel(this))
    , m_strip(new ChannelStrip(this))
    , m_table(new ValueTable(
          QStringLiteral("channelsTable"), tr("Channels, worst first"),
          {{tr("Channel"), tr("Index along axis 1 of the output"), true},
           {tr("Isolated"), tr("‖y_c−ŷ_c‖₂ / ‖y_c‖₂ of the isolated error"), true},
           {tr("Accumulated"), tr("‖y_c−ŷ_c‖₂ / ‖y_c‖₂ of the accumulated error"), true},
           {tr("This sample"), tr("‖y_c−ŷ_c‖₂ / ‖y_c‖₂ accumulated, of the selected sample alone"), true},
           {tr("Min"), tr("Lowest FP32 value of the channel"), true},
           {tr("Max"), tr("Highest FP32 value of the channel"), true},
           {tr("RMS"), tr("sqrt(Σy²/n) of the channel's FP32 values"), true},
           {tr("Steps used"), tr("(max − min) / scale: how many of the output's codes the channel can reach"),
            true}},
          this))
{
    setObjectName(QStringLiteral("channelsView"));
    m_title->setObjectName(QStringLiteral("channelsTitle"));
    wrapInside(m_title);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(6, 4, 6, 0);
    layout->setSpacing(4);
    layout->addWidget(m_title);
    layout->addWidget(m_strip);
    layout->addWidget(m_table, 1);
    connect(m_selection, &Selection::changed, this, [this] {
        m_sample.clear();
        refresh();
    });
    connect(m_selection, &Selection::sampleChanged, this, [this] {
        m_sample.clear(); // those of the other sample are on their way
        refresh();
    });
    connect(m_selection, &Selection::channelChanged, this, [this] {
        m_strip->setCurrent(m_selection->channel());
        m_table->selectKey(m_selection->channel());
    });
    connect(m_strip, &ChannelStrip::channelSelected, m_selection,
            [this](int channel) { m_selection->setChannel(channel); });
    connect(m_table, &ValueTable::keySelected, m_selection,
            [this](int channel) { m_selection->setChannel(channel); });
    refresh();
}

void ChannelsView::setResults(std::shared_ptr<const core::Results> results)
{
    m_results = std::move(results);
    m_sample.clear();
    refresh();
}

void ChannelsView::setStale(bool stale)
{
    m_title->setForegroundRole(stale ? QPalette::PlaceholderText : QPalette::WindowText);
    m_table->setStale(stale);
}

void ChannelsView::setTensors(core::OperatorId op, std::size_t sample,
                              const std::shared_ptr<const core::SampleTensors>& tensors)
{
    if (m_selection->current() == op && m_selection->sample() == sample) {
        m_sample = channelErrors(*tensors);
        refresh();
    }
}

std::shared_ptr<const core::LayerReport> ChannelsView::layer() const
{
    const auto current = m_selection->current();
    return m_results && current ? m_results->layer(*current) : nullptr;
}

void ChannelsView::showTitle(const core::LayerReport* layer, std::size_t channels)
{
    const QString name = layer ? QString::fromStdString(layer->name) : QString();
    const auto sample = m_selection->sample();
    m_title->setText(
        !layer              ? tr("Select an operator to see its channels.")
            : channels == 0 ? tr("%1 has no errors by channel.").arg(name)
            : !m_sample.empty() && sample
            ? tr("%1: %2 channels, worst first for sample %3").arg(name).arg(channels).arg(*sample)
            : tr("%1: %2 channels, worst first").arg(name).arg(channels));
}

std::vector<QVariant> ChannelsView::numbersOf(const core::LayerReport& layer, std::size_t channel) const
{
    const core::TensorStatistics* const statistics = m_results->measured(layer.output);
    if (!statistics || channel >= statistics->channels.size() || statistics->channels[channel].count == 0) {
        return {{}, {}, {}, {}};
    }
    const core::Moments& moments = statistics->channels[channel];
    const double rms = std::sqrt(moments.sumOfSquares / static_cast<double>(moments.count));
    const QVariant steps = layer.activation && !layer.activation->params.scale.empty()
        ? QVariant((double{moments.max} - double{moments.min})
                   / double{layer.activation->params.scale.front()})
        : QVariant();
    return {double{moments.min}, double{moments.max}, rms, steps};
}

void ChannelsView::refresh()
{
    const auto layer = this->layer();
    const std::vector<float>& order = !layer || !m_sample.empty() ? m_sample : layer->channelRelativeL2;
    std::vector<ChannelStrip::Channel> channels;
    for (std::size_t c = 0; layer && c < order.size(); ++c) {
        channels.push_back({static_cast<int>(c), order[c]});
    }
    std::ranges::stable_sort(channels, std::greater{}, &ChannelStrip::Channel::relativeL2);
    showTitle(layer.get(), channels.size());
    std::vector<ValueTable::Row> rows;
    for (const ChannelStrip::Channel& channel : channels) {
        const auto c = static_cast<std::size_t>(channel.index);
        const auto error = [c](const std::vector<float>& all) {
            return c < all.size() ? Cell{shareText(all[c]), double{all[c]}, heatOfRelativeL2(all[c]), {}}
                                  : Cell{missingText(), {}, {}, {}};
        };
        ValueTable::Row row{channel.index,
                            {{QString::number(channel.index), double(channel.index), {}, {}},
                             error(layer->channelRelativeL2),
                             error(layer->accumulatedChannelRelativeL2),
                             error(m_sample)}};
        const std::vector<QVariant> numbers = numbersOf(*layer, c);
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            const double value = numbers[i].toDouble();
            const bool steps = i + 1 == numbers.size();
            row.cells.push_back({!numbers[i].isValid() ? missingText()
                                     : steps           ? QString::number(value, 'f', 1)
                                                       : realText(value),
                                 numbers[i],
                                 {},
                                 {}});
        }
        rows.push_back(std::move(row));
    }
    m_strip->setChannels(std::move(channels));
    m_strip->setCurrent(m_selection->channel());
    m_table->setRows(rows);
    m_table->setColumnHidden(3, m_sample.empty());
}

} // namespace views
