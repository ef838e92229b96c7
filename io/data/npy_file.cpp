#include "io/data/npy_header.h"

#include "core/base/error.h"

#include <fmt/format.h>

namespace io {

namespace {

class NpyFile : public ArrayFile
{
public:
    NpyFile(RandomAccessFile file, const NpyHeader& header)
        : ArrayFile(file.name(), header.type, header.shape)
        , m_file(std::move(file))
        , m_dataOffset(header.dataOffset)
        , m_itemBytes(static_cast<std::uint64_t>(core::elementCount(std::span(header.shape).subspan(1)))
                      * core::sizeOf(header.type))
    {
    }

private:
    void readInto(std::int64_t first, std::int64_t count, std::byte* dst) const override
    {
        m_file.read(m_dataOffset + static_cast<std::uint64_t>(first) * m_itemBytes,
                    {dst, static_cast<std::size_t>(count) * m_itemBytes});
    }

    RandomAccessFile m_file;
    std::uint64_t m_dataOffset;
    std::uint64_t m_itemBytes;
};

} // namespace

std::unique_ptr<ArrayFile> openNpy(RandomAccessFile file)
{
    const NpyHeader header = readNpyHeader(file);
    if (header.shape.empty()) {
        throw core::Error(core::ErrorKind::ShapeMismatch,
                          fmt::format("{}: a scalar; the first axis must count samples", file.name()));
    }
    return std::make_unique<NpyFile>(std::move(file), header);
}

std::unique_ptr<ArrayFile> openNpy(const std::filesystem::path& path)
{
    return openNpy(RandomAccessFile(path));
}

} // namespace io
