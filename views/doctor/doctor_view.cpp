#include "views/doctor/doctor_view.h"

#include "views/base/elided_label.h"
#include "views/base/format.h"
#include "views/base/selection.h"
#include "views/base/value_table.h"
#include "views/doctor/doctor_tables.h"
#include "views/doctor/error_factors_view.h"

#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>

#include <cmath>

namespace views {

namespace {

QString textOf(const std::string& text) { return QString::fromStdString(text); }

QString textOf(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

/// "12.3 dB, top-1 36.3 %, 600 samples".
QString qualityText(const core::OutputQuality& quality)
{
    QString text =
        quality.sqnrDb ? DoctorView::tr("%1 dB").arg(decibelText(*quality.sqnrDb)) : DoctorView::tr("exact");
    if (quality.top1) {
        text += DoctorView::tr(", top-1 %1 %").arg(QString::number(*quality.top1, 'f', 1));
    }
    return text + DoctorView::tr(", %n samples", nullptr, static_cast<int>(quality.samples));
}

QString gainText(const std::optional<double>& gain, const QString& unit)
{
    return gain ? QStringLiteral("%1%2 %3").arg(*gain >= 0.0 ? QStringLiteral("+") : QString(),
                                                decibelText(*gain), unit)
                : missingText();
}

/// Without the operator where that is the one to blame, which stands beside it.
QString shortLabel(const std::string& label, const std::string& guilty)
{
    const QString text = textOf(label);
    const QString suffix = QStringLiteral(" for ") + textOf(guilty);
    return text.endsWith(suffix) ? text.chopped(suffix.size()) : text;
}

} // namespace

DoctorView::DoctorView(Selection* selection, QWidget* parent)
    : Panel(parent)
    , m_selection(selection)
    , m_summary(new QLabel(this))
    , m_bar(new QProgressBar(this))
    , m_start(new QPushButton(tr("Diagnose"), this))
    , m_applyAll(new QPushButton(tr("Apply all recommended"), this))
    , m_pages(new QStackedWidget(this))
    , m_findings(makeFindingsTable(this))
    , m_explanation(new QLabel(this))
    , m_proofs(makeProofsTable(this))
    , m_factors(new ErrorFactorsView(this))
    , m_fixes(makeFixesTable(this))
    , m_try(new QPushButton(tr("Try"), this))
    , m_accept(new QPushButton(tr("Accept"), this))
{
    setObjectName(QStringLiteral("doctorView"));
    m_summary->setObjectName(QStringLiteral("doctorSummary"));
    wrapInside(m_summary);
    m_bar->setObjectName(QStringLiteral("doctorProgress"));
    m_bar->setMaximumWidth(180);
    m_start->setObjectName(QStringLiteral("doctorStart"));
    m_applyAll->setObjectName(QStringLiteral("doctorApplyAll"));
    m_applyAll->setToolTip(
        tr("One edit with every recommended fix that still gained on top of those before it"));
    m_try->setObjectName(QStringLiteral("doctorTry"));
    m_try->setToolTip(tr("Pins the present results as the baseline and applies the fix: the profile and Runs "
                         "show the difference, Undo takes it back"));
    m_accept->setObjectName(QStringLiteral("doctorAccept"));
    m_accept->setToolTip(tr("Applies the fix; the network runs again"));
    m_explanation->setObjectName(QStringLiteral("doctorExplanation"));
    m_explanation->setWordWrap(true);
    m_explanation->setMinimumHeight(2 * fontMetrics().lineSpacing());
    m_explanation->setTextInteractionFlags(Qt::TextSelectableByMouse);

    auto* const head = new QHBoxLayout;
    head->addWidget(m_start);
    head->addWidget(m_bar);
    head->addWidget(m_summary, 1);
    head->addWidget(m_applyAll);
    auto* const buttons = new QHBoxLayout;
    buttons->addWidget(m_explanation, 1);
    buttons->addWidget(m_try);
    buttons->addWidget(m_accept);
    auto* const tables = new QSplitter(this);
    tables->addWidget(m_fixes);
    auto* const evidence = new QTabWidget(this); // side by side they would leave no room for the fixes
    evidence->setObjectName(QStringLiteral("doctorEvidence"));
    evidence->setDocumentMode(true);
    evidence->addTab(m_proofs, tr("Proof"));
    evidence->addTab(m_factors, tr("Error by factor"));
    tables->addWidget(evidence);
    tables->setSizes({420, 380});
    auto* const right = new QWidget(this);
    auto* const column = new QVBoxLayout(right);
    column->setContentsMargins(0, 0, 0, 0);
    column->addLayout(buttons);
    column->addWidget(tables, 1);
    auto* const splitter = new QSplitter(this);
    splitter->addWidget(m_findings);
    splitter->addWidget(right);
    splitter->setSizes({400, 600});
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, 4, 4, 0);
    layout->addLayout(head);
    layout->addWidget(m_pages, 1);
    auto* const hint = new QLabel(
        tr("Diagnose finds the operators that cost the output most, names the cause of each with the\n"
           "numbers that prove it, and tries every fix on your data before it recommends one."),
        this);
    hint->setObjectName(QStringLiteral("doctorHint"));
    hint->setAlignment(Qt::AlignCenter);
    hint->setForegroundRole(QPalette::PlaceholderText);
    m_pages->addWidget(hint);
    m_pages->addWidget(splitter);

    connect(m_start, &QPushButton::clicked, this,
            [this] { m_busy ? emit cancelWanted() : emit diagnosisWanted(); });
    connect(m_findings, &ValueTable::keySelected, this, &DoctorView::showFinding);
    connect(m_fixes, &ValueTable::keySelected, this, [this](int fix) {
        m_chosenFix = static_cast<std::size_t>(fix);
        refreshButtons();
    });
    connect(m_fixes, &ValueTable::keyActivated, this, [this] { apply(Then::Nothing); });
    connect(m_try, &QPushButton::clicked, this, [this] { apply(Then::Compare); });
    connect(m_accept, &QPushButton::clicked, this, [this] { apply(Then::Nothing); });
    connect(m_applyAll, &QPushButton::clicked, this, &DoctorView::applyAll);
    setBusy(false);
    refresh();
}

void DoctorView::setResults(std::shared_ptr<const core::Results> results)
{
    m_results = std::move(results);
    if (!m_results) {
        m_diagnosis.reset();
        m_chosen.reset();
        refresh();
    }
    refreshButtons();
}

void DoctorView::setPlan(Plan plan)
{
    m_plan = std::move(plan);
    refresh();
}

void DoctorView::setDiagnosis(std::shared_ptr<const core::Diagnosis> diagnosis)
{
    m_diagnosis = std::move(diagnosis);
    m_chosen.reset();
    refresh();
    if (m_diagnosis && !m_diagnosis->findings.empty()) {
        m_findings->selectKey(0);
        showFinding(0);
    }
}

void DoctorView::setProgress(const core::Progress& progress)
{
    m_bar->setMaximum(static_cast<int>(progress.total));
    m_bar->setValue(static_cast<int>(progress.done));
    m_bar->setFormat(QStringLiteral("%p %"));
    m_summary->setText(tr("%1 …").arg(textOf(progress.stage)));
}

void DoctorView::setBusy(bool busy)
{
    m_busy = busy;
    m_bar->setVisible(busy);
    if (!busy) {
        refresh(); // instead of the stage
    }
    m_start->setText(busy ? tr("Stop") : tr("Diagnose"));
    m_start->setToolTip(busy ? tr("Stops; the last diagnosis stays")
                             : tr("Charges the output error to operators, names causes, tries fixes"));
    refreshButtons();
}

const core::Finding* DoctorView::chosen() const
{
    return m_diagnosis && m_chosen ? &m_diagnosis->findings[*m_chosen] : nullptr;
}

const core::Fix* DoctorView::chosenFix() const
{
    const core::Finding* const finding = chosen();
    const core::Fix* const fix = finding && m_chosenFix ? &finding->fixes[*m_chosenFix] : nullptr;
    return fix && fix->apply && fix->refused.empty() && m_plan && m_results ? fix : nullptr;
}

void DoctorView::refresh()
{
    std::vector<ValueTable::Row> rows;
    for (std::size_t i = 0; m_diagnosis && i < m_diagnosis->findings.size(); ++i) {
        const core::Finding& finding = m_diagnosis->findings[i];
        const core::Fix* const fix = finding.recommendedFix();
        rows.push_back({static_cast<int>(i),
                        {{QString::number(i + 1), int(i), {}, {}},
                         {shareText(finding.severity), finding.severity, std::sqrt(finding.severity), {}},
                         gainCell(fix ? fix->gainDb : std::nullopt),
                         {textOf(finding.guilty), {}, {}, textOf(finding.guilty)},
                         {textOf(core::titleOf(finding.cause)), {}, {}, textOf(finding.explanation)}}});
    }
    m_findings->setRows(rows);
    m_pages->setCurrentIndex(m_diagnosis ? 1 : 0);
    m_applyAll->setVisible(m_diagnosis != nullptr);
    if (!m_diagnosis) {
        m_summary->setText(tr("Which operator, why, and what helps."));
    } else if (m_plan && *m_diagnosis->plan != *m_plan) {
        m_summary->setText(tr("Found under an earlier plan (%1). Diagnose again for this one.")
                               .arg(qualityText(m_diagnosis->quality)));
    } else if (m_diagnosis->accepted.empty()) {
        m_summary->setText(
            tr("Output %1. No fix gains enough to be recommended.").arg(qualityText(m_diagnosis->quality)));
    } else {
        const std::size_t count = m_diagnosis->accepted.size();
        const QString fixes =
            count == 1 ? tr("the recommended fix") : tr("all %1 recommended fixes").arg(count);
        m_summary->setText(
            tr("Output %1. With %2: %3.")
                .arg(qualityText(m_diagnosis->quality), fixes, qualityText(m_diagnosis->fixedQuality)));
    }
    refreshFixes();
}

void DoctorView::refreshFixes()
{
    const core::Finding* const finding = chosen();
    std::vector<ValueTable::Row> proofs;
    std::vector<ValueTable::Row> fixes;
    m_explanation->setText(finding ? textOf(finding->explanation) : QString());
    for (std::size_t i = 0; finding && i < finding->proofs.size(); ++i) {
        const core::Proof& proof = finding->proofs[i];
        const QString value = realText(proof.value)
            + (proof.unit.empty() ? QString() : QStringLiteral(" ") + textOf(proof.unit));
        proofs.push_back({static_cast<int>(i),
                          {{textOf(proof.name), {}, {}, textOf(proof.name)},
                           {value, proof.value, {}, {}},
                           {proof.samples ? QString::number(proof.samples) : missingText(),
                            QVariant::fromValue<qulonglong>(proof.samples),
                            {},
                            {}}}});
    }
    for (std::size_t i = 0; finding && i < finding->fixes.size(); ++i) {
        const core::Fix& fix = finding->fixes[i];
        const QString tip = fix.refused.empty()
            ? tr("%1 dB, %2 points%3")
                  .arg(gainText(fix.gainDb, {}), gainText(fix.gainTop1, {}),
                       fix.measured ? tr("; output then %1").arg(qualityText(*fix.measured))
                                    : tr("; not tried"))
            : tr("cannot be tried: %1").arg(textOf(fix.refused));
        const QString mark = fix.recommended ? QStringLiteral("● ") : QStringLiteral("   ");
        fixes.push_back({static_cast<int>(i),
                         {gainCell(fix.gainDb),
                          gainCell(fix.gainTop1),
                          {costText(fix.cost), int(fix.cost), {}, {}},
                          {mark + shortLabel(fix.label, finding->guilty), {}, {}, tip}}});
    }
    m_proofs->setRows(proofs);
    m_factors->setOperator(m_diagnosis, finding ? finding->guilty : std::string());
    m_fixes->setRows(fixes);
    if (finding) {
        const core::Fix* const best = finding->recommendedFix();
        m_chosenFix.reset();
        if (best) {
            m_chosenFix = static_cast<std::size_t>(best - finding->fixes.data());
        }
        m_fixes->selectKey(best ? std::optional(static_cast<int>(*m_chosenFix)) : std::nullopt);
    }
    refreshButtons();
}

void DoctorView::refreshButtons()
{
    const bool can = chosenFix() != nullptr;
    m_try->setEnabled(can);
    m_accept->setEnabled(can);
    m_applyAll->setEnabled(m_diagnosis && !m_diagnosis->accepted.empty() && m_plan && m_results
                           && *m_diagnosis->plan == *m_plan);
    m_start->setEnabled(m_busy || m_results);
}

void DoctorView::showFinding(int finding)
{
    m_chosen = static_cast<std::size_t>(finding);
    refreshFixes();
    const auto layer = m_results
        ? m_results->layer(m_diagnosis->findings[static_cast<std::size_t>(finding)].guilty)
        : nullptr;
    if (layer) {
        m_selection->select(layer->id);
    }
}

void DoctorView::apply(Then then)
{
    const core::Fix* const fix = chosenFix();
    if (!fix) {
        return;
    }
    if (then == Then::Compare) {
        emit baselineWanted();
    }
    emit planEdited(
        {std::make_shared<const core::QuantizationPlan>(fix->apply(*m_plan)), textOf(fix->label), {}});
}

void DoctorView::applyAll()
{
    emit planEdited({std::make_shared<const core::QuantizationPlan>(m_diagnosis->fixedPlan),
                     tr("Recommended fixes (%1)").arg(m_diagnosis->accepted.size()),
                     {}});
}

} // namespace views
