#include "app/gui/dialogs/preprocess_form.h"

#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QLocale>
#include <QRegularExpression>
#include <QSpinBox>

#include <algorithm>
#include <optional>

namespace app {

namespace {

enum Resize
{
    KeepSize,
    Shorter,
    Height,
    Fraction
};
enum Cut
{
    Whole,
    CenterCrop,
    ResizeTo
};

/// Numbers between commas, semicolons or spaces; none when a word is no number.
std::optional<std::vector<float>> numbersIn(const QString& text)
{
    static const QRegularExpression kBetween(QStringLiteral("[\\s,;]+"));
    std::vector<float> numbers;
    for (const QString& word : text.split(kBetween, Qt::SkipEmptyParts)) {
        bool isNumber = false;
        numbers.push_back(QLocale::c().toFloat(word, &isNumber));
        if (!isNumber) {
            return std::nullopt;
        }
    }
    return numbers;
}

QString textOf(const std::vector<float>& numbers)
{
    QStringList words;
    for (const float number : numbers) {
        words << QString::number(static_cast<double>(number), 'g', 7);
    }
    return words.join(QStringLiteral(", "));
}

template <typename Field>
Field* named(Field* field, const char* name, const QString& accessible, const QString& tip)
{
    field->setObjectName(QLatin1String(name));
    field->setAccessibleName(accessible);
    field->setToolTip(tip);
    return field;
}

} // namespace

PreprocessForm::PreprocessForm(QWidget* parent)
    : QWidget(parent)
    , m_resize(named(new QComboBox(this), "resizeKind", tr("Resize"),
                     tr("The first step; bilinear, antialiased as Pillow and torchvision do")))
    , m_resizeValue(named(new QLineEdit(this), "resizeValue", tr("Size"),
                          tr("Pixels, or the share of the picture kept")))
    , m_cut(named(new QComboBox(this), "cutKind", tr("Then"), tr("The second step")))
    , m_cutWidth(named(new QSpinBox(this), "cutWidth", tr("Width"), tr("Width in pixels")))
    , m_cutHeight(named(new QSpinBox(this), "cutHeight", tr("Height"), tr("Height in pixels")))
    , m_color(named(new QComboBox(this), "color", tr("Colour"),
                    tr("Order of the channels that the network was trained with")))
    , m_layout(named(new QComboBox(this), "layout", tr("Array layout"),
                     tr("How channels lie in the file of an array; pictures need none")))
    , m_mean(named(
          new QLineEdit(this), "mean", tr("Mean"),
          tr("Taken away from every pixel (0…255): one number, or one per channel in the network's order")))
    , m_std(named(new QLineEdit(this), "std", tr("Standard deviation"),
                  tr("Every pixel is divided by it afterwards: (pixel − mean) / std")))
{
    setObjectName(QStringLiteral("preprocessForm"));
    m_resize->addItems({tr("keep the size"), tr("shorter side to"), tr("height to"), tr("central share")});
    m_cut->addItems({tr("nothing"), tr("cut the centre"), tr("resize to")});
    m_color->addItems({tr("as in the file"), QStringLiteral("RGB"), QStringLiteral("BGR"), tr("grey")});
    m_layout->addItems({tr("as the model's"), QStringLiteral("NCHW"), QStringLiteral("NHWC")});
    m_mean->setPlaceholderText(tr("0"));
    m_std->setPlaceholderText(tr("1"));
    for (QSpinBox* const side : {m_cutWidth, m_cutHeight}) {
        side->setRange(1, 1 << 15);
        side->setValue(224);
    }
    auto* const resize = new QHBoxLayout;
    resize->addWidget(m_resize, 1);
    resize->addWidget(m_resizeValue, 1);
    auto* const cut = new QHBoxLayout;
    cut->addWidget(m_cut, 1);
    cut->addWidget(m_cutWidth);
    cut->addWidget(m_cutHeight);
    auto* const form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    form->addRow(tr("Resize"), resize);
    form->addRow(tr("Then"), cut);
    form->addRow(tr("Colour"), m_color);
    form->addRow(tr("Array layout"), m_layout);
    form->addRow(tr("Mean"), m_mean);
    form->addRow(tr("Std"), m_std);
    const auto tell = [this] {
        showFields();
        if (!m_silent) {
            emit edited();
        }
    };
    for (QComboBox* const box : {m_resize, m_cut, m_color, m_layout}) {
        connect(box, &QComboBox::currentIndexChanged, this, tell);
    }
    for (QLineEdit* const field : {m_resizeValue, m_mean, m_std}) {
        connect(field, &QLineEdit::textChanged, this, tell);
    }
    for (QSpinBox* const side : {m_cutWidth, m_cutHeight}) {
        connect(side, &QSpinBox::valueChanged, this, tell);
    }
    showFields();
}

void PreprocessForm::showFields()
{
    m_resizeValue->setVisible(m_resize->currentIndex() != KeepSize);
    m_cutWidth->setVisible(m_cut->currentIndex() != Whole);
    m_cutHeight->setVisible(m_cut->currentIndex() != Whole);
}

void PreprocessForm::setPreprocess(const io::Preprocess& preprocess)
{
    m_silent = true;
    m_origin = preprocess;
    m_resize->setCurrentIndex(preprocess.resizeShorter         ? Shorter
                                  : preprocess.resizeHeight    ? Height
                                  : preprocess.centralFraction ? Fraction
                                                               : KeepSize);
    m_resizeValue->setText(preprocess.resizeShorter         ? QString::number(*preprocess.resizeShorter)
                               : preprocess.resizeHeight    ? QString::number(*preprocess.resizeHeight)
                               : preprocess.centralFraction ? QString::number(*preprocess.centralFraction)
                                                            : QString());
    m_cut->setCurrentIndex(preprocess.centerCrop ? CenterCrop : preprocess.resizeTo ? ResizeTo : Whole);
    if (const auto& size = preprocess.centerCrop ? preprocess.centerCrop : preprocess.resizeTo) {
        m_cutWidth->setValue(size->width);
        m_cutHeight->setValue(size->height);
    }
    m_color->setCurrentIndex(preprocess.color ? 1 + static_cast<int>(*preprocess.color) : 0);
    m_layout->setCurrentIndex(preprocess.layout ? 1 + static_cast<int>(*preprocess.layout) : 0);
    m_mean->setText(textOf(preprocess.mean));
    m_std->setText(textOf(preprocess.std));
    showFields();
    m_silent = false;
}

io::Preprocess PreprocessForm::preprocess() const
{
    io::Preprocess result = m_origin;
    result.centralFraction.reset();
    result.resizeShorter.reset();
    result.resizeHeight.reset();
    result.resizeTo.reset();
    result.centerCrop.reset();
    const double size = QLocale::c().toDouble(m_resizeValue->text());
    if (m_resize->currentIndex() == Fraction && size > 0.0 && size <= 1.0) {
        result.centralFraction = size;
    } else if (m_resize->currentIndex() == Shorter && size >= 1.0) {
        result.resizeShorter = static_cast<int>(size);
    } else if (m_resize->currentIndex() == Height && size >= 1.0) {
        result.resizeHeight = static_cast<int>(size);
    }
    result.widthMultiple = result.resizeHeight ? m_origin.widthMultiple : 1;
    const io::ImageSize cut{m_cutWidth->value(), m_cutHeight->value()};
    if (m_cut->currentIndex() == CenterCrop) {
        result.centerCrop = cut;
    } else if (m_cut->currentIndex() == ResizeTo) {
        result.resizeTo = cut;
    }
    result.color = m_color->currentIndex() == 0
        ? std::nullopt
        : std::optional(static_cast<io::ColorOrder>(m_color->currentIndex() - 1));
    result.layout = m_layout->currentIndex() == 0
        ? std::nullopt
        : std::optional(static_cast<io::ChannelOrder>(m_layout->currentIndex() - 1));
    result.mean = numbersIn(m_mean->text()).value_or(std::vector<float>{});
    result.std = numbersIn(m_std->text()).value_or(std::vector<float>{});
    return result;
}

QString PreprocessForm::problem() const
{
    const double size = QLocale::c().toDouble(m_resizeValue->text());
    if (m_resize->currentIndex() == Fraction && !(size > 0.0 && size <= 1.0)) {
        return tr("The central share must lie above 0 and be at most 1.");
    }
    if ((m_resize->currentIndex() == Shorter || m_resize->currentIndex() == Height)
        && !(size >= 1.0 && size <= 32768.0)) {
        return tr("The size to resize to must be a number of pixels.");
    }
    if (!numbersIn(m_mean->text())) {
        return tr("The mean must be numbers with commas between.");
    }
    const auto deviations = numbersIn(m_std->text());
    if (!deviations || std::ranges::count(*deviations, 0.0F) > 0) {
        return tr("The standard deviation must be numbers other than 0 with commas between.");
    }
    return {};
}

} // namespace app
