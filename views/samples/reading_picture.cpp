#include "views/samples/reading_picture.h"

#include "core/metrics/boxes.h"
#include "views/base/theme.h"

#include <QPainter>

#include <algorithm>
#include <tuple>

namespace views {

namespace {

constexpr double kSameBox = 0.5;

QRectF placed(const core::Box& box, QSize size)
{
    return {QPointF(box.left * size.width(), box.top * size.height()),
            QPointF(box.right * size.width(), box.bottom * size.height())};
}

void drawBoxes(QPainter& painter, const std::vector<core::Box>& boxes, const std::vector<bool>& isAlone,
               const QColor& color, const QString& word, double width)
{
    const QSize size = painter.viewport().size();
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        const QRectF rect = placed(boxes[i], size);
        painter.setPen(QPen(color, isAlone[i] ? 3.0 : width, isAlone[i] ? Qt::DashLine : Qt::SolidLine));
        painter.drawRect(rect);
        if (isAlone[i]) {
            const QRectF text = painter.boundingRect(QRectF(), 0, word).adjusted(-3, -1, 3, 1);
            const QRectF tag(QPointF(std::clamp(rect.left(), 0.0, std::max(0.0, size.width() - text.width())),
                                     std::max(0.0, rect.top() - text.height())),
                             text.size());
            painter.fillRect(tag, color);
            painter.setPen(textOn(color));
            painter.drawText(tag, Qt::AlignCenter, word);
        }
    }
}

/// Rows and columns of a mask that an output of that shape became.
QSize maskSize(const core::Shape& output, std::size_t pixels)
{
    for (std::size_t last = output.size(); last >= 2; --last) { // [N,C,H,W], [N,H,W], then [N,H,W,C]
        const std::int64_t height = output[last - 2];
        const std::int64_t width = output[last - 1];
        if (static_cast<std::size_t>(height * width) == pixels) {
            return {static_cast<int>(width), static_cast<int>(height)};
        }
    }
    return {};
}

void drawMasks(QPainter& painter, const core::SampleReading& reading, const PlotColors& colors)
{
    const auto fp32 = core::doublesOf(reading.fp32.values);
    const auto quantized = core::doublesOf(reading.quantized.values);
    const QSize size = maskSize(reading.output, fp32.size());
    if (size.isEmpty() || quantized.size() != fp32.size()) {
        return;
    }
    constexpr int kOverlay = 110;
    constexpr int kDifference = 230;
    QImage mask(size, QImage::Format_ARGB32);
    for (int y = 0; y < size.height(); ++y) {
        for (int x = 0; x < size.width(); ++x) {
            const auto i = static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width())
                + static_cast<std::size_t>(x);
            const auto id = static_cast<std::size_t>(std::max(0.0, fp32[i]));
            QColor color = colors.series[id % colors.series.size()];
            color.setAlpha(id == 0 ? 0 : kOverlay);
            if (fp32[i] != quantized[i]) {
                color = colors.quantized;
                color.setAlpha(kDifference);
            }
            mask.setPixelColor(x, y, color);
        }
    }
    const QSize room = painter.viewport().size();
    painter.drawImage(QRect({}, room), mask);
}

} // namespace

BoxComparison compareBoxes(const std::vector<core::Box>& fp32, const std::vector<core::Box>& quantized)
{
    std::vector<std::tuple<double, std::size_t, std::size_t>> pairs;
    for (std::size_t i = 0; i < fp32.size(); ++i) {
        for (std::size_t j = 0; j < quantized.size(); ++j) {
            const double overlap = core::overlapOf(fp32[i], quantized[j]);
            if (fp32[i].category == quantized[j].category && overlap >= kSameBox) {
                pairs.emplace_back(-overlap, i, j);
            }
        }
    }
    std::ranges::sort(pairs);
    BoxComparison result{std::vector<bool>(fp32.size(), true), std::vector<bool>(quantized.size(), true)};
    double sum = 0.0;
    int count = 0;
    for (const auto& [negative, i, j] : pairs) {
        if (result.isLost[i] && result.isNew[j]) {
            result.isLost[i] = false;
            result.isNew[j] = false;
            sum -= negative;
            ++count;
        }
    }
    result.meanOverlap = count > 0 ? std::optional(sum / count) : std::nullopt;
    return result;
}

QImage inputPicture(const core::Tensor& input)
{
    const core::Shape& shape = input.shape();
    if (!input.isDefined() || shape.size() != 4 || input.type() != core::DataType::Float32) {
        return {};
    }
    const auto fits = [](std::int64_t channels) { return channels == 1 || channels == 3; };
    const bool isLast = !fits(shape[1]) && fits(shape[3]);
    if ((!isLast && !fits(shape[1])) || input.count() == 0) {
        return {};
    }
    const std::int64_t channels = shape[isLast ? 3 : 1];
    const std::int64_t height = shape[isLast ? 1 : 2];
    const std::int64_t width = shape[isLast ? 2 : 3];
    const auto values = input.as<float>().first(static_cast<std::size_t>(channels * height * width));
    const auto [low, high] = std::ranges::minmax(values);
    const float span = high > low ? high - low : 1.0F;
    QImage image(static_cast<int>(width), static_cast<int>(height), QImage::Format_RGB888);
    for (std::int64_t y = 0; y < height; ++y) {
        uchar* const line = image.scanLine(static_cast<int>(y));
        for (std::int64_t x = 0; x < width; ++x) {
            for (std::int64_t c = 0; c < 3; ++c) {
                const std::int64_t from = std::min(c, channels - 1);
                const std::int64_t at =
                    isLast ? (y * width + x) * channels + from : (from * height + y) * width + x;
                line[x * 3 + c] =
                    static_cast<uchar>(255.0F * (values[static_cast<std::size_t>(at)] - low) / span);
            }
        }
    }
    return image;
}

QImage readingPicture(const core::SampleReading& reading, QSize room, const QPalette& palette)
{
    const QImage input = inputPicture(reading.input);
    if (input.isNull() || room.isEmpty()) {
        return {};
    }
    QImage image = input.scaled(room, Qt::KeepAspectRatio, Qt::SmoothTransformation)
                       .convertToFormat(QImage::Format_RGB32);
    const PlotColors colors = plotColors(palette);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    const BoxComparison boxes = compareBoxes(reading.fp32.boxes, reading.quantized.boxes);
    constexpr double kWide = 2.5; // what lies under the other shows at its sides
    constexpr double kNarrow = 1.0;
    drawBoxes(painter, reading.fp32.boxes, boxes.isLost, colors.series[0], QStringLiteral("lost"), kWide);
    drawBoxes(painter, reading.quantized.boxes, boxes.isNew, colors.quantized, QStringLiteral("new"),
              kNarrow);
    const auto isMask = [](const core::Tensor& values) {
        return values.isDefined() && values.type() != core::DataType::Float32;
    };
    if (isMask(reading.fp32.values) && isMask(reading.quantized.values)) {
        drawMasks(painter, reading, colors);
    }
    return image;
}

} // namespace views
