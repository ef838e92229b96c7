#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace io {

/// A file that several threads read at any place.
class RandomAccessFile
{
public:
    /// Throws core::Error(Io) naming the file.
    explicit RandomAccessFile(const std::filesystem::path& path);
    /// An unnamed temporary file that goes away with this object; `name` is for messages.
    static RandomAccessFile temporary(std::string name);
    ~RandomAccessFile();
    RandomAccessFile(RandomAccessFile&& other) noexcept;
    RandomAccessFile& operator=(RandomAccessFile&&) = delete;

    /// Fills dst from `offset`. Throws core::Error(FileFormat) when the file ends before.
    void read(std::uint64_t offset, std::span<std::byte> dst) const;
    /// Throws core::Error(Io), for instance on a full disk.
    void append(std::span<const std::byte> src);
    [[nodiscard]] std::uint64_t size() const { return m_size; }
    [[nodiscard]] const std::string& name() const { return m_name; }

private:
    RandomAccessFile(int descriptor, std::string name);

    int m_descriptor;
    std::uint64_t m_size = 0;
    std::string m_name;
};

} // namespace io
