#pragma once

#include "core/base/error.h"
#include "io/files/random_access_file.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// Users' HDF5 files are read here, without libhdf5, which trusts what is written in them: every number is
/// held against the file and the others before it is used, and what is not understood is refused.
namespace io::hdf5data {

inline constexpr std::uint64_t kNowhere = UINT64_MAX;

/// Reads little-endian numbers, never past the end.
class Bytes
{
public:
    Bytes(std::string bytes, std::string_view file)
        : m_bytes(std::move(bytes))
        , m_file(file)
    {
    }

    [[noreturn]] void refuse(const std::string& what) const
    {
        throw core::Error(core::ErrorKind::FileFormat, m_file + ": damaged or of an unknown form: " + what);
    }
    [[nodiscard]] std::size_t left() const { return m_bytes.size() - m_at; }
    std::string_view take(std::uint64_t count)
    {
        if (count > left()) {
            refuse("a part is longer than what holds it");
        }
        const auto part = std::string_view(m_bytes).substr(m_at, static_cast<std::size_t>(count));
        m_at += part.size();
        return part;
    }
    void skip(std::uint64_t count) { (void)take(count); }
    std::uint64_t number(std::size_t width)
    {
        std::uint64_t value = 0;
        std::size_t shift = 0;
        for (const char byte : take(width)) {
            value |= std::uint64_t{static_cast<unsigned char>(byte)} << shift;
            shift += 8;
        }
        return value;
    }
    std::uint64_t byte() { return number(1); }
    void expect(std::uint64_t value, std::size_t width, const char* what)
    {
        if (number(width) != value) {
            refuse(what);
        }
    }
    void expect(std::string_view text, const char* what)
    {
        if (take(text.size()) != text) {
            refuse(what);
        }
    }
    Bytes part(std::uint64_t count) { return {std::string(take(count)), m_file}; }

private:
    std::string m_bytes;
    std::string m_file;
    std::size_t m_at = 0;
};

/// The file behind its user block.
class Source
{
public:
    explicit Source(const std::filesystem::path& path)
        : m_file(path)
    {
    }
    [[noreturn]] void refuse(const std::string& what) const { Bytes({}, name()).refuse(what); }
    [[nodiscard]] const std::string& name() const { return m_file.name(); }
    void setExtent(std::uint64_t base, std::uint64_t end)
    {
        if (base > m_file.size() || end > m_file.size() - base) {
            refuse("the file was cut off");
        }
        m_base = base;
        m_end = end;
    }
    [[nodiscard]] std::uint64_t fileSize() const { return m_file.size(); }
    /// Refused where it leaves the file.
    void check(std::uint64_t address, std::uint64_t count) const
    {
        if (address > m_end || count > m_end - address) {
            refuse("an address lies outside the file");
        }
    }
    void read(std::uint64_t address, std::span<std::byte> dst) const
    {
        check(address, dst.size());
        m_file.read(m_base + address, dst);
    }
    /// Metadata: at most a few megabytes.
    [[nodiscard]] Bytes bytes(std::uint64_t address, std::uint64_t count) const
    {
        constexpr std::uint64_t kMost = std::uint64_t{1} << 26;
        check(address, count);
        if (count > kMost) {
            refuse("a header of more than 64 MiB");
        }
        std::string text(static_cast<std::size_t>(count), '\0');
        read(address, {reinterpret_cast<std::byte*>(text.data()), text.size()});
        return {std::move(text), name()};
    }
    /// What stands in front of a checksum that is right.
    [[nodiscard]] Bytes checkedBytes(std::uint64_t address, std::uint64_t count) const;

private:
    RandomAccessFile m_file;
    std::uint64_t m_base = 0;
    std::uint64_t m_end = UINT64_MAX; ///< set once the superblock is read
};

} // namespace io::hdf5data
