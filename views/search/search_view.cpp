#include "views/search/search_view.h"

#include "views/base/format.h"
#include "views/base/value_table.h"
#include "views/search/pareto_plot.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>

namespace views {

namespace {

enum Goal
{
    Top1Drop,
    Sqnr,
    Int8Share
};

ValueTable* makeTable(QWidget* parent)
{
    const auto tr = [](const char* text) { return SearchView::tr(text); };
    auto* const table = new ValueTable(
        QStringLiteral("searchTrials"), tr("Plans that were measured"),
        {{tr("#"), tr("Number of the trial"), true},
         {tr("int8 MACs"), tr("Share of the multiply-accumulates on integers of at most 8 bits, in percent"),
          true},
         {tr("SQNR (dB)"), tr("Of the output: −20·log₁₀(‖y−ŷ‖₂ / ‖y‖₂) over all evaluation samples"), true},
         {tr("Drop"), tr("Points of top-1 lost against FP32, over all evaluation samples"), true},
         {tr("Step"),
          tr("What was changed. ◆ is the best so far, ● lies on the front: nothing beats it in both"),
          false}},
        parent);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    return table;
}

} // namespace

SearchView::SearchView(QWidget* parent)
    : Panel(parent)
    , m_goal(new QComboBox(this))
    , m_target(new QDoubleSpinBox(this))
    , m_trials(new QSpinBox(this))
    , m_start(new QPushButton(this))
    , m_bar(new QProgressBar(this))
    , m_summary(new QLabel(this))
    , m_load(new QPushButton(tr("Load plan"), this))
    , m_plot(new ParetoPlot(this))
    , m_table(makeTable(this))
{
    setObjectName(QStringLiteral("searchView"));
    m_goal->setObjectName(QStringLiteral("searchGoal"));
    m_goal->setAccessibleName(tr("What the search is to reach"));
    m_goal->addItem(tr("Top-1 drop at most"), Top1Drop);
    m_goal->addItem(tr("Output SQNR at least"), Sqnr);
    m_goal->addItem(tr("int8 MACs at least"), Int8Share);
    m_target->setObjectName(QStringLiteral("searchTarget"));
    m_target->setAccessibleName(tr("Target"));
    m_trials->setObjectName(QStringLiteral("searchTrialCount"));
    m_trials->setAccessibleName(tr("Most trials"));
    m_trials->setRange(2, 10000);
    m_trials->setValue(60);
    m_trials->setSuffix(tr(" trials"));
    m_start->setObjectName(QStringLiteral("searchStart"));
    m_bar->setObjectName(QStringLiteral("searchProgress"));
    m_bar->setMaximumWidth(160);
    m_summary->setObjectName(QStringLiteral("searchSummary"));
    m_summary->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_load->setObjectName(QStringLiteral("searchLoad"));
    m_load->setToolTip(tr("Takes the chosen plan over, as an edit that Undo takes back"));

    auto* const head = new QHBoxLayout;
    for (QWidget* const widget :
         std::initializer_list<QWidget*>{m_goal, m_target, m_trials, m_start, m_bar}) {
        head->addWidget(widget);
    }
    head->addWidget(m_summary, 1);
    head->addWidget(m_load);
    auto* const splitter = new QSplitter(this);
    splitter->addWidget(m_plot);
    splitter->addWidget(m_table);
    splitter->setSizes({500, 500});
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, 4, 4, 0);
    layout->addLayout(head);
    layout->addWidget(splitter, 1);

    connect(m_goal, &QComboBox::currentIndexChanged, this, &SearchView::proposeTarget);
    connect(m_target, &QDoubleSpinBox::valueChanged, this, &SearchView::refreshButtons);
    connect(m_trials, &QSpinBox::valueChanged, this, &SearchView::refreshButtons);
    connect(m_start, &QPushButton::clicked, this, [this] {
        if (m_busy) {
            emit cancelWanted();
        } else {
            start();
        }
    });
    connect(m_plot, &ParetoPlot::trialClicked, this, [this](int trial) {
        m_table->selectKey(trial);
        choose(trial);
    });
    connect(m_plot, &ParetoPlot::trialActivated, this, &SearchView::load);
    connect(m_table, &ValueTable::keySelected, this, &SearchView::choose);
    connect(m_table, &ValueTable::keyActivated, this, &SearchView::load);
    connect(m_load, &QPushButton::clicked, this, &SearchView::load);
    proposeTarget();
    setBusy(false);
    refresh();
}

void SearchView::proposeTarget()
{
    const struct
    {
        QString unit;
        double most;
        double proposed;
    } fields[]{{tr(" points"), 100.0, 1.0}, {tr(" dB"), 200.0, 30.0}, {tr(" %"), 100.0, 90.0}};
    const auto& field = fields[m_goal->currentData().toInt()];
    m_target->setSuffix(field.unit);
    m_target->setRange(0.0, field.most);
    m_target->setValue(field.proposed);
    refreshButtons();
}

core::SearchGoal SearchView::goal() const
{
    core::SearchGoal goal;
    switch (m_goal->currentData().toInt()) {
    case Top1Drop:
        goal.top1Drop = m_target->value();
        break;
    case Sqnr:
        goal.sqnrDb = m_target->value();
        break;
    default:
        goal.int8Share = m_target->value() / 100.0;
    }
    return goal;
}

void SearchView::start() { emit searchWanted(goal(), static_cast<std::size_t>(m_trials->value())); }

bool SearchView::canContinue() const
{
    return m_record && m_plan && *m_record->start == *m_plan && m_record->goal == goal()
        && !m_record->state.isFinished;
}

void SearchView::setResults(std::shared_ptr<const core::Results> results)
{
    const bool isFirst = results && !m_results;
    m_results = std::move(results);
    if (!m_results) {
        setRecord(nullptr);
    } else if (isFirst) {
        const auto& accuracy = m_results->report->accuracy;
        m_goal->setCurrentIndex(accuracy && accuracy->labelled ? Top1Drop : Sqnr);
    }
    refreshButtons();
}

void SearchView::setPlan(Plan plan)
{
    m_plan = std::move(plan);
    refreshSummary();
    refreshButtons();
}

void SearchView::setRecord(std::shared_ptr<const SearchRecord> record)
{
    const bool follows = !m_chosen || (m_record && *m_chosen == m_record->state.best);
    m_record = std::move(record);
    if (!m_record) {
        m_chosen.reset();
    } else if (follows || *m_chosen >= m_record->state.trials.size()) {
        m_chosen = m_record->state.best; // the best is chosen until the user looks at another
    }
    refresh();
}

void SearchView::setProgress(const core::Progress& progress)
{
    m_bar->setMaximum(static_cast<int>(progress.total));
    m_bar->setValue(static_cast<int>(progress.done));
    m_bar->setFormat(QStringLiteral("%p %"));
    m_summary->setText(tr("%1 …").arg(QString::fromStdString(progress.stage)));
}

void SearchView::setBusy(bool busy)
{
    m_busy = busy;
    m_bar->setVisible(busy);
    refreshSummary();
    refreshButtons();
}

void SearchView::refresh()
{
    m_plot->setRecord(m_record);
    refreshRows();
    m_plot->setChosen(m_chosen);
    refreshSummary();
    refreshButtons();
}

void SearchView::refreshRows()
{
    std::vector<ValueTable::Row> rows;
    for (std::size_t i = 0; m_record && i < m_record->state.trials.size(); ++i) {
        const core::SearchState& state = m_record->state;
        const core::Trial& trial = state.trials[i];
        const bool isFront = std::ranges::find(state.front, i) != state.front.end();
        const QString mark = i == state.best ? QStringLiteral("◆ ")
            : isFront                        ? QStringLiteral("● ")
                                             : QStringLiteral("   ");
        const QString what = QString::fromStdString(trial.what);
        rows.push_back(
            {static_cast<int>(i),
             {{QString::number(trial.number), static_cast<int>(trial.number), {}, {}},
              {tr("%1 %").arg(QString::number(100.0 * trial.int8Share, 'f', 1)), trial.int8Share, {}, {}},
              {trial.sqnrDb ? decibelText(*trial.sqnrDb) : tr("∞"), trial.sqnrDb.value_or(1e9), {}, {}},
              {trial.top1Drop ? QString::number(*trial.top1Drop, 'f', 2) : missingText(),
               trial.top1Drop ? QVariant(*trial.top1Drop) : QVariant(),
               {},
               {}},
              {mark + what, what, {}, what}}});
    }
    m_table->setRows(rows);
    m_table->selectKey(m_chosen ? std::optional(static_cast<int>(*m_chosen)) : std::nullopt);
}

void SearchView::refreshSummary()
{
    if (!m_record) {
        m_summary->setText(m_busy ? tr("Measuring the plan as it is …")
                                  : tr("Finds a method and a precision for each operator, as much of it "
                                       "in int8 as the target allows."));
        return;
    }
    const core::SearchState& state = m_record->state;
    const core::Trial& best = state.trials[state.best];
    const QString reached = core::reaches(best, m_record->goal) ? tr("reached") : tr("not reached");
    QString text = tr("Target %1 after %n trials, %2 samples each: %3 % in int8, %4 dB", nullptr,
                      static_cast<int>(state.trials.size()))
                       .arg(reached)
                       .arg(m_record->samples)
                       .arg(QString::number(100.0 * best.int8Share, 'f', 1),
                            best.sqnrDb ? decibelText(*best.sqnrDb) : tr("∞"));
    if (best.top1Drop) {
        text += tr(", drop %1 points").arg(QString::number(*best.top1Drop, 'f', 2));
    }
    const bool isOfThis = !m_plan || *m_plan == *m_record->start
        || std::ranges::any_of(state.trials, [&](const auto& trial) { return trial.plan == *m_plan; });
    if (!isOfThis) {
        text += tr(". Started from an earlier plan");
    }
    m_table->setStale(!isOfThis);
    m_summary->setText(text);
    m_summary->setToolTip(text);
}

void SearchView::refreshButtons()
{
    m_start->setText(m_busy ? tr("Pause") : canContinue() ? tr("Continue") : tr("Search"));
    m_start->setToolTip(m_busy ? tr("Stops; every trial is kept, also if the program ends")
                               : tr("Starts from the present plan; trials known from before cost nothing"));
    m_start->setEnabled(m_busy || m_results);
    m_goal->setEnabled(!m_busy);
    m_target->setEnabled(!m_busy);
    m_trials->setEnabled(!m_busy);
    m_load->setEnabled(m_record && m_chosen && m_plan && m_results
                       && m_record->state.trials[*m_chosen].plan != *m_plan);
}

void SearchView::choose(int trial)
{
    m_chosen = static_cast<std::size_t>(trial);
    m_plot->setChosen(m_chosen);
    refreshButtons();
}

void SearchView::load()
{
    if (m_load->isEnabled()) {
        const core::Trial& trial = m_record->state.trials[*m_chosen];
        emit planEdited({std::make_shared<const core::QuantizationPlan>(trial.plan),
                         tr("Search, trial %1: %2").arg(trial.number).arg(QString::fromStdString(trial.what)),
                         {}});
    }
}

} // namespace views
