#include "views/base/thumbnails.h"

#include <QPainter>

#include <exception>

namespace views {

QImage pictureOf(const core::Dataset& dataset, std::size_t sample, int side)
{
    const auto picture = dataset.picture(sample);
    if (!picture || picture->width < 1 || picture->height < 1) {
        return {};
    }
    const QImage image(picture->rgb.data(), picture->width, picture->height, picture->width * 3,
                       QImage::Format_RGB888);
    const auto mode = picture->width < side ? Qt::FastTransformation : Qt::SmoothTransformation;
    return image.scaled(side, side, Qt::KeepAspectRatio, mode).copy();
}

namespace {

/// In the middle of a transparent square, so that names beside it line up.
QImage squared(const QImage& image, int side)
{
    if (image.isNull()) {
        return image;
    }
    QImage square(side, side, QImage::Format_ARGB32_Premultiplied);
    square.fill(Qt::transparent);
    QPainter painter(&square);
    painter.drawImage((side - image.width()) / 2, (side - image.height()) / 2, image);
    return square;
}

} // namespace

void Thumbnails::setDataset(std::shared_ptr<const core::Dataset> dataset)
{
    m_jobs.cancelAll();
    m_known.clear();
    m_dataset = std::move(dataset);
}

void Thumbnails::want(const std::vector<std::size_t>& samples)
{
    std::vector<std::size_t> missing;
    for (const std::size_t sample : samples) {
        if (m_dataset && sample < m_dataset->size() && !m_known.contains(sample)) {
            missing.push_back(sample);
        }
    }
    if (missing.empty()) {
        return;
    }
    const auto read = [this, dataset = m_dataset, missing](const Jobs::Call& call) {
        for (const std::size_t sample : missing) {
            QImage image;
            try {
                image = squared(pictureOf(*dataset, sample, kSide), kSide);
            } catch (const std::exception&) {
                // A picture that cannot be read is told by the run itself; here it stays empty.
            }
            if (call.stop.stop_requested()) {
                return false;
            }
            call.tell([this, sample, image] {
                m_known.insert(sample);
                emit ready(sample, image);
            });
        }
        return true;
    };
    m_jobs.run(Jobs::Lane::Preview, this, read, [](bool) {});
}

} // namespace views
