#pragma once

#include "io/files/random_access_file.h"

#include <vector>

namespace io {

/// A RIFF WAVE recording: PCM of 8, 16, 24 or 32 bits, or IEEE float of 32 or 64, any number of channels.
class WavFile
{
public:
    /// Throws core::Error naming the file: not WAVE, an encoding we do not know, truncated.
    explicit WavFile(const std::filesystem::path& path);

    [[nodiscard]] std::int64_t frames() const { return m_frames; }
    [[nodiscard]] int sampleRate() const { return m_sampleRate; } ///< Hz
    /// Frames [first, first + count), the mean over the channels, −1…1 (PCM / 2^(bits − 1)); silence outside
    /// the recording.
    [[nodiscard]] std::vector<float> read(std::int64_t first, std::int64_t count) const;
    [[nodiscard]] const std::string& name() const { return m_file.name(); }

private:
    [[nodiscard]] float decoded(const std::byte* sample) const;

    RandomAccessFile m_file;
    std::uint64_t m_dataOffset = 0;
    std::int64_t m_frames = 0;
    int m_sampleRate = 0;
    std::size_t m_channels = 0;
    std::size_t m_sampleBytes = 0;
    bool m_isFloat = false;
};

} // namespace io
