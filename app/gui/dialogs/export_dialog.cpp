#include "app/gui/dialogs/export_dialog.h"

#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QVBoxLayout>

namespace app {

namespace {

QString textOf(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QLabel* wrapped(const char* name, QWidget* parent)
{
    auto* const label = new QLabel(parent);
    label->setObjectName(QLatin1String(name));
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

} // namespace

ExportDialog::ExportDialog(RunController* controller, std::filesystem::path model,
                           std::shared_ptr<const core::QuantizationPlan> plan,
                           std::shared_ptr<const core::Report> report, QWidget* parent)
    : QDialog(parent)
    , m_model(std::move(model))
    , m_plan(std::move(plan))
    , m_report(std::move(report))
    , m_formats(new QListWidget(this))
    , m_help(wrapped("exportHelp", this))
    , m_lossesTitle(wrapped("exportLossesTitle", this))
    , m_losses(new QListWidget(this))
    , m_path(new QLineEdit(this))
    , m_write(new QPushButton(tr("Write and verify"), this))
    , m_verdict(wrapped("exportVerdict", this))
    , m_service(controller)
{
    setObjectName(QStringLiteral("exportDialog"));
    setWindowTitle(tr("Export"));
    m_formats->setObjectName(QStringLiteral("exportFormats"));
    m_formats->setAccessibleName(tr("Formats"));
    m_formats->setMinimumWidth(300);
    m_formats->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_formats->setTextElideMode(Qt::ElideMiddle);
    for (const io::ExportFormat& format : io::exportFormats()) {
        auto* const item = new QListWidgetItem(textOf(format.title), m_formats);
        item->setData(Qt::UserRole, textOf(format.name));
        item->setToolTip(textOf(format.help));
    }
    m_losses->setObjectName(QStringLiteral("exportLosses"));
    m_losses->setAccessibleName(tr("What the format cannot express"));
    m_losses->setWordWrap(true);
    m_losses->setSelectionMode(QAbstractItemView::NoSelection);
    m_path->setObjectName(QStringLiteral("exportPath"));
    m_path->setAccessibleName(tr("File to write"));
    m_write->setObjectName(QStringLiteral("exportWrite"));
    m_write->setDefault(true);
    auto* const browse = new QPushButton(tr("Browse…"), this);
    auto* const file = new QHBoxLayout;
    file->addWidget(new QLabel(tr("File"), this));
    file->addWidget(m_path, 1);
    file->addWidget(browse);
    file->addWidget(m_write);
    auto* const right = new QVBoxLayout;
    right->addWidget(m_help);
    right->addWidget(m_lossesTitle);
    right->addWidget(m_losses, 1);
    right->addLayout(file);
    right->addWidget(m_verdict);
    auto* const columns = new QHBoxLayout;
    columns->addWidget(m_formats, 2);
    columns->addLayout(right, 5);
    auto* const buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    auto* const layout = new QVBoxLayout(this);
    layout->addLayout(columns, 1);
    layout->addWidget(buttons);
    resize(940, 520);

    connect(m_formats, &QListWidget::currentRowChanged, this, &ExportDialog::choose);
    connect(browse, &QPushButton::clicked, this, &ExportDialog::browse);
    connect(m_write, &QPushButton::clicked, this, [this] {
        if (!mayOverwrite()) {
            return;
        }
        QSettings().setValue(QStringLiteral("export/folder"), QFileInfo(m_path->text()).absolutePath());
        m_write->setEnabled(false);
        m_verdict->setText(tr("Writing…"));
        m_service.write(m_path->text().toStdString());
    });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(&m_service, &ExportService::ready, this, &ExportDialog::showLosses);
    connect(&m_service, &ExportService::written, this, [this](const QStringList& files) {
        m_verdict->setText(tr("Written: %1. Reading it back…").arg(files.join(QStringLiteral(", "))));
    });
    connect(&m_service, &ExportService::verified, this,
            [this](const auto& verification) { showVerdict(*verification); });
    connect(&m_service, &ExportService::failed, this, [this](const QString& message) {
        m_verdict->setText(message);
        m_write->setEnabled(true);
        emit settled();
    });
    m_formats->setCurrentRow(0);
}

std::filesystem::path ExportDialog::exportFolder() const
{
    const QString last = QSettings().value(QStringLiteral("export/folder")).toString();
    return !last.isEmpty() && QFileInfo(last).isDir() ? std::filesystem::path(last.toStdString())
                                                      : std::filesystem::path(QDir::homePath().toStdString());
}

bool ExportDialog::mayOverwrite()
{
    const QFileInfo file(m_path->text());
    return !file.exists() || m_path->text() == m_agreed
        || QMessageBox::question(this, tr("Export"), tr("%1 exists. Replace it?").arg(file.fileName()))
        == QMessageBox::Yes;
}

void ExportDialog::choose()
{
    const io::ExportFormat& format = io::exportFormats()[static_cast<std::size_t>(m_formats->currentRow())];
    m_help->setText(QStringLiteral("<b>%1</b>: %2").arg(textOf(format.title), textOf(format.help)));
    m_lossesTitle->setText(tr("Looking at what it can express…"));
    m_losses->clear();
    m_verdict->clear();
    m_write->setEnabled(false);
    const std::filesystem::path folder = m_path->text().isEmpty()
        ? exportFolder()
        : std::filesystem::path(m_path->text().toStdString()).parent_path();
    const QString extension = textOf(format.extension); // some carry the name: ".plan.json"
    const QString middle =
        extension.contains(textOf(format.name)) ? QString() : QLatin1Char('.') + textOf(format.name);
    m_path->setText(textOf((folder / m_model.stem()).string()) + middle + extension);
    m_service.prepare(format, m_model, m_plan, m_report);
}

void ExportDialog::browse()
{
    const QString file = QFileDialog::getSaveFileName(this, tr("Export"), m_path->text());
    if (!file.isEmpty()) {
        m_agreed = file; // the dialog asked about replacing it
        m_path->setText(file);
    }
}

void ExportDialog::showLosses()
{
    const PreparedExport& prepared = *m_service.prepared();
    m_losses->clear();
    if (!prepared.problem.isEmpty()) {
        m_lossesTitle->setText(tr("This plan cannot be written in this format:"));
        m_losses->addItem(prepared.problem);
    } else if (prepared.made.losses.empty()) {
        m_lossesTitle->setText(tr("Nothing is lost: the format says everything that the plan says."));
    } else {
        m_lossesTitle->setText(tr("%n things that the format cannot express:", nullptr,
                                  static_cast<int>(prepared.made.losses.size())));
        for (const io::ExportLoss& loss : prepared.made.losses) {
            m_losses->addItem(QString::fromStdString(io::toString(loss)));
        }
    }
    m_write->setEnabled(prepared.problem.isEmpty());
    emit settled();
}

QString ExportDialog::describe(const io::Execution& run)
{
    return tr("%1 on %2 samples against this int8 pipeline: %3 at %4%5")
        .arg(QString::fromStdString(run.runtime).toHtmlEscaped())
        .arg(run.samples)
        .arg(run.outputSqnrDb ? tr("%1 dB").arg(*run.outputSqnrDb, 0, 'f', 1) : tr("equal"),
             QString::fromStdString(run.output).toHtmlEscaped(),
             run.agreement ? tr(", same class for %1 %").arg(*run.agreement, 0, 'f', 1) : QString());
}

void ExportDialog::showVerdict(const io::Verification& verification)
{
    const bool isRun = verification.notExecuted.empty();
    QStringList lines{
        verification.passed() && !isRun
            ? tr("<b>Not verified against ONNX Runtime</b>: %1").arg(m_path->text().toHtmlEscaped())
            : verification.passed()
            ? tr("<b>✓ Verified</b>: %1").arg(m_path->text().toHtmlEscaped())
            : tr("<b>✗ Not as the plan says</b>: %1").arg(m_path->text().toHtmlEscaped())};
    const io::EncodingComparison& read = verification.encodings;
    if (read.tensors + read.operators > 0) {
        lines << tr("read back %1 tensors and %2 operators; %3 differ")
                     .arg(read.tensors)
                     .arg(read.operators)
                     .arg(read.differences.size());
    }
    for (const auto* const run : {&verification.ownExecution, &verification.execution}) {
        if (run->has_value()) {
            lines << describe(**run);
        }
    }
    if (!verification.notExecuted.empty()) {
        lines << tr("not run: %1").arg(QString::fromStdString(verification.notExecuted).toHtmlEscaped());
    }
    for (const std::string& note : verification.notes) {
        lines << QString::fromStdString(note).toHtmlEscaped();
    }
    for (const std::string& problem : verification.problems) {
        lines << QString::fromStdString(problem).toHtmlEscaped();
    }
    m_verdict->setText(lines.join(QStringLiteral("<br>")));
    m_write->setEnabled(true);
    emit settled();
}

} // namespace app
