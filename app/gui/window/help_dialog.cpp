#include "app/gui/window/help_dialog.h"

#include <QDialogButtonBox>
#include <QPushButton>
#include <QTabWidget>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace app {

namespace {

QString keysPage()
{
    const std::pair<QString, QString> keys[]{
        {QStringLiteral("N, P"), HelpDialog::tr("next and previous worst operator")},
        {QStringLiteral("Alt+Left"), HelpDialog::tr("back to what was selected before")},
        {QStringLiteral("1 … 6"),
         HelpDialog::tr("min-max, percentile 99.99, entropy, L2, L1, manual for the selection")},
        {QStringLiteral("F"), HelpDialog::tr("keep the selection in FP32, or quantize it again")},
        {QStringLiteral("[ ]"), HelpDialog::tr("move the threshold down or up by one step of the scale")},
        {QStringLiteral("B, D"), HelpDialog::tr("pin the results as baseline, compare runs")},
        {QStringLiteral("Ctrl+Shift+D"), HelpDialog::tr("diagnose: which operator, why, and what helps")},
        {QStringLiteral("Ctrl+Shift+P"),
         HelpDialog::tr("search a method and a precision for each operator, under a target")},
        {QStringLiteral("Space"), HelpDialog::tr("fit the graph")},
        {QStringLiteral("Ctrl+F, Esc"), HelpDialog::tr("filter operators, clear filter and search")},
        {QStringLiteral("Ctrl+Z, Ctrl+Y"), HelpDialog::tr("undo, redo: every edit of the plan")},
        {QStringLiteral("F5"), HelpDialog::tr("run again, or stop; edits run by themselves")},
        {QStringLiteral("Ctrl+O, Ctrl+D"), HelpDialog::tr("open a model, choose its data")},
        {QStringLiteral("Ctrl+S"),
         HelpDialog::tr(
             "save the session: plan with its history, runs, statistics, notes, layout; opening it "
             "computes nothing")},
        {QStringLiteral("Ctrl+E"), HelpDialog::tr("export the tuned quantization")},
        {QStringLiteral("Ctrl+Shift+E"), HelpDialog::tr("report as one HTML page")},
        {QStringLiteral("Ctrl+Shift+C"), HelpDialog::tr("copy the command line that does the same")},
        {QStringLiteral("Ctrl+C"), HelpDialog::tr("in a table: copy the selected rows for a spreadsheet")},
        {QStringLiteral("F1"), HelpDialog::tr("this help")}};
    QString page = QStringLiteral("<table cellspacing=6>");
    for (const auto& [key, what] : keys) {
        page += QStringLiteral("<tr><td><b>%1</b>&nbsp;&nbsp;</td><td>%2</td></tr>").arg(key, what);
    }
    return page + QStringLiteral("</table>")
        + HelpDialog::tr(
               "<p><b>Mouse.</b> Wheel zooms the graph and the plots, dragging moves them; the right button "
               "saves a "
               "plot as PNG, SVG, PDF or CSV and chooses columns of the table. A double click in the graph "
               "opens a "
               "block or shows the ONNX nodes of a fused operator. The handles in the distribution are "
               "dragged; "
               "the network runs again on release.</p>"
               "<p><b>Memory.</b> Run → Memory says how much may be kept to save time; no number depends on "
               "it.</p>"
               "<p><b>First numbers.</b> A long run shows its first 8, 32, 128 … samples while it goes on; "
               "the "
               "status line says on how many and with which 95 % interval.</p>"
               "<p><b>Filter.</b> Words that must all hold: <code>type:Conv name:block3 sqnr&lt;20 err&gt;1% "
               "why:clipped method:entropy</code>.</p>");
}

QString formulasPage()
{
    return HelpDialog::tr(
        "<p><b>real = scale × (q − zero point)</b>; q is rounded half to even and clipped to its codes.</p>"
        "<p>y is a value of the FP32 network, ŷ the same value of the quantized one; sums run over all "
        "samples.</p>"
        "<table cellspacing=6>"
        "<tr><td><b>Relative L2</b></td><td>‖y − ŷ‖ / ‖y‖ = √(Σ(y − ŷ)²) / √(Σy²)</td></tr>"
        "<tr><td><b>SQNR</b></td><td>−20 · log₁₀(relative L2), dB; higher is better, 6 dB is a factor of "
        "two</td></tr>"
        "<tr><td><b>RMSE in LSB</b></td><td>√(Σ(y − ŷ)² / n) / scale; rounding alone gives 0.29</td></tr>"
        "<tr><td><b>Clip</b></td><td>‖y − clamp(y)‖: what lies outside the range</td></tr>"
        "<tr><td><b>Round</b></td><td>‖clamp(y) − Q(y)‖: what the steps cost</td></tr>"
        "<tr><td><b>Total</b></td><td>L2² = clip² + round² + cross</td></tr></table>"
        "<p><b>Isolated</b>: what the operator itself adds, on inputs that are quantized already.<br>"
        "<b>Accumulated</b>: the quantized network against FP32, up to this operator.<br>"
        "<b>At output</b>: error of the network's output when only this operator is quantized.</p>"
        "<p><b>A number of your own</b> (mAP, error rate of characters, mIoU, AUC …): "
        "<code>\"metric\"</code> in "
        "the data description; the status line says it with its 95 % interval and the samples behind it. "
        "<code>noisefloor-cli help metric</code> lists the kinds. "
        "Samples then shows what both pipelines say of the sample that lost most, or of the selected one: "
        "boxes "
        "on the network's input, those lost or new dashed; texts with the characters that differ marked; "
        "masks "
        "with the pixels that differ.</p>"
        "<p><b>Tensors that a device wrote</b>: <code>noisefloor-cli device MODEL --data DATA --tensors "
        "DUMP</code> names the first operator that departs from our int8 and how it departs.</p>"
        "<p><b>Why</b>, in one word:</p><table cellspacing=6>"
        "<tr><td><b>clipped</b></td><td>most of it: values outside the range. Try a wider range, or "
        "min-max.</td></tr>"
        "<tr><td><b>rounded</b></td><td>most of it: rounding in a well-used range. Try L2, or more "
        "bits.</td></tr>"
        "<tr><td><b>range too wide</b></td><td>rounding, with most of the range unused. Try entropy, L2 or a "
        "percentile.</td></tr>"
        "<tr><td><b>weights</b></td><td>the weights' own quantization. Try weights per channel.</td></tr>"
        "<tr><td><b>inherited</b></td><td>small by itself, large in the network: look further up.</td></tr>"
        "<tr><td><b>amplified</b></td><td>small where it arises; operators below make it grow. More bits, or "
        "FP32, for it.</td></tr>"
        "<tr><td><b>harmless</b></td><td>an error that the output does not feel.</td></tr>"
        "<tr><td>nothing</td><td>under 1 % by itself, and none that grows: nothing to "
        "explain.</td></tr></table>");
}

QTextBrowser* pageWith(const QString& html, const char* name, QWidget* parent)
{
    auto* const page = new QTextBrowser(parent);
    page->setObjectName(QLatin1String(name));
    page->setFrameShape(QFrame::NoFrame);
    page->setHtml(html);
    return page;
}

} // namespace

HelpDialog::HelpDialog(QWidget* parent)
    : QDialog(parent)
{
    setObjectName(QStringLiteral("helpDialog"));
    setWindowTitle(tr("Help"));
    auto* const tabs = new QTabWidget(this);
    tabs->setObjectName(QStringLiteral("helpTabs"));
    tabs->addTab(pageWith(keysPage(), "helpKeys", tabs), tr("Keys"));
    tabs->addTab(pageWith(formulasPage(), "helpFormulas", tabs), tr("Formulas and terms"));
    auto* const buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    QPushButton* const tour = buttons->addButton(tr("Tour of the sample"), QDialogButtonBox::ActionRole);
    tour->setObjectName(QStringLiteral("helpTour"));
    auto* const layout = new QVBoxLayout(this);
    layout->addWidget(tabs);
    layout->addWidget(buttons);
    resize(640, 620);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    connect(tour, &QPushButton::clicked, this, [this] {
        close();
        emit tourWanted();
    });
}

} // namespace app
