#include "app/gui/dialogs/data_dialog.h"

#include "app/gui/dialogs/preprocess_form.h"
#include "io/data/description_json.h"
#include "io/files/file.h"
#include "views/base/format.h"
#include "views/distribution/channel_histogram.h"

#include <QDialogButtonBox>
#include <QFileDialog>
#include <QGridLayout>
#include <QGroupBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPixmap>
#include <QPushButton>
#include <QSpinBox>

#include <algorithm>

namespace app {

namespace {

constexpr int kPictureSide = 224;

QString channelName(std::size_t channel, std::size_t channels)
{
    return channels == 1 ? DataDialog::tr("channel") : DataDialog::tr("channel %1").arg(channel);
}

QPixmap pixmapOf(const core::Picture& picture)
{
    const QImage image(picture.rgb.data(), picture.width, picture.height, picture.width * 3,
                       QImage::Format_RGB888);
    // Small pictures are enlarged without blur: their pixels are what the network sees.
    const auto mode = picture.width < kPictureSide ? Qt::FastTransformation : Qt::SmoothTransformation;
    return QPixmap::fromImage(image.scaled(kPictureSide, kPictureSide, Qt::KeepAspectRatio, mode));
}

} // namespace

DataDialog::DataDialog(DataPreviewService::Request start, QWidget* parent)
    : QDialog(parent)
    , m_request(std::move(start))
    , m_path(new QLineEdit(this))
    , m_form(new PreprocessForm(this))
    , m_sample(new QSpinBox(this))
    , m_picture(new QLabel(this))
    , m_numbers(new QLabel(this))
    , m_message(new QLabel(this))
    , m_histogram(new views::ChannelHistogram(this))
{
    setObjectName(QStringLiteral("dataDialog"));
    setWindowTitle(tr("Data"));
    m_path->setObjectName(QStringLiteral("dataPath"));
    m_path->setAccessibleName(tr("Data file or folder"));
    m_path->setPlaceholderText(tr("none: seeded random input, and every number says synthetic"));
    m_sample->setObjectName(QStringLiteral("dataSample"));
    m_sample->setAccessibleName(tr("Sample shown"));
    m_picture->setObjectName(QStringLiteral("dataPicture"));
    m_picture->setAccessibleName(tr("The sample as the network sees it"));
    m_picture->setFixedSize(kPictureSide, kPictureSide);
    m_picture->setAlignment(Qt::AlignCenter);
    m_picture->setWordWrap(true);
    m_numbers->setObjectName(QStringLiteral("dataNumbers"));
    m_numbers->setWordWrap(true);
    m_message->setObjectName(QStringLiteral("dataMessage"));
    m_message->setWordWrap(true);
    m_message->setTextInteractionFlags(Qt::TextSelectableByMouse);

    auto* const file = new QPushButton(tr("File…"), this);
    file->setToolTip(tr("A data description (.json), an .h5, .npy or .npz"));
    auto* const folder = new QPushButton(tr("Folder…"), this);
    folder->setToolTip(tr("A folder of images, with a labels.csv if there is one"));
    auto* const random = new QPushButton(tr("Random"), this);
    random->setToolTip(tr("Seeded random input: to look around, not to judge accuracy"));
    auto* const top = new QHBoxLayout;
    top->addWidget(m_path, 1);
    top->addWidget(file);
    top->addWidget(folder);
    top->addWidget(random);

    auto* const formBox = new QGroupBox(tr("Preprocessing"), this);
    auto* const formLayout = new QVBoxLayout(formBox);
    formLayout->addWidget(m_form);
    auto* const order =
        new QLabel(tr("In this order, from pixels 0…255. What the network was trained with decides; the "
                      "model's description says it."),
                   formBox);
    order->setWordWrap(true);
    order->setForegroundRole(QPalette::PlaceholderText);
    formLayout->addWidget(order);
    formLayout->addStretch(1);

    auto* const previewBox = new QGroupBox(tr("What the network is given"), this);
    auto* const preview = new QGridLayout(previewBox);
    auto* const which = new QHBoxLayout;
    which->addWidget(new QLabel(tr("Sample"), previewBox));
    which->addWidget(m_sample);
    which->addStretch(1);
    preview->addLayout(which, 0, 0, 1, 2);
    preview->addWidget(m_picture, 1, 0, Qt::AlignTop);
    preview->addWidget(m_numbers, 1, 1, Qt::AlignTop);
    preview->addWidget(m_histogram, 2, 0, 1, 2);
    preview->setColumnStretch(1, 1);
    preview->setRowStretch(2, 1);

    auto* const middle = new QHBoxLayout;
    middle->addWidget(formBox, 2);
    middle->addWidget(previewBox, 3);
    auto* const buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_use = buttons->addButton(tr("Use"), QDialogButtonBox::AcceptRole);
    m_use->setObjectName(QStringLiteral("dataUse"));
    auto* const layout = new QVBoxLayout(this);
    layout->addLayout(top);
    layout->addLayout(middle, 1);
    layout->addWidget(m_message);
    layout->addWidget(buttons);
    resize(820, 560);

    // In the context of a member, not of the dialog: a field that goes loses the focus, which ends the
    // editing, when all members are gone.
    connect(m_path, &QLineEdit::editingFinished, &m_service, [this] {
        if (m_path->text() != QString::fromStdString(m_request.data.string())) {
            setData(m_path->text().toStdString());
        }
    });
    connect(file, &QPushButton::clicked, this, &DataDialog::browseFile);
    connect(folder, &QPushButton::clicked, this, &DataDialog::browseFolder);
    connect(random, &QPushButton::clicked, this, [this] { setData({}); });
    connect(m_form, &PreprocessForm::edited, this, &DataDialog::edit);
    connect(m_sample, &QSpinBox::valueChanged, this, [this](int value) {
        m_request.sample = static_cast<std::size_t>(value);
        refresh();
    });
    connect(buttons, &QDialogButtonBox::accepted, this, &DataDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &DataDialog::reject);
    connect(&m_service, &DataPreviewService::ready, this, [this](const auto& ready) {
        m_preview = ready;
        showPreview(*ready);
        emit previewed();
    });
    setData(m_request.data);
}

void DataDialog::setData(const std::filesystem::path& data)
{
    m_request.data = data;
    m_request.description.reset();
    m_edited = false;
    m_path->setText(QString::fromStdString(data.string()));
    refresh();
}

QString DataDialog::startFolder() const
{
    return m_path->text().isEmpty() ? QString::fromStdString(m_request.model.parent_path().string())
                                    : m_path->text();
}

void DataDialog::browseFile()
{
    const QString file = QFileDialog::getOpenFileName(
        this, tr("Choose data"), startFolder(), tr("Data (*.json *.h5 *.hdf5 *.npy *.npz);;All files (*)"));
    if (!file.isEmpty()) {
        setData(file.toStdString());
    }
}

void DataDialog::browseFolder()
{
    const QString folder =
        QFileDialog::getExistingDirectory(this, tr("Choose a folder of images"), startFolder());
    if (!folder.isEmpty()) {
        setData(folder.toStdString());
    }
}

void DataDialog::edit()
{
    if (!m_preview || !m_preview->description) {
        return;
    }
    const QString problem = m_form->problem();
    if (!problem.isEmpty()) {
        m_message->setText(problem);
        m_use->setEnabled(false);
        return;
    }
    m_request.description = m_request.description ? m_request.description : m_preview->description;
    m_request.description->preprocess = m_form->preprocess();
    m_edited = true;
    refresh();
}

void DataDialog::refresh()
{
    m_use->setEnabled(false);
    m_service.request(m_request);
}

void DataDialog::showPreview(const DataPreview& preview)
{
    if (preview.description && !m_edited) {
        m_form->setPreprocess(preview.description->preprocess);
    }
    m_form->setEnabled(preview.description.has_value() && !m_request.data.empty());
    m_use->setEnabled(preview.problem.empty());
    m_use->setText(m_edited ? tr("Save and use…") : tr("Use"));
    const QSignalBlocker quiet(m_sample);
    m_sample->setRange(0, static_cast<int>(std::max<std::size_t>(1, preview.samples)) - 1);
    m_sample->setSuffix(tr(" of %1").arg(preview.samples));
    QString message = QString::fromStdString(preview.problem);
    for (const std::string& warning : preview.warnings) {
        message += (message.isEmpty() ? QString() : QStringLiteral("\n")) + QString::fromStdString(warning);
    }
    m_message->setText(message);
    showInput();
}

void DataDialog::showInput()
{
    m_picture->clear();
    m_numbers->clear();
    m_histogram->setChannels({}, 0.0, 1.0);
    if (m_preview->inputs.empty()) {
        m_picture->setText(tr("Nothing to show: see the message below"));
        return;
    }
    QString text =
        QStringLiteral("<b>%1</b>").arg(QString::fromStdString(m_preview->sampleName).toHtmlEscaped());
    for (const io::InputPreview& input : m_preview->inputs) {
        text += QStringLiteral("<br>%1: %2 %3, %4 … %5")
                    .arg(QString::fromStdString(input.name).toHtmlEscaped(),
                         QString::fromUtf8(core::nameOf(input.type).data()),
                         QString::fromStdString(core::toString(input.shape)), views::realText(input.low),
                         views::realText(input.high));
        for (std::size_t c = 0; c < std::min<std::size_t>(input.channels.size(), 4); ++c) {
            const io::ChannelPreview& channel = input.channels[c];
            text +=
                QStringLiteral("<br>&nbsp;&nbsp;%1: %2 … %3, %4")
                    .arg(channelName(c, input.channels.size()), views::realText(channel.min),
                         views::realText(channel.max), tr("mean %1").arg(views::realText(channel.mean, 3)));
            if (channel.notFinite > 0) {
                text += QStringLiteral(", <b>%1</b>")
                            .arg(tr("%n not finite", nullptr, static_cast<int>(channel.notFinite)));
            }
        }
    }
    m_numbers->setText(text);
    // The input that looks like a picture, else the first.
    const auto found =
        std::ranges::find_if(m_preview->inputs, [](const auto& input) { return input.picture.has_value(); });
    const io::InputPreview& shown = found == m_preview->inputs.end() ? m_preview->inputs.front() : *found;
    if (shown.picture) {
        m_picture->setPixmap(pixmapOf(*shown.picture));
    } else {
        m_picture->setText(tr("not a picture"));
    }
    std::vector<views::ChannelCurve> curves;
    for (std::size_t c = 0; c < std::min<std::size_t>(shown.channels.size(), 8); ++c) {
        const io::ChannelPreview& channel = shown.channels[c];
        curves.push_back({channelName(c, shown.channels.size()), channel.mean, channel.min, channel.max,
                          channel.histogram});
    }
    m_histogram->setChannels(std::move(curves), shown.low, shown.high);
}

bool DataDialog::save(const std::filesystem::path& file)
{
    try {
        io::writeFileAtomically(file, io::descriptionToJson(*m_request.description, file.parent_path()));
    } catch (const std::exception& error) {
        m_message->setText(QString::fromUtf8(error.what()));
        return false;
    }
    setData(file);
    return true;
}

void DataDialog::accept()
{
    if (m_edited) {
        std::filesystem::path proposed = m_request.data;
        if (proposed.extension() != ".json") {
            proposed += ".data.json";
        }
        const QString file = QFileDialog::getSaveFileName(this, tr("Save the description"),
                                                          QString::fromStdString(proposed.string()),
                                                          tr("Data descriptions (*.json)"));
        if (file.isEmpty() || !save(file.toStdString())) {
            return;
        }
    }
    QDialog::accept();
}

} // namespace app
