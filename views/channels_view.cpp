#include "views/channels_view.h"

#include "views/channel_strip.h"
#include "views/format.h"
#include "views/selection.h"
#include "views/theme.h"
#include "views/value_table.h"

#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace views {

ChannelsView::ChannelsView(Selection* selection, QWidget* parent)
    : QWidget(parent)
    , m_selection(selection)
    , m_title(new QLabel(this))
    , m_strip(new ChannelStrip(this))
    , m_table(new ValueTable(
          QStringLiteral("channelsTable"), tr("Channels, worst first"),
          {{tr("Channel"), tr("Index along axis 1 of the output"), true},
           {tr("Isolated"), tr("‖y_c−ŷ_c‖₂ / ‖y_c‖₂ of the isolated error"), true},
           {tr("Accumulated"), tr("‖y_c−ŷ_c‖₂ / ‖y_c‖₂ of the accumulated error"), true},
           {tr("Min"), tr("Lowest FP32 value of the channel"), true},
           {tr("Max"), tr("Highest FP32 value of the channel"), true},
           {tr("RMS"), tr("sqrt(Σy²/n) of the channel's FP32 values"), true},
           {tr("Steps used"), tr("(max − min) / scale: how many of the output's codes the channel can reach"),
            true}},
          this))
{
    setObjectName(QStringLiteral("channelsView"));
    m_title->setObjectName(QStringLiteral("channelsTitle"));
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(6, 4, 6, 0);
    layout->setSpacing(4);
    layout->addWidget(m_title);
    layout->addWidget(m_strip);
    layout->addWidget(m_table, 1);
    connect(m_selection, &Selection::changed, this, &ChannelsView::refresh);
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
    refresh();
}

void ChannelsView::refresh()
{
    const auto current = m_selection->current();
    const auto layer = m_results && current ? m_results->layer(*current) : nullptr;
    std::vector<ChannelStrip::Channel> channels;
    for (std::size_t c = 0; layer && c < layer->channelRelativeL2.size(); ++c) {
        channels.push_back({static_cast<int>(c), layer->channelRelativeL2[c]});
    }
    std::ranges::stable_sort(channels, std::greater{}, &ChannelStrip::Channel::relativeL2);
    m_title->setText(!layer ? tr("Select an operator to see its channels.")
                         : channels.empty()
                         ? tr("%1 has no errors by channel.").arg(QString::fromStdString(layer->name))
                         : tr("%1: %2 channels, worst first")
                               .arg(QString::fromStdString(layer->name))
                               .arg(channels.size()));
    std::vector<ValueTable::Row> rows;
    const core::TensorStatistics* const statistics = layer ? m_results->measured(layer->output) : nullptr;
    for (const ChannelStrip::Channel& channel : channels) {
        const auto c = static_cast<std::size_t>(channel.index);
        const auto error = [](const std::vector<float>& all, std::size_t i) {
            return i < all.size() ? Cell{shareText(all[i]), double{all[i]}, heatOfRelativeL2(all[i]), {}}
                                  : Cell{missingText(), {}, {}, {}};
        };
        const auto real = [](std::optional<double> value) {
            return value ? Cell{realText(*value), *value, {}, {}} : Cell{missingText(), {}, {}, {}};
        };
        std::optional<double> low;
        std::optional<double> high;
        std::optional<double> rms;
        std::optional<double> steps;
        if (statistics && c < statistics->channels.size() && statistics->channels[c].count > 0) {
            const core::Moments& moments = statistics->channels[c];
            low = moments.min;
            high = moments.max;
            rms = std::sqrt(moments.sumOfSquares / static_cast<double>(moments.count));
            if (layer->activation && !layer->activation->params.scale.empty()) {
                steps = (*high - *low) / layer->activation->params.scale.front();
            }
        }
        rows.push_back({channel.index,
                        {{QString::number(channel.index), double(channel.index), {}, {}},
                         error(layer->channelRelativeL2, c),
                         error(layer->accumulatedChannelRelativeL2, c),
                         real(low),
                         real(high),
                         real(rms),
                         steps ? Cell{QString::number(*steps, 'f', 1), *steps, {}, {}}
                               : Cell{missingText(), {}, {}, {}}}});
    }
    m_strip->setChannels(std::move(channels));
    m_strip->setCurrent(m_selection->channel());
    m_table->setRows(rows);
}

} // namespace views
