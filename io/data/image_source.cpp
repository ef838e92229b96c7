#include "io/data/input_source.h"
#include "io/files/input_files.h"

namespace io {

namespace {

class ImageSource : public InputSource
{
public:
    ImageSource(std::vector<std::filesystem::path> files, Preprocess preprocess, ChannelOrder order)
        : m_files(std::move(files))
        , m_preprocess(std::move(preprocess))
        , m_order(order)
    {
        for (const auto& file : m_files) {
            noteInput(file); // also those that a run leaves out
        }
    }
    [[nodiscard]] std::optional<std::size_t> size() const override { return m_files.size(); }
    [[nodiscard]] core::Tensor load(std::size_t index) const override
    {
        const std::string name = m_files[index].string();
        const Image image =
            applyColor(applyGeometry(decodeImage(m_files[index]), m_preprocess, name), m_preprocess.color);
        checkChannels(m_preprocess, image.channels, name);
        return toTensor(image, m_preprocess, m_order);
    }
    [[nodiscard]] std::string itemName(std::size_t index) const override
    {
        return m_files[index].filename().string();
    }
    [[nodiscard]] std::optional<core::Picture> picture(std::size_t index) const override
    {
        return thumbnail(decodeImage(m_files[index]));
    }
    [[nodiscard]] std::string fingerprint() const override
    {
        std::string text = m_preprocess.text() + "\n";
        for (const auto& file : m_files) {
            text += fileFingerprint(file);
        }
        return text;
    }

private:
    std::vector<std::filesystem::path> m_files;
    Preprocess m_preprocess;
    ChannelOrder m_order;
};

} // namespace

InputSourcePtr openImages(const InputDescription& input, const Preprocess& preprocess, const InputSpec& spec)
{
    return std::make_shared<ImageSource>(filesAt(input.path, hasImageExtension, "JPEG, PNG or BMP images"),
                                         preprocess, channelOrder(spec));
}

} // namespace io
