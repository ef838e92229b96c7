#include "core/base/error.h"
#include "io/data/array_file.h"
#include "io/data/input_source.h"

#include <fmt/format.h>

namespace io {

namespace {

using core::DataType;
using core::Error;
using core::ErrorKind;

bool fits(const core::Shape& item, const core::Shape& wanted)
{
    if (item.size() != wanted.size()) {
        return false;
    }
    for (std::size_t i = 0; i < item.size(); ++i) {
        if (wanted[i] != core::kDynamic && wanted[i] != item[i]) {
            return false;
        }
    }
    return true;
}

core::Shape channelsFirst(const core::Shape& item) { return {item[2], item[0], item[1]}; }

/// CxHxW ↔ HxWxC of a float item.
core::Tensor reordered(const core::Tensor& item, ChannelOrder to)
{
    const auto& s = item.shape();
    const std::int64_t channels = to == ChannelOrder::First ? s[2] : s[0];
    const std::int64_t pixels = item.count() / std::max<std::int64_t>(channels, 1);
    core::TensorBuilder builder(DataType::Float32,
                                to == ChannelOrder::First ? channelsFirst(s) : core::Shape{s[1], s[2], s[0]});
    const auto src = item.as<float>();
    const auto dst = builder.as<float>();
    for (std::int64_t c = 0; c < channels; ++c) {
        for (std::int64_t p = 0; p < pixels; ++p) {
            const auto planar = static_cast<std::size_t>(c * pixels + p);
            const auto interleaved = static_cast<std::size_t>(p * channels + c);
            dst[to == ChannelOrder::First ? planar : interleaved] =
                src[to == ChannelOrder::First ? interleaved : planar];
        }
    }
    return std::move(builder).finish();
}

/// Colors of a float item CxHxW: the order swapped, or one gray channel with the weights of applyColor.
core::Tensor recolored(const core::Tensor& item, ColorOrder color)
{
    const auto plane = static_cast<std::size_t>(item.shape()[1] * item.shape()[2]);
    const auto src = item.as<float>();
    core::Shape shape = item.shape();
    shape[0] = color == ColorOrder::Gray ? 1 : 3;
    core::TensorBuilder builder(DataType::Float32, std::move(shape));
    const auto dst = builder.as<float>();
    for (std::size_t i = 0; i < plane; ++i) {
        const float first = src[i];
        const float second = src[plane + i];
        const float third = src[2 * plane + i];
        if (color == ColorOrder::Gray) {
            dst[i] = (19595.0f * first + 38470.0f * second + 7471.0f * third) / 65536.0f;
        } else {
            dst[i] = third;
            dst[plane + i] = second;
            dst[2 * plane + i] = first;
        }
    }
    return std::move(builder).finish();
}

class ArraySource : public InputSource
{
public:
    ArraySource(std::unique_ptr<ArrayFile> file, std::string fileText, const Preprocess& preprocess,
                const InputSpec& spec)
        : m_file(std::move(file))
        , m_fileText(std::move(fileText))
        , m_preprocess(preprocess)
        , m_spec(spec)
        , m_item(m_file->shape().begin() + 1, m_file->shape().end())
    {
        if (m_item.size() == 2 && m_preprocess.color == ColorOrder::Gray && spec.hasShape
            && spec.shape.size() == 4) {
            m_item.insert(m_item.begin(), 1);
            m_stored = ChannelOrder::First;
        } else {
            m_stored = storedOrder();
        }
        check();
    }

    [[nodiscard]] std::optional<std::size_t> size() const override
    {
        return static_cast<std::size_t>(m_file->items());
    }
    [[nodiscard]] core::Tensor load(std::size_t index) const override
    {
        const core::Tensor item = m_file->read(static_cast<std::int64_t>(index), 1).reshaped(m_item);
        const ChannelOrder wanted = channelOrder(m_spec);
        if (keepsIntegers() && !isPicture() && m_stored == wanted) {
            return item;
        }
        if (m_item.size() != 3 || isWholeSample()) {
            return normalized(item, m_preprocess, 0);
        }
        if (isPicture()) {
            const Image image =
                applyColor(applyGeometry(imageOf(item), m_preprocess, m_file->name()), m_preprocess.color);
            return toTensor(image, m_preprocess, wanted);
        }
        core::Tensor values = core::castTo(item, DataType::Float32);
        if (m_stored == ChannelOrder::Last) {
            values = reordered(values, ChannelOrder::First);
        }
        if (values.shape()[0] == 3 && m_preprocess.color && *m_preprocess.color != ColorOrder::Rgb) {
            values = recolored(values, *m_preprocess.color);
        }
        values = normalized(values, m_preprocess, 0);
        return wanted == ChannelOrder::Last ? reordered(values, ChannelOrder::Last) : values;
    }
    [[nodiscard]] std::optional<core::Picture> picture(std::size_t index) const override
    {
        if (!isPicture()) {
            return std::nullopt;
        }
        return thumbnail(imageOf(m_file->read(static_cast<std::int64_t>(index), 1).reshaped(m_item)));
    }
    [[nodiscard]] std::string fingerprint() const override
    {
        return fmt::format("{}{}\n{}\n", m_fileText, core::toString(m_file->shape()), m_preprocess.text());
    }

private:
    /// Items with all axes of the input are whole samples, taken as they are.
    [[nodiscard]] bool isWholeSample() const { return m_spec.hasShape && fits(m_item, m_spec.shape); }
    [[nodiscard]] bool mayBePictures() const { return !m_spec.hasShape || m_spec.shape.size() == 4; }
    /// As the description says; else channels first unless only channels last fit the model.
    [[nodiscard]] ChannelOrder storedOrder() const
    {
        const auto wanted = itemShape(m_spec);
        if (m_item.size() != 3 || isWholeSample() || !mayBePictures()) {
            return ChannelOrder::First;
        }
        if (channelOrder(m_spec) == ChannelOrder::Last && (!wanted || fits(m_item, *wanted))) {
            return ChannelOrder::Last;
        }
        if (m_preprocess.layout) {
            return *m_preprocess.layout;
        }
        const bool isLast = wanted && !fits(m_item, *wanted)
            && (fits(channelsFirst(m_item), *wanted) || (m_item[0] != 1 && m_item[0] != 3));
        return isLast ? ChannelOrder::Last : ChannelOrder::First;
    }
    [[nodiscard]] std::int64_t channels() const
    {
        return m_stored == ChannelOrder::Last ? m_item[2] : m_item[0];
    }
    [[nodiscard]] bool isPicture() const
    {
        return m_file->type() == DataType::UInt8 && m_item.size() == 3 && !isWholeSample()
            && (channels() == 1 || channels() == 3) && m_item[0] > 0 && m_item[1] > 0 && m_item[2] > 0;
    }
    /// Ids and the like pass through unchanged, 64 bits wide.
    [[nodiscard]] bool keepsIntegers() const
    {
        return !core::isFloatingPoint(m_spec.type) && m_preprocess.mean.empty() && m_preprocess.std.empty();
    }

    /// What can be said before the first sample is read.
    void check() const
    {
        if (m_preprocess.hasGeometry() && !isPicture()) {
            throw Error(
                ErrorKind::Usage,
                fmt::format(
                    "{}: resizing and cropping need 8-bit images of 1 or 3 channels, samples are {} {}",
                    m_file->name(), core::toString(m_item), core::nameOf(m_file->type())));
        }
        const bool recolors = m_preprocess.color && *m_preprocess.color != ColorOrder::Rgb;
        const bool isColored = m_item.size() == 3 && (channels() == 3 || channels() == 1);
        if (recolors && !isColored) {
            throw Error(ErrorKind::Usage,
                        fmt::format("{}: preprocess.color needs images of 1 or 3 channels, samples are {}",
                                    m_file->name(), core::toString(m_item)));
        }
        if (m_item.size() == 3) {
            const bool toGray = m_preprocess.color == ColorOrder::Gray;
            const bool toThree = m_preprocess.color && !toGray && isPicture();
            checkChannels(m_preprocess, toGray ? 1 : toThree ? 3 : channels(), m_file->name());
        } else {
            checkChannels(m_preprocess, m_item.empty() ? 1 : m_item[0], m_file->name());
        }
    }

    [[nodiscard]] Image imageOf(const core::Tensor& item) const
    {
        const auto bytes = item.as<std::uint8_t>();
        const bool last = m_stored == ChannelOrder::Last;
        Image image{static_cast<int>(last ? m_item[1] : m_item[2]),
                    static_cast<int>(last ? m_item[0] : m_item[1]),
                    static_cast<int>(channels()),
                    {bytes.begin(), bytes.end()}};
        if (!last && image.channels == 3) {
            const std::size_t plane = bytes.size() / 3;
            for (std::size_t i = 0; i < bytes.size(); ++i) {
                image.pixels[i] = bytes[i % 3 * plane + i / 3];
            }
        }
        return image;
    }

    std::unique_ptr<ArrayFile> m_file;
    std::string m_fileText;
    Preprocess m_preprocess;
    InputSpec m_spec;
    core::Shape m_item;
    ChannelOrder m_stored = ChannelOrder::First;
};

} // namespace

InputSourcePtr openArray(const InputDescription& input, const Preprocess& preprocess, const InputSpec& spec)
{
    auto file = input.kind == InputKind::Hdf5 ? openHdf5(input.path, input.array)
        : input.kind == InputKind::Npz        ? openNpz(input.path, input.array)
                                              : openNpy(input.path);
    if (file->items() == 0) {
        throw Error(
            ErrorKind::Usage,
            fmt::format("{}: no samples: the array is {}", file->name(), core::toString(file->shape())));
    }
    // Which array of the file, without the folder.
    std::string array = file->name();
    if (array.starts_with(input.path.string())) {
        array.erase(0, input.path.string().size());
    }
    return std::make_shared<ArraySource>(std::move(file), fileFingerprint(input.path) + array, preprocess,
                                         spec);
}

} // namespace io
