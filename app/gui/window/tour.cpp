#include "app/gui/window/tour.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace app {

namespace {

struct Step
{
    const char* title;
    const char* text;
    const char* dock; ///< object name
};

constexpr std::array kSteps{
    Step{QT_TRANSLATE_NOOP("app::Tour", "Something is wrong"),
         QT_TRANSLATE_NOOP(
             "app::Tour",
             "This network reads handwritten digits. Look at the line at the bottom of the window: in FP32 "
             "it is "
             "right for 96 of 100 digits, in int8 for about a third. Somewhere between input and output the "
             "accuracy is lost."),
         "operatorsDock"},
    Step{QT_TRANSLATE_NOOP("app::Tour", "Find the layer"),
         QT_TRANSLATE_NOOP("app::Tour",
                           "Operators stand worst first. <b>At output</b> is the error of the network's "
                           "output when only this "
                           "operator is quantized: <b>block1/depthwise</b> ruins it alone. <b>N</b> and "
                           "<b>P</b> walk through the "
                           "list; the graph and every other part of the window follow."),
         "operatorsDock"},
    Step{QT_TRANSLATE_NOOP("app::Tour", "See where it happens"),
         QT_TRANSLATE_NOOP(
             "app::Tour",
             "The error profile shows the network from input to output; SQNR is in dB, higher is better. "
             "The accumulated line falls at one operator and never recovers, while the isolated "
             "line of all others stays high: they only inherit the error."),
         "profileDock"},
    Step{QT_TRANSLATE_NOOP("app::Tour", "Find the cause"),
         QT_TRANSLATE_NOOP("app::Tour",
                           "The column <b>Why</b> says <b>weights</b>: quantizing the output explains "
                           "little. Channels lists the "
                           "channels worst first: most are ruined, a few are fine. One scale for all weights "
                           "cannot serve channels "
                           "whose sizes differ a hundredfold."),
         "channelsDock"},
    Step{QT_TRANSLATE_NOOP("app::Tour", "Try a method"),
         QT_TRANSLATE_NOOP("app::Tour",
                           "Press <b>3</b> for entropy, or drag the handle in the distribution: the network "
                           "runs again by itself, "
                           "and nothing gets better, for the range of the output was never the problem. "
                           "<b>Ctrl+Z</b> takes it "
                           "back. Press <b>B</b> to pin these results as the baseline."),
         "methodsDock"},
    Step{QT_TRANSLATE_NOOP("app::Tour", "Mend it"),
         QT_TRANSLATE_NOOP("app::Tour",
                           "In the inspector set <b>Granularity</b> to <b>per-channel</b>. After a moment "
                           "the line at the bottom "
                           "says that int8 is as good as FP32 but for a point or two, and the baseline stays "
                           "behind in the error "
                           "profile."),
         "inspectorDock"},
    Step{QT_TRANSLATE_NOOP("app::Tour", "Or ask the doctor"),
         QT_TRANSLATE_NOOP(
             "app::Tour",
             "<b>Ctrl+Z</b> takes the change back. Now press <b>Diagnose</b>: the doctor charges "
             "the output's error to operators, names the cause with the numbers that prove it, "
             "and tries fixes. Every gain was measured before it is offered; <b>Try</b> pins "
             "the baseline first, <b>Accept</b> only applies."),
         "doctorDock"},
    Step{QT_TRANSLATE_NOOP("app::Tour", "Compare the runs"),
         QT_TRANSLATE_NOOP("app::Tour",
                           "Runs keeps every result with its plan. Select the first and the last to see "
                           "which settings differ and "
                           "how much each operator gained; go back to any of them."),
         "runsDock"},
    Step{QT_TRANSLATE_NOOP("app::Tour", "Take it with you"),
         QT_TRANSLATE_NOOP("app::Tour",
                           "<b>Ctrl+E</b> writes the tuned quantization for your runtime and checks the file "
                           "by reading it back. "
                           "<b>Ctrl+Shift+E</b> writes a report to pass on, <b>Ctrl+S</b> keeps the session. "
                           "Then open your own model with "
                           "<b>Ctrl+O</b> and its data "
                           "with <b>Ctrl+D</b>."),
         "operatorsDock"}};

} // namespace

int Tour::steps() { return static_cast<int>(kSteps.size()); }

Tour::Tour(QWidget* parent)
    : QDialog(parent, Qt::Tool)
    , m_title(new QLabel(this))
    , m_text(new QLabel(this))
    , m_back(new QPushButton(tr("Back"), this))
    , m_next(new QPushButton(this))
{
    setObjectName(QStringLiteral("tour"));
    m_title->setObjectName(QStringLiteral("tourTitle"));
    m_text->setObjectName(QStringLiteral("tourText"));
    m_back->setObjectName(QStringLiteral("tourBack"));
    m_next->setObjectName(QStringLiteral("tourNext"));
    QFont font = m_title->font();
    font.setBold(true);
    font.setPointSizeF(font.pointSizeF() * 1.2);
    m_title->setFont(font);
    m_text->setWordWrap(true);
    m_text->setAlignment(Qt::AlignTop);
    m_text->setMinimumSize(380, 130);
    m_next->setDefault(true);
    auto* const row = new QHBoxLayout;
    row->addStretch(1);
    row->addWidget(m_back);
    row->addWidget(m_next);
    auto* const layout = new QVBoxLayout(this);
    layout->addWidget(m_title);
    layout->addWidget(m_text, 1);
    layout->addLayout(row);
    connect(m_back, &QPushButton::clicked, this, [this] { go(m_step - 1); });
    connect(m_next, &QPushButton::clicked, this, [this] {
        if (m_step + 1 < steps()) {
            go(m_step + 1);
        } else {
            close();
        }
    });
}

void Tour::start()
{
    emit sampleWanted();
    show();
    raise();
    go(0);
}

void Tour::go(int step)
{
    m_step = step;
    const Step& now = kSteps[static_cast<std::size_t>(step)];
    setWindowTitle(tr("Tour, %1 of %2").arg(step + 1).arg(steps()));
    m_title->setText(QCoreApplication::translate("app::Tour", now.title));
    m_text->setText(QCoreApplication::translate("app::Tour", now.text));
    m_back->setEnabled(step > 0);
    m_next->setText(step + 1 < steps() ? tr("Next") : tr("Done"));
    emit dockWanted(dock());
    leaveInView(parentWidget()->findChild<QWidget*>(dock()));
}

QString Tour::dock() const { return QLatin1String(kSteps[static_cast<std::size_t>(m_step)].dock); }

void Tour::leaveInView(const QWidget* dock)
{
    const QWidget* const window = parentWidget();
    const auto covered = [&](QPoint at) {
        const QRect shown(dock->mapTo(window, QPoint()), dock->size());
        const QRect both = shown.intersected(QRect(at, frameSize()));
        return both.width() * both.height();
    };
    const QPoint now = window->mapFromGlobal(frameGeometry().topLeft());
    if (!dock || (window->rect().contains(QRect(now, frameSize())) && covered(now) == 0)) {
        return; // where it was put, it is in nobody's way
    }
    constexpr int kSide = 24;
    constexpr int kLower = 48; // clear of the line at the bottom, and of menu and tool bar
    const int right = window->width() - frameSize().width() - kSide;
    const int bottom = window->height() - frameSize().height() - kLower;
    const std::array places{QPoint(right, bottom),     QPoint(kSide, bottom),
                            QPoint(right / 2, bottom), QPoint(right / 2, 2 * kLower),
                            QPoint(kSide, 2 * kLower), QPoint(right, 2 * kLower)};
    move(window->mapToGlobal(*std::ranges::min_element(places, {}, covered)));
}

} // namespace app
