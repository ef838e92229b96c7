#include "app/gui/window/status_panel.h"

#include "core/report/metric_words.h"
#include "core/session/network_comparison.h"
#include "views/base/format.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QTimer>
#include <QToolButton>

#include <chrono>

#include <algorithm>

namespace app {

namespace {

QLabel* makeLabel(const QString& name, QWidget* parent)
{
    auto* const label = new QLabel(parent);
    label->setObjectName(name);
    return label;
}

/// How good int8 is on the first samples, and within what: no more than has room beside the progress.
QString earlyText(const core::Report& report)
{
    const auto text = [](double value) { return QString::number(value, 'f', 1); };
    const auto within = [&](const std::optional<core::ConfidenceInterval>& interval) {
        return interval ? StatusPanel::tr(" (%1 … %2)").arg(text(interval->lower), text(interval->upper))
                        : QString();
    };
    QStringList parts;
    if (const auto& metric = report.metric) {
        parts << StatusPanel::tr("%1 <b>%2</b>%3")
                     .arg(QString::fromStdString(metric->info.name),
                          QString::fromStdString(
                              core::metricValueWords(metric->info, metric->quantized.value)),
                          within(metric->quantized.interval));
    } else if (report.accuracy && report.accuracy->labelled) {
        parts << StatusPanel::tr("top-1 <b>%1 %</b>%2")
                     .arg(text(report.accuracy->quantized.top1),
                          within(report.accuracy->intervals.quantizedTop1));
    }
    if (const core::OutputReport* const output = core::decisiveOutput(report)) {
        parts << StatusPanel::tr("%1 dB%2").arg(views::decibelText(*output->error.sqnrDb),
                                                within(output->sqnrInterval));
    }
    return parts.join(QStringLiteral(" · "));
}

} // namespace

StatusPanel::StatusPanel(QWidget* parent)
    : QWidget(parent)
    , m_source(makeLabel(QStringLiteral("statusSource"), this))
    , m_accuracy(makeLabel(QStringLiteral("statusAccuracy"), this))
    , m_stage(makeLabel(QStringLiteral("statusStage"), this))
    , m_bar(new QProgressBar(this))
    , m_cancel(new QToolButton(this))
{
    setObjectName(QStringLiteral("statusPanel"));
    constexpr int kShortSource = 120; // pixels: the title says it, too, where numbers need the room
    m_source->setMinimumWidth(kShortSource);
    m_bar->setObjectName(QStringLiteral("statusProgress"));
    m_bar->setAccessibleName(tr("Progress"));
    m_bar->setFixedWidth(140);
    m_bar->setMaximumHeight(fontMetrics().height());
    m_bar->setTextVisible(false);
    m_cancel->setObjectName(QStringLiteral("statusCancel"));
    m_cancel->setText(tr("Cancel"));
    m_cancel->setAutoRaise(true);
    m_cancel->setToolTip(tr("Stops the run; what is finished is kept"));
    m_accuracy->setToolTip(
        tr("Top-1: percent of samples whose highest output is the label.\n"
           "Agreement: percent of samples for which both pipelines predict the same class.\n"
           "The metric of the data description, where it names one, against its labels or FP32.\n"
           "SQNR of the logits, else of the worst output: −20·log₁₀(‖y−ŷ‖₂ / ‖y‖₂)."));
    auto* const layout = new QHBoxLayout(this);
    layout->setContentsMargins(8, 2, 8, 2);
    layout->setSpacing(12);
    layout->addWidget(m_source);
    layout->addWidget(m_accuracy);
    layout->addStretch(1);
    layout->addWidget(m_stage);
    layout->addWidget(m_bar);
    layout->addWidget(m_cancel);
    setMinimumHeight(layout->sizeHint().height()); // else it is lower while nothing runs, and the docks creep
    connect(m_cancel, &QToolButton::clicked, this, &StatusPanel::cancelRequested);
    setBusy(false);
}

void StatusPanel::setSource(const QString& model, const QString& samples)
{
    m_source->setText(samples.isEmpty() ? model : tr("%1 · %2").arg(model, samples));
    m_source->setToolTip(m_source->text());
}

void StatusPanel::setResults(const core::Results* results, bool stale)
{
    QString text = results ? accuracyText(*results->report) : QString();
    if (results && results->isEarly()) {
        const std::size_t first = results->report->samples;
        text = tr("first %1 of %2, 95 %: %3")
                   .arg(first)
                   .arg(first + results->samplesToCome)
                   .arg(earlyText(*results->report));
    }
    m_accuracy->setText(text);
    m_accuracy->setForegroundRole(stale ? QPalette::PlaceholderText : QPalette::WindowText);
}

void StatusPanel::setBusy(bool busy)
{
    m_bar->setVisible(busy);
    m_cancel->setVisible(busy);
    m_stageName.clear();
    if (busy) {
        m_bar->setRange(0, 0); // a stage that has not told how much it is
        m_stage->setText(tr("Starting"));
    } else {
        m_stage->clear();
        m_bar->setRange(0, 1);
        m_bar->setValue(0);
    }
}

void StatusPanel::setProgress(const core::Progress& progress)
{
    const QString stage = QString::fromStdString(progress.stage);
    if (stage != m_stageName) {
        m_stageName = stage;
        m_stageStart = progress.done;
        m_stageTime.start();
    }
    m_bar->setRange(0, static_cast<int>(progress.total));
    m_bar->setValue(static_cast<int>(progress.done));
    QString text = tr("%1 %2/%3").arg(stage).arg(progress.done).arg(progress.total);
    const double seconds = static_cast<double>(m_stageTime.elapsed()) / 1000.0;
    if (progress.done > m_stageStart && seconds > 0.5) {
        const double each = seconds / static_cast<double>(progress.done - m_stageStart);
        text += tr(" · %1 left")
                    .arg(views::secondsText(each * static_cast<double>(progress.total - progress.done)));
    }
    m_stage->setText(text);
}

void StatusPanel::showWork(const QString& message) { m_stage->setText(message); }

void StatusPanel::showMessage(const QString& message)
{
    constexpr auto kShown = std::chrono::seconds(8);
    m_stage->setText(message);
    QTimer::singleShot(kShown, this, [this, message] {
        if (m_stage->text() == message) { // and nothing newer
            m_stage->clear();
        }
    });
}

int StatusPanel::percent() const
{
    const bool known = m_bar->isVisibleTo(this) && m_bar->maximum() > 0;
    return known ? 100 * m_bar->value() / m_bar->maximum() : -1;
}

QString accuracyText(const core::Report& report)
{
    const auto points = [](double value) { return QString::number(value, 'f', 1); };
    QStringList parts;
    if (report.accuracy && report.accuracy->labelled) {
        const double drop = report.accuracy->quantized.top1 - report.accuracy->fp32.top1;
        parts << StatusPanel::tr("int8 top-1 <b>%1 %</b> · FP32 %2 % (%3%4 points)")
                     .arg(points(report.accuracy->quantized.top1), points(report.accuracy->fp32.top1),
                          drop < 0.0 ? QStringLiteral("−") : QStringLiteral("+"), points(std::abs(drop)));
    }
    if (report.accuracy) {
        parts << StatusPanel::tr("agreement %1 %").arg(points(report.accuracy->top1Agreement));
    }
    if (const auto& metric = report.metric) {
        const auto words = [&](std::optional<double> value) {
            return QString::fromStdString(core::metricValueWords(metric->info, value));
        };
        parts << StatusPanel::tr("int8 %1 <b>%2</b> · FP32 %3")
                     .arg(QString::fromStdString(metric->info.name), words(metric->quantized.value),
                          words(metric->fp32.value));
    }
    const core::OutputReport* const output = core::decisiveOutput(report);
    if (output) {
        parts << StatusPanel::tr("%1 %2 dB")
                     .arg(QString::fromStdString(output->kind), views::decibelText(*output->error.sqnrDb));
    }
    if (report.synthetic) {
        parts << StatusPanel::tr("synthetic data");
    }
    return parts.join(QStringLiteral(" · "));
}

} // namespace app
