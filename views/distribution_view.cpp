#include "views/distribution_view.h"

#include "views/format.h"
#include "views/selection.h"
#include "views/table_copy.h"

#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QStackedLayout>
#include <QTableWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace views {

namespace {

enum MethodColumn
{
    Swatch,
    Name,
    Threshold,
    Clip,
    Round,
    Total,
    Sqnr,
    MethodColumns
};

double relative(double squared, const core::QuantizationCost& cost)
{
    return cost.signalSquared > 0.0 ? std::sqrt(std::max(0.0, squared) / cost.signalSquared) : 0.0;
}

QLineEdit* makeLimit(const QString& name, const QString& help, QWidget* parent)
{
    auto* const field = new QLineEdit(parent);
    field->setObjectName(name);
    field->setAccessibleName(help);
    field->setToolTip(help);
    field->setAlignment(Qt::AlignRight);
    field->setFixedWidth(field->fontMetrics().horizontalAdvance(QStringLiteral("−0.0000000")) + 16);
    return field;
}

QTableWidget* makeMethodTable(QWidget* parent)
{
    auto* const table = new QTableWidget(0, MethodColumns, parent);
    table->setObjectName(QStringLiteral("methodLegend"));
    table->setAccessibleName(DistributionView::tr("Calibration methods on this tensor"));
    table->setHorizontalHeaderLabels({{},
                                      DistributionView::tr("Method"),
                                      DistributionView::tr("Threshold"),
                                      DistributionView::tr("Clip"),
                                      DistributionView::tr("Round"),
                                      DistributionView::tr("Total"),
                                      DistributionView::tr("dB")});
    const QStringList help{
        {},
        DistributionView::tr("Double click applies the method to this operator"),
        DistributionView::tr("Range the method chooses from the calibration data, in the tensor's own unit"),
        DistributionView::tr("sqrt(Σ(y−clamp(y))²) / ‖y‖₂, expected from the calibration histogram"),
        DistributionView::tr("sqrt(Σ(clamp(y)−Q(y))²) / ‖y‖₂, expected from the calibration histogram"),
        DistributionView::tr("‖y−Q(y)‖₂ / ‖y‖₂, expected from the calibration histogram"),
        DistributionView::tr("SQNR: −20·log₁₀ of Total, in dB; the best is bold")};
    for (int column = 1; column < MethodColumns; ++column) {
        table->horizontalHeaderItem(column)->setToolTip(help[column]);
        table->horizontalHeaderItem(column)->setTextAlignment(
            (column >= Threshold ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setShowGrid(false);
    table->setFrameShape(QFrame::NoFrame);
    table->setMouseTracking(true);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(table->fontMetrics().height() + 5);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setMinimumSectionSize(14);
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    table->horizontalHeader()->setSectionResizeMode(Name, QHeaderView::Stretch);
    table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    installCopy(table);
    return table;
}

} // namespace

DistributionView::DistributionView(Selection* selection, TensorCostsService* service, QWidget* parent)
    : QWidget(parent)
    , m_selection(selection)
    , m_service(service)
    , m_plot(new DistributionPlot(this))
    , m_title(new QLabel(this))
    , m_details(new QLabel(this))
    , m_empty(new QLabel(this))
    , m_content(new QWidget(this))
    , m_min(
          makeLimit(QStringLiteral("rangeMin"), tr("Lower end of the range, in the tensor's own unit"), this))
    , m_max(
          makeLimit(QStringLiteral("rangeMax"), tr("Upper end of the range, in the tensor's own unit"), this))
    , m_cost(new QLabel(this))
    , m_linear(new QToolButton(this))
    , m_methods(makeMethodTable(this))
{
    setObjectName(QStringLiteral("distributionView"));
    m_title->setObjectName(QStringLiteral("distributionTitle"));
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse);
    QFont bold = m_title->font();
    bold.setBold(true);
    m_title->setFont(bold);
    m_details->setObjectName(QStringLiteral("distributionDetails"));
    m_details->setForegroundRole(QPalette::PlaceholderText);
    m_cost->setObjectName(QStringLiteral("distributionCost"));
    m_cost->setTextFormat(Qt::RichText);
    m_cost->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_cost->setMinimumWidth(120);
    m_details->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_cost->setToolTip(tr("Expected error of quantizing this tensor to the range shown, relative to ‖y‖₂,\n"
                          "from the histogram of the calibration data: total² = clip² + round² + cross"));
    m_empty->setObjectName(QStringLiteral("distributionEmpty"));
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_linear->setObjectName(QStringLiteral("linearCounts"));
    m_linear->setText(tr("Linear"));
    m_linear->setToolTip(tr("Counts on a linear axis instead of a logarithmic one"));
    m_linear->setCheckable(true);
    m_linear->setAutoRaise(true);

    auto* const head = new QHBoxLayout;
    head->addWidget(m_title);
    head->addWidget(m_details, 1);
    head->addWidget(m_linear);
    auto* const limits = new QHBoxLayout;
    limits->setSpacing(4);
    limits->addWidget(new QLabel(tr("Range"), this));
    limits->addWidget(m_min);
    limits->addWidget(new QLabel(QStringLiteral("…"), this));
    limits->addWidget(m_max);
    limits->addSpacing(8);
    limits->addWidget(m_cost, 1);
    auto* const content = new QVBoxLayout(m_content);
    content->setContentsMargins(0, 0, 0, 0);
    content->setSpacing(4);
    for (QHBoxLayout* const row : {head, limits}) {
        row->setContentsMargins(6, 2, 6, 0);
    }
    content->addLayout(head);
    content->addWidget(m_plot, 1);
    content->addLayout(limits);
    content->addWidget(m_methods);
    auto* const stack = new QStackedLayout(this);
    stack->addWidget(m_content);
    stack->addWidget(m_empty);

    connect(m_selection, &Selection::changed, this, &DistributionView::refresh);
    connect(m_service, &TensorCostsService::ready, this, &DistributionView::showCosts);
    connect(m_plot, &DistributionPlot::rangeDragged, this, &DistributionView::dragged);
    connect(m_plot, &DistributionPlot::rangeCommitted, this,
            [this](core::Range range) { commit(range, {}); });
    connect(m_plot, &DistributionPlot::handleGrabbed, this, [this](auto handle) { m_touched = handle; });
    connect(m_linear, &QToolButton::toggled, m_plot, [this](bool linear) {
        m_plot->setCountScale(linear ? DistributionPlot::CountScale::Linear
                                     : DistributionPlot::CountScale::Logarithmic);
    });
    connect(m_min, &QLineEdit::editingFinished, this, &DistributionView::takeTypedLimits);
    connect(m_max, &QLineEdit::editingFinished, this, &DistributionView::takeTypedLimits);
    connect(m_methods, &QTableWidget::cellEntered, m_plot, [this](int row) { m_plot->highlightMethod(row); });
    connect(m_methods, &QTableWidget::currentCellChanged, m_plot,
            [this](int row) { m_plot->highlightMethod(row); });
    connect(m_methods, &QTableWidget::cellActivated, this, &DistributionView::applyMethod);
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
    refresh();
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

core::Range DistributionView::currentRange() const
{
    const core::OperatorSettings settings = settingsOf(*m_plan, *m_layer);
    if (settings.activation.method && settings.activation.method->name == "manual"
        && settings.activation.range) {
        return *settings.activation.range;
    }
    return m_layer->activation && !m_layer->activation->threshold.empty()
        ? m_layer->activation->threshold.front()
        : core::Range{};
}

void DistributionView::showEmpty(const QString& text)
{
    m_layer.reset();
    m_costs.reset();
    m_plot->clear();
    m_empty->setText(text);
    static_cast<QStackedLayout*>(layout())->setCurrentWidget(m_empty);
}

void DistributionView::refresh()
{
    const auto current = m_selection->current();
    m_layer = m_results && current ? m_results->layer(*current) : nullptr;
    if (!m_results || !m_plan) {
        showEmpty(tr("No results yet.\nOpen a model with Ctrl+O."));
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
    static_cast<QStackedLayout*>(layout())->setCurrentWidget(m_content);
    m_title->setText(QString::fromStdString(m_layer->name));
    const auto& activation = m_layer->activation;
    m_details->setText(activation ? paramsText(activation->params)
                                  : tr("stays float: %1").arg(QString::fromStdString(m_layer->reason)));
    m_details->setToolTip(
        tr("Tensor %1\n%2 values of %n samples, %3 exact zeros, FP32 span %4", nullptr,
           static_cast<int>(statistics->samples))
            .arg(QString::fromStdString(m_layer->output), countText(double(statistics->total.count)),
                 shareText(double(statistics->total.zeros) / double(statistics->total.count)),
                 rangeText({statistics->total.min, statistics->total.max})));

    const bool movable = activation && !m_layer->inheritsActivation && !activation->params.isPerChannel();
    DistributionPlot::Tensor tensor;
    tensor.key = m_layer->output;
    tensor.statistics = statistics;
    tensor.params = activation ? std::optional(activation->params) : std::nullopt;
    tensor.codes = m_layer->codeCounts ? m_layer->codeCounts.get() : nullptr;
    tensor.range = currentRange();
    tensor.movable = movable;
    tensor.lowerMovable = movable && tensor.range.min < 0.0;
    m_plot->setTensor(tensor);
    showLimits(tensor.range);
    m_min->setEnabled(movable);
    m_max->setEnabled(movable);
    const core::TensorStatistics* const calibrated = m_results->calibrated(m_layer->output);
    if (activation && calibrated) {
        showCost(core::quantizationCost(*calibrated, activation->params), false);
    } else {
        m_cost->clear();
    }
    m_methods->setVisible(movable);
    if (movable) {
        m_service->request(m_results->calibration, m_layer->output, targetOf(*m_plan, *m_layer),
                           tensor.range);
    }
}

void DistributionView::showLimits(core::Range range)
{
    m_min->setText(QString::number(range.min, 'g', 6));
    m_max->setText(QString::number(range.max, 'g', 6));
}

void DistributionView::showCost(const core::QuantizationCost& cost, bool live)
{
    const auto share = [&](double squared) { return shareText(relative(squared, cost)).toHtmlEscaped(); };
    m_cost->setText(tr("%1clip %2 · round %3 · total <b>%4</b> · %5 dB")
                        .arg(live ? tr("→ ") : QString(), share(cost.clipSquared), share(cost.roundSquared),
                             share(cost.totalSquared()), decibelText(cost.sqnrDb())));
    m_cost->setAccessibleDescription(tr("%1 of the values clipped").arg(shareText(cost.clippedShare)));
}

void DistributionView::showCosts(const std::shared_ptr<const TensorCosts>& costs)
{
    if (!m_layer || costs->value != m_layer->output) {
        return;
    }
    m_costs = costs;
    m_shown.clear();
    for (std::size_t i = 0; i < costs->methods.size(); ++i) {
        // Compatibility variants of other tools (name:tool) are compared in the Methods dock.
        if (costs->methods[i].method.name.find(':') == std::string::npos && m_shown.size() < 8) {
            m_shown.push_back(static_cast<int>(i));
        }
    }
    const auto total = [&](int i) { return costs->methods[static_cast<std::size_t>(i)].cost.totalSquared(); };
    const auto best = std::ranges::min_element(m_shown, {}, total);
    const PlotColors colors = plotColors(palette());
    const auto used = settingsOf(*m_plan, *m_layer).activation.method;
    m_methods->setRowCount(static_cast<int>(m_shown.size()));
    for (int row = 0; row < m_methods->rowCount(); ++row) {
        const core::MethodOutcome& outcome =
            costs->methods[static_cast<std::size_t>(m_shown[static_cast<std::size_t>(row)])];
        const bool current = used && used->name == outcome.method.name;
        const QStringList texts{
            {},
            (current ? QStringLiteral("● ") : QStringLiteral("   ")) + methodTitle(outcome.method),
            outcome.range.min < 0.0 ? rangeText(outcome.range) : realText(outcome.range.max),
            shareText(relative(outcome.cost.clipSquared, outcome.cost)),
            shareText(relative(outcome.cost.roundSquared, outcome.cost)),
            shareText(relative(outcome.cost.totalSquared(), outcome.cost)),
            decibelText(outcome.cost.sqnrDb())};
        for (int column = 0; column < MethodColumns; ++column) {
            auto* const item = new QTableWidgetItem(texts[column]);
            item->setTextAlignment((column >= Threshold ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
            QFont font = m_methods->font();
            font.setBold(best != m_shown.end() && m_shown[static_cast<std::size_t>(row)] == *best
                         && column >= Total);
            item->setFont(font);
            if (column == Swatch) {
                QPixmap swatch(10, 3);
                swatch.fill(colors.series[static_cast<std::size_t>(row) % colors.series.size()]);
                item->setData(Qt::DecorationRole, swatch);
            }
            item->setToolTip(
                current ? tr("In use. Double click another to apply it.")
                        : tr("Double click applies %1 to %2.")
                              .arg(methodTitle(outcome.method), QString::fromStdString(m_layer->name)));
            m_methods->setItem(row, column, item);
        }
    }
    const int height = m_methods->horizontalHeader()->sizeHint().height()
        + m_methods->rowCount() * m_methods->verticalHeader()->defaultSectionSize() + 2;
    m_methods->setMinimumHeight(std::min(height, 110));
    m_plot->setMinimumHeight(170);
    m_methods->setMaximumHeight(height);
    m_plot->setCosts(costs.get(), m_shown);
}

void DistributionView::dragged(core::Range range)
{
    showLimits(range);
    const core::TensorStatistics* const statistics = m_results->calibrated(m_layer->output);
    const core::CalibrationTarget target = targetOf(*m_plan, *m_layer);
    const core::QuantizationParams params = core::chooseActivationParams(range, target.scheme, target.bits);
    m_plot->preview(params);
    if (statistics) {
        showCost(core::quantizationCost(*statistics, params), true);
    }
}

void DistributionView::commit(core::Range range, const QString& mergeKey)
{
    core::OperatorSettings settings = ownSettings(*m_plan, *m_layer);
    settings.activation.method = core::CalibrationMethod{"manual", std::nullopt};
    settings.activation.range = range;
    emit planEdited({std::make_shared<core::QuantizationPlan>(withSettings(*m_plan, *m_layer, settings)),
                     tr("Range of %1: %2").arg(QString::fromStdString(m_layer->name), rangeText(range)),
                     mergeKey});
}

void DistributionView::nudge(int steps)
{
    if (!m_layer || !m_min->isEnabled() || !m_layer->activation) {
        return;
    }
    const double step = static_cast<double>(m_layer->activation->params.scale.front()) * steps;
    core::Range range = currentRange();
    const bool lower = m_touched == DistributionPlot::Handle::Min && range.min < 0.0;
    (lower ? range.min : range.max) += step;
    if (targetOf(*m_plan, *m_layer).scheme == core::Scheme::Symmetric) {
        lower ? range.max = -range.min : range.min = -range.max;
    }
    if (range.min <= 0.0 && range.max > 0.0) {
        m_plot->setRange(range);
        dragged(range);
        commit(range, QStringLiteral("nudge ") + QString::fromStdString(m_layer->name));
    }
}

void DistributionView::takeTypedLimits()
{
    if (!m_layer) {
        return;
    }
    bool minOk = false;
    bool maxOk = false;
    const core::Range typed{QLocale::c().toDouble(m_min->text(), &minOk),
                            QLocale::c().toDouble(m_max->text(), &maxOk)};
    const core::Range now = currentRange();
    const auto same = [](double a, double b) {
        return QString::number(a, 'g', 6) == QString::number(b, 'g', 6);
    };
    if (!minOk || !maxOk || typed.min > 0.0 || typed.max < 0.0 || typed.min == typed.max) {
        showLimits(now); // a range contains zero and has a width
    } else if (!same(typed.min, now.min) || !same(typed.max, now.max)) {
        commit(typed, {});
    }
}

void DistributionView::applyMethod(int row)
{
    if (!m_layer || !m_costs || row < 0 || row >= static_cast<int>(m_shown.size())) {
        return;
    }
    const core::MethodOutcome& outcome =
        m_costs->methods[static_cast<std::size_t>(m_shown[static_cast<std::size_t>(row)])];
    core::OperatorSettings settings = ownSettings(*m_plan, *m_layer);
    settings.activation.method = outcome.method;
    settings.activation.range.reset();
    emit planEdited({std::make_shared<core::QuantizationPlan>(withSettings(*m_plan, *m_layer, settings)),
                     tr("%1 for %2").arg(methodTitle(outcome.method), QString::fromStdString(m_layer->name)),
                     {}});
}

} // namespace views
