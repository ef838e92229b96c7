#include "io/files/hdf5/chunks.h"

#include "io/files/hdf5/checksum.h"

#include <algorithm>
#include <string>
#include <zlib.h>

namespace io::hdf5 {

namespace {

/// Checks one chunk after the other.
class ChunkChecker
{
public:
    ChunkChecker(const Image& image, std::uint64_t chunkBytes, bool isPacked)
        : m_image(image)
        , m_isPacked(isPacked)
        , m_unpacked(isPacked ? static_cast<std::size_t>(chunkBytes) : 0, '\0')
        , m_chunkBytes(chunkBytes)
    {
    }

    void check(std::uint64_t address, std::uint64_t packedBytes, std::uint64_t mask)
    {
        if (address == kNoAddress) {
            refuseStructure("a chunk is missing");
        }
        const std::string_view stored = m_image.part(address, m_isPacked ? packedBytes : m_chunkBytes);
        if (!m_isPacked) {
            return;
        }
        uLongf size = m_unpacked.size();
        const int result = uncompress(reinterpret_cast<Bytef*>(m_unpacked.data()), &size,
                                      reinterpret_cast<const Bytef*>(stored.data()), stored.size());
        if (mask != 0 || result != Z_OK || size != m_unpacked.size()) {
            refuseStructure("a chunk of another size");
        }
    }

private:
    const Image& m_image;
    const bool m_isPacked;
    std::string m_unpacked;
    std::uint64_t m_chunkBytes;
};

/// Bytes in which the size of a packed chunk is written.
std::size_t sizeBytes(std::uint64_t chunkBytes)
{
    int bits = 0;
    for (; chunkBytes > 1; chunkBytes >>= 1) {
        ++bits;
    }
    return static_cast<std::size_t>(1 + (bits + 8) / 8);
}

void checkArray(const Image& image, const Storage& storage, std::uint64_t count, std::uint64_t chunkBytes,
                bool isPacked, ChunkChecker& chunks)
{
    constexpr std::uint64_t kHeaderBytes = 28;
    const std::size_t width = isPacked ? sizeBytes(chunkBytes) : 0;
    const std::uint64_t entryBytes = isPacked ? 8 + width + 4 : 8;
    Cursor header(image.checkedPart(storage.address, kHeaderBytes));
    if (header.take(4) != "FAHD") {
        refuseStructure("no array of chunks");
    }
    header.expect(0, 1, "an array of another version");
    header.expect(isPacked ? 1 : 0, 1, "an array of another kind");
    header.expect(entryBytes, 1, "an array with other entries");
    header.expect(storage.pageBits, 1, "an array with other pages");
    header.expect(count, 8, "an array with more or fewer chunks than the extent says");
    const std::uint64_t address = header.number(8);
    if (storage.pageBits > 16) {
        refuseStructure("an array with other pages");
    }
    const std::uint64_t perPage = std::uint64_t{1} << storage.pageBits;
    const std::uint64_t pages = count > perPage ? (count + perPage - 1) / perPage : 0;
    constexpr std::uint64_t kPrefixBytes = 14; // signature, version, kind, address of the header
    const std::uint64_t bitmap = (pages + 7) / 8;
    const std::uint64_t inside = pages > 0 ? bitmap : count * entryBytes;
    Cursor block(image.checkedPart(address, kPrefixBytes + inside + kChecksumBytes));
    if (block.take(4) != "FADB") {
        refuseStructure("no block of chunks");
    }
    block.expect(0, 1, "a block of another version");
    block.expect(isPacked ? 1 : 0, 1, "a block of another kind");
    block.expect(storage.address, 8, "a block of another array");
    const auto checkEntries = [&](Cursor& entries, std::uint64_t n) {
        for (std::uint64_t i = 0; i < n; ++i) {
            const std::uint64_t at = entries.number(8);
            const std::uint64_t packed = entries.number(width);
            chunks.check(at, packed, isPacked ? entries.number(4) : 0);
        }
    };
    if (pages == 0) {
        checkEntries(block, count);
        return;
    }
    for (const char bits : block.take(bitmap).substr(0, static_cast<std::size_t>(pages / 8))) {
        if (bits != static_cast<char>(0xff)) {
            refuseStructure("a page of chunks is missing");
        }
    }
    std::uint64_t at = address + kPrefixBytes + inside + kChecksumBytes;
    for (std::uint64_t left = count; left > 0;) {
        const std::uint64_t n = std::min(left, perPage);
        Cursor page(image.checkedPart(at, n * entryBytes + kChecksumBytes));
        checkEntries(page, n);
        at += n * entryBytes + kChecksumBytes;
        left -= n;
    }
}

} // namespace

std::string_view Image::part(std::uint64_t address, std::uint64_t bytes) const
{
    if (address > m_bytes.size() || bytes > m_bytes.size() - address) {
        refuseStructure("an address lies outside the file");
    }
    return m_bytes.substr(static_cast<std::size_t>(address), static_cast<std::size_t>(bytes));
}

std::string_view Image::checkedPart(std::uint64_t address, std::uint64_t bytes) const
{
    const std::string_view whole = part(address, bytes);
    if (whole.size() < kChecksumBytes) {
        refuseStructure("a part is too short");
    }
    const std::string_view content = whole.substr(0, whole.size() - kChecksumBytes);
    Cursor sum(whole.substr(content.size()));
    sum.expect(hdf5Checksum(content), kChecksumBytes, "a checksum does not match");
    return content;
}

void checkChunks(const Image& image, const Storage& storage, const std::vector<std::uint64_t>& extent,
                 std::uint64_t elementBytes, bool isPacked)
{
    std::vector<std::uint64_t> chunk = extent;
    chunk.push_back(elementBytes);
    if (extent.empty() || extent.front() == 0 || storage.chunk.empty() || storage.address == kNoAddress) {
        refuseStructure("chunks without data");
    }
    chunk.front() = 1;
    if (storage.chunk != chunk) {
        refuseStructure("chunks that are no rows");
    }
    const std::uint64_t chunkBytes = pointsOf(chunk);
    ChunkChecker chunks(image, chunkBytes, isPacked);
    if (storage.kind == Storage::Kind::ChunkArray) {
        checkArray(image, storage, extent.front(), chunkBytes, isPacked, chunks);
    } else if (extent.front() != 1 || isPacked != (storage.packedBytes > 0)) {
        refuseStructure("one chunk for more than one row");
    } else {
        chunks.check(storage.address, storage.packedBytes, storage.mask);
    }
}

} // namespace io::hdf5
