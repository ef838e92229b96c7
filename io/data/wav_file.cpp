#include "io/data/wav_file.h"

#include "core/base/error.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <fmt/format.h>

namespace io {

namespace {

using core::Error;
using core::ErrorKind;

std::uint64_t littleEndian(const std::byte* bytes, std::size_t count)
{
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
    }
    return value;
}

bool is(const std::byte* bytes, std::string_view tag)
{
    return std::memcmp(bytes, tag.data(), tag.size()) == 0;
}

constexpr std::uint64_t kPcm = 1;
constexpr std::uint64_t kFloat = 3;
constexpr std::uint64_t kExtensible = 0xfffe; // the true format follows in the chunk

} // namespace

WavFile::WavFile(const std::filesystem::path& path)
    : m_file(path)
{
    const auto refuse = [&](std::string_view why) {
        return Error(ErrorKind::FileFormat, fmt::format("{}: {}", m_file.name(), why));
    };
    std::array<std::byte, 12> riff{};
    if (m_file.size() < riff.size()) {
        throw refuse("truncated: too short for a WAV recording");
    }
    m_file.read(0, riff);
    if (!is(riff.data(), "RIFF") || !is(riff.data() + 8, "WAVE")) {
        throw refuse("not a RIFF WAVE recording");
    }
    std::uint64_t format = 0;
    std::uint64_t at = riff.size();
    for (;;) {
        std::array<std::byte, 8> head{};
        if (m_file.size() - at < head.size()) {
            throw refuse("truncated: it ends before its samples");
        }
        m_file.read(at, head);
        const std::uint64_t size = littleEndian(head.data() + 4, 4);
        at += head.size();
        if (size > m_file.size() - at) {
            throw refuse(
                fmt::format("truncated: a chunk of {} bytes, {} are left", size, m_file.size() - at));
        }
        if (is(head.data(), "fmt ")) {
            std::array<std::byte, 26> chunk{};
            m_file.read(at, std::span(chunk).first(std::min<std::size_t>(size, chunk.size())));
            format = littleEndian(chunk.data(), 2);
            m_channels = littleEndian(chunk.data() + 2, 2);
            m_sampleRate = static_cast<int>(littleEndian(chunk.data() + 4, 4));
            const std::uint64_t bits = littleEndian(chunk.data() + 14, 2);
            format = format == kExtensible ? littleEndian(chunk.data() + 24, 2) : format;
            m_isFloat = format == kFloat;
            m_sampleBytes = bits / 8;
            const bool known = (format == kPcm && (bits == 8 || bits == 16 || bits == 24 || bits == 32))
                || (format == kFloat && (bits == 32 || bits == 64));
            if (!known || m_channels == 0) {
                throw refuse(fmt::format("format {} of {} bits and {} channels; PCM and float are read",
                                         format, bits, m_channels));
            }
        } else if (is(head.data(), "data")) {
            if (m_channels == 0) {
                throw refuse("its samples come before their format");
            }
            m_dataOffset = at;
            m_frames = static_cast<std::int64_t>(size / (m_sampleBytes * m_channels));
            return;
        }
        at = std::min(at + size + size % 2, m_file.size()); // chunks begin at even places
    }
}

float WavFile::decoded(const std::byte* sample) const
{
    const std::uint64_t bits = littleEndian(sample, m_sampleBytes);
    if (m_isFloat && m_sampleBytes == 4) {
        return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    }
    if (m_isFloat) {
        return static_cast<float>(std::bit_cast<double>(bits));
    }
    if (m_sampleBytes == 1) {
        return (static_cast<float>(bits) - 128.0f) / 128.0f; // 8 bits are unsigned
    }
    const auto shift = static_cast<unsigned>(64 - 8 * m_sampleBytes);
    const std::int64_t value = static_cast<std::int64_t>(bits << shift) >> shift;
    return static_cast<float>(static_cast<double>(value)
                              / static_cast<double>(std::int64_t{1} << (63 - shift)));
}

std::vector<float> WavFile::read(std::int64_t first, std::int64_t count) const
{
    std::vector<float> result(static_cast<std::size_t>(count), 0.0f);
    const std::int64_t from = std::clamp<std::int64_t>(first, 0, m_frames);
    const std::int64_t to = std::clamp<std::int64_t>(first + count, from, m_frames);
    const std::size_t frameBytes = m_sampleBytes * m_channels;
    std::vector<std::byte> bytes(static_cast<std::size_t>(to - from) * frameBytes);
    m_file.read(m_dataOffset + static_cast<std::uint64_t>(from) * frameBytes, bytes);
    for (std::int64_t i = from; i < to; ++i) {
        const std::byte* frame = bytes.data() + static_cast<std::size_t>(i - from) * frameBytes;
        double sum = 0;
        for (std::size_t c = 0; c < m_channels; ++c) {
            sum += decoded(frame + c * m_sampleBytes);
        }
        result[static_cast<std::size_t>(i - first)] =
            static_cast<float>(sum / static_cast<double>(m_channels));
    }
    return result;
}

} // namespace io
