#include "views/samples/samples_view.h"

#include "views/base/format.h"
#include "views/base/selection.h"
#include "views/base/theme.h"
#include "views/base/value_table.h"
#include "views/samples/reading_view.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPixmap>

#include <algorithm>
#include <exception>
#include <utility>

namespace views {

namespace {

constexpr int kPictureSide = 168;

QString classText(std::int64_t index) { return index < 0 ? missingText() : QString::number(index); }

QString verdict(const core::SamplePrediction& prediction)
{
    if (prediction.fp32 == prediction.quantized) {
        return {};
    }
    if (prediction.label >= 0 && prediction.fp32 == prediction.label) {
        return SamplesView::tr("flipped, now wrong");
    }
    if (prediction.label >= 0 && prediction.quantized == prediction.label) {
        return SamplesView::tr("flipped, now right");
    }
    return SamplesView::tr("flipped");
}

} // namespace

SamplesView::SamplesView(Selection* selection, QWidget* parent)
    : Panel(parent)
    , m_selection(selection)
    , m_table(
          new ValueTable(QStringLiteral("samplesTable"), tr("Samples, worst first"),
                         {{tr("Sample"), tr("Index in the evaluation data"), true},
                          {tr("Name"), {}, false},
                          {tr("Output error"), tr("‖y−ŷ‖₂ / ‖y‖₂ of the output for this sample"), true},
                          {tr("At operator"),
                           tr("‖y−ŷ‖₂ / ‖y‖₂ accumulated at the selected operator for this sample"), true},
                          {tr("Label"), tr("Class of the label"), true},
                          {tr("FP32"), tr("Class that FP32 predicts"), true},
                          {tr("int8"), tr("Class that the quantized pipeline predicts"), true},
                          {tr("Verdict"), tr("Whether quantization changed the prediction"), false}},
                         this))
    , m_reading(new ReadingView(this))
    , m_picture(new QLabel(this))
    , m_summary(new QLabel(this))
{
    setObjectName(QStringLiteral("samplesView"));
    m_picture->setObjectName(QStringLiteral("samplePicture"));
    m_picture->setAlignment(Qt::AlignCenter);
    m_picture->setMinimumSize(kPictureSide, kPictureSide / 2);
    m_summary->setObjectName(QStringLiteral("samplesSummary"));
    m_summary->setWordWrap(true);
    m_summary->setAlignment(Qt::AlignTop);
    m_summary->setMaximumWidth(kPictureSide + 20);
    auto* const side = new QVBoxLayout;
    side->setContentsMargins(8, 6, 8, 6);
    side->addWidget(m_picture);
    side->addWidget(m_summary);
    side->addStretch(1);
    auto* const layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_reading, 1);
    m_reading->hide();
    layout->addLayout(side);
    connect(m_table, &ValueTable::keySelected, m_selection,
            [this](int key) { m_selection->setSample(static_cast<std::size_t>(key)); });
    m_table->setPictures(1, Thumbnails::kSide);
    m_picture->setWordWrap(true);
    connect(m_table, &ValueTable::visibleKeysChanged, this, &SamplesView::showThumbnails);
    connect(&m_thumbnails, &Thumbnails::ready, this, [this](std::size_t sample, const QImage& image) {
        m_table->setPicture(static_cast<int>(sample), image);
    });
    connect(m_selection, &Selection::changed, this, &SamplesView::refresh);
    connect(m_selection, &Selection::sampleChanged, this, [this] {
        const auto sample = m_selection->sample();
        m_table->selectKey(sample ? std::optional(static_cast<int>(*sample)) : std::nullopt);
        showPicture();
        askForReading();
    });
    refresh();
}

void SamplesView::setDataset(std::shared_ptr<const core::Dataset> dataset)
{
    m_dataset = std::move(dataset);
    m_thumbnails.setDataset(m_dataset);
    m_table->forgetPictures();
    showPicture();
}

void SamplesView::setResults(std::shared_ptr<const core::Results> results)
{
    m_results = std::move(results);
    m_shown.reset();
    m_awaited.reset();
    refresh();
}

void SamplesView::setStale(bool stale)
{
    m_summary->setForegroundRole(stale ? QPalette::PlaceholderText : QPalette::WindowText);
    m_table->setStale(stale);
}

void SamplesView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    refresh();
}

void SamplesView::refresh()
{
    if (!isVisible()) {
        return;
    }
    askForReading();
    const auto current = m_selection->current();
    const auto layer = m_results && current ? m_results->layer(*current) : nullptr;
    const std::size_t predictions = m_results ? m_results->report->predictions.size() : 0;
    const std::size_t count = std::max(predictions, layer ? layer->sampleRelativeL2.size() : 0);
    std::vector<std::pair<double, ValueTable::Row>> ordered;
    std::size_t flips = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const core::SamplePrediction prediction =
            i < predictions ? m_results->report->predictions[i] : core::SamplePrediction{};
        const auto error = [](bool has, double value) {
            return has ? Cell{shareText(value), value, heatOfRelativeL2(value), {}}
                       : Cell{missingText(), {}, {}, {}};
        };
        const auto number = [](std::int64_t value) {
            return Cell{classText(value), value < 0 ? QVariant() : QVariant(double(value)), {}, {}};
        };
        const bool atOperator = layer && i < layer->sampleRelativeL2.size();
        const double own = atOperator ? layer->sampleRelativeL2[i] : 0.0;
        flips += prediction.fp32 != prediction.quantized ? 1 : 0;
        const QString name =
            m_dataset && i < m_dataset->size() ? QString::fromStdString(m_dataset->sampleName(i)) : QString();
        ordered.push_back({i < predictions ? prediction.outputRelativeL2 : own,
                           {static_cast<int>(i),
                            {{QString::number(i), double(i), {}, {}},
                             {name, {}, {}, {}},
                             error(i < predictions, prediction.outputRelativeL2),
                             error(atOperator, own),
                             number(prediction.label),
                             number(prediction.fp32),
                             number(prediction.quantized),
                             {verdict(prediction), {}, {}, {}}}}});
    }
    std::ranges::stable_sort(ordered, std::greater{}, &std::pair<double, ValueTable::Row>::first);
    std::vector<ValueTable::Row> rows;
    std::ranges::transform(ordered, std::back_inserter(rows), &std::pair<double, ValueTable::Row>::second);
    m_table->setRows(rows);
    m_summary->setText(count == 0 ? tr("No samples yet.")
                           : predictions == 0
                           ? (m_results->report->metric
                                  ? tr("%1 samples. The reading shows the network's input with what FP32 and "
                                       "int8 make of it.")
                                        .arg(count)
                                  : tr("%1 samples; the network has no classifier output.").arg(count))
                           : tr("%1 samples, %2 predictions flipped.").arg(count).arg(flips));
}

std::size_t SamplesView::readItem() const
{
    const auto& worst = m_results->report->metric->worst;
    return m_selection->sample().value_or(worst.empty() ? 0 : worst.front().item);
}

QString SamplesView::readTitle(std::size_t item) const
{
    const auto& metric = *m_results->report->metric;
    const QString name = m_dataset && item < m_dataset->size()
        ? QString::fromStdString(m_dataset->sampleName(item))
        : tr("sample %1").arg(item);
    const auto loss = std::ranges::find(metric.worst, item, &core::ItemLoss::item);
    const QString own = QString::fromStdString(metric.info.name);
    if (loss == metric.worst.end()) {
        return metric.worst.empty() ? tr("%1 · no sample lost %2").arg(name, own) : name;
    }
    const QString lost =
        tr("%1 lost %2 %3")
            .arg(own, realText(loss->loss),
                 metric.info.unit == "%" ? tr("points") : QString::fromStdString(metric.info.unit));
    return loss == metric.worst.begin() ? tr("%1 · the worst sample · %2").arg(name, lost)
                                        : tr("%1 · %2").arg(name, lost);
}

void SamplesView::askForReading()
{
    const bool canBe = m_results && m_results->report->metric;
    m_reading->setVisible(canBe);
    m_picture->setVisible(!canBe);
    if (!canBe || !isVisible()) {
        return;
    }
    const std::size_t item = readItem();
    if (m_awaited != item && (m_awaited || m_shown != item)) {
        m_awaited = item;
        m_reading->setMessage(tr("Computing what both say of %1").arg(readTitle(item)));
        emit readingWanted(item);
    }
}

void SamplesView::setReading(const std::shared_ptr<const core::SampleReading>& reading)
{
    if (m_awaited == reading->item) {
        m_awaited.reset();
        m_shown = reading->item;
        m_reading->setReading(reading, readTitle(reading->item));
        emit settled();
    }
}

void SamplesView::setReadingProblem(const QString& problem)
{
    m_shown = std::exchange(m_awaited, std::nullopt);
    m_reading->setMessage(problem);
    emit settled();
}

void SamplesView::showThumbnails()
{
    std::vector<std::size_t> wanted;
    for (const int key : m_table->visibleKeys()) {
        wanted.push_back(static_cast<std::size_t>(key));
    }
    m_thumbnails.want(wanted);
}

void SamplesView::showPicture()
{
    const auto sample = m_selection->sample();
    m_picture->clear();
    m_picture->setText(sample ? QString() : tr("Select a sample: every view then shows it"));
    if (!m_dataset || !sample || *sample >= m_dataset->size()) {
        return;
    }
    const auto read = [dataset = m_dataset, index = *sample](const Jobs::Call& call) {
        const QImage image = pictureOf(*dataset, index, kPictureSide);
        return call.stop.stop_requested() ? std::nullopt : std::optional(image);
    };
    const auto isShown = [this, index = *sample] { return m_selection->sample() == index; };
    const auto show = [this, isShown](const std::optional<QImage>& image) {
        if (isShown() && image->isNull()) {
            m_picture->setText(tr("no picture"));
        } else if (isShown()) {
            m_picture->setPixmap(QPixmap::fromImage(*image));
        }
    };
    m_jobs.run(Jobs::Lane::Preview, this, read, show, {.failed = [this, isShown](const QString& problem) {
                   if (isShown()) {
                       m_picture->setText(problem);
                   }
               }});
}

} // namespace views
