#include "core/base/error.h"
#include "io/data/input_source.h"
#include "io/data/wav_file.h"

#include <algorithm>
#include <fmt/format.h>

namespace io {

namespace {

/// Windows of one recording after another.
class AudioSource : public InputSource
{
public:
    AudioSource(std::vector<WavFile> files, InputDescription input, const InputSpec& spec)
        : m_files(std::move(files))
        , m_input(std::move(input))
    {
        m_shape = {m_input.context + m_input.window};
        // A mono axis between batch and time: [N, 1, T].
        if (spec.hasShape && spec.shape.size() == 3
            && (spec.shape[1] == 1 || spec.shape[1] == core::kDynamic)) {
            m_shape.insert(m_shape.begin(), 1);
        }
        for (const WavFile& file : m_files) {
            m_firstWindows.push_back(m_windows);
            const std::int64_t past = std::max<std::int64_t>(0, file.frames() - m_input.window);
            m_windows += static_cast<std::size_t>((past + m_input.hop - 1) / m_input.hop + 1);
        }
    }
    [[nodiscard]] std::optional<std::size_t> size() const override { return m_windows; }
    [[nodiscard]] core::Tensor load(std::size_t index) const override
    {
        const std::size_t file = fileOf(index);
        const auto start = static_cast<std::int64_t>(index - m_firstWindows[file]) * m_input.hop;
        const std::vector<float> values =
            m_files[file].read(start - m_input.context, m_input.context + m_input.window);
        return core::makeTensor<float>(m_shape, values);
    }
    [[nodiscard]] std::string itemName(std::size_t index) const override
    {
        const std::size_t file = fileOf(index);
        return fmt::format("{}#{}", std::filesystem::path(m_files[file].name()).filename().string(),
                           index - m_firstWindows[file]);
    }
    [[nodiscard]] bool startsSequence(std::size_t index) const override
    {
        return std::ranges::binary_search(m_firstWindows, index);
    }
    [[nodiscard]] std::string fingerprint() const override
    {
        std::string text = fmt::format("audio {} {} {}\n", m_input.window, m_input.hop, m_input.context);
        for (const WavFile& file : m_files) {
            text += fileFingerprint(file.name());
        }
        return text;
    }

private:
    [[nodiscard]] std::size_t fileOf(std::size_t index) const
    {
        return static_cast<std::size_t>(std::ranges::upper_bound(m_firstWindows, index)
                                        - m_firstWindows.begin())
            - 1;
    }

    std::vector<WavFile> m_files;
    InputDescription m_input;
    core::Shape m_shape;
    std::vector<std::size_t> m_firstWindows; ///< number of its first window, by file
    std::size_t m_windows = 0;
};

bool isWav(const std::filesystem::path& path)
{
    return path.extension() == ".wav" || path.extension() == ".WAV";
}

} // namespace

InputSourcePtr openAudio(const InputDescription& input, const InputSpec& spec)
{
    constexpr std::int64_t kMostValues = std::int64_t{1} << 28;
    if (input.window > kMostValues || input.context > kMostValues) {
        throw core::Error(
            core::ErrorKind::OutOfBudget,
            fmt::format("{}: a window of {} + {} values", input.path.string(), input.context, input.window));
    }
    std::vector<WavFile> files;
    for (const auto& path : filesAt(input.path, isWav, "WAV recordings")) {
        files.emplace_back(path);
        if (files.back().frames() == 0) {
            throw core::Error(core::ErrorKind::Usage,
                              fmt::format("{}: no samples in the recording", path.string()));
        }
    }
    return std::make_shared<AudioSource>(std::move(files), input, spec);
}

} // namespace io
