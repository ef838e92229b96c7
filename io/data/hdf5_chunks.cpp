#include "io/data/hdf5_chunks.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>
#include <zlib.h>

namespace io::hdf5data {

namespace {

constexpr std::uint64_t kMostChunks = std::uint64_t{1} << 24;

std::uint64_t chunkBytes(const Object& dataset)
{
    const auto& chunk = dataset.layout->chunk;
    return std::accumulate(chunk.begin(), chunk.end(), std::uint64_t{1}, std::multiplies<>{});
}

/// Bytes in which the size of a packed chunk is written.
std::size_t sizeWidth(std::uint64_t bytes)
{
    std::size_t bits = 0;
    for (; bytes > 1; bytes >>= 1) {
        ++bits;
    }
    return 1 + (bits + 8) / 8;
}

using Key = std::vector<std::uint64_t>; ///< where a chunk starts; its last number is 0

/// Puts chunks into their places as an index names them.
class Index
{
public:
    Index(const Source& source, const Object& dataset)
        : m_source(source)
        , m_dataset(dataset)
        , m_grid(chunkGrid(dataset))
        , m_bytes(chunkBytes(dataset))
    {
        const std::uint64_t count =
            std::accumulate(m_grid.begin(), m_grid.end(), std::uint64_t{1}, [&](auto a, auto b) {
                return b > 0 && a > kMostChunks / b ? kMostChunks + 1 : a * b;
            });
        if (count > kMostChunks) {
            source.refuse("a dataset of more than 16 million chunks");
        }
        m_chunks.resize(static_cast<std::size_t>(count));
    }

    std::vector<Chunk> run()
    {
        const Layout& layout = *m_dataset.layout;
        switch (layout.address == kNowhere ? Layout::Kind::Compact : layout.kind) {
        case Layout::Kind::ChunkTree:
            readNode(layout.address, -1, {}, {});
            break;
        case Layout::Kind::SingleChunk:
            if (m_chunks.size() != 1) {
                m_source.refuse("one chunk for more than it holds");
            }
            put(0, {layout.address, isPacked() ? layout.packedBytes : m_bytes, layout.mask});
            break;
        case Layout::Kind::ImplicitChunks:
            for (std::size_t i = 0; i < m_chunks.size(); ++i) {
                put(i, {layout.address + i * m_bytes, m_bytes, 0});
            }
            break;
        case Layout::Kind::FixedArray:
            readArray();
            break;
        default:
            break; // nothing was ever written
        }
        return std::move(m_chunks);
    }

private:
    [[nodiscard]] bool isPacked() const { return !m_dataset.filters.empty(); }

    void put(std::size_t place, const Chunk& chunk)
    {
        if (chunk.address == kNowhere) {
            return;
        }
        m_source.check(chunk.address, chunk.storedBytes);
        if (m_chunks[place].address != kNowhere || (!isPacked() && chunk.storedBytes != m_bytes)
            || (chunk.mask >> m_dataset.filters.size()) != 0) {
            m_source.refuse("a chunk that is there twice or of another size");
        }
        m_chunks[place] = chunk;
    }

    Key offsetsOf(Bytes& key) const
    {
        Key offsets;
        for (std::size_t i = 0; i < m_dataset.layout->chunk.size(); ++i) {
            offsets.push_back(key.number(8));
        }
        return offsets;
    }

    std::size_t placeOf(const Key& offsets) const
    {
        std::size_t place = 0;
        for (std::size_t i = 0; i < m_grid.size(); ++i) {
            const std::uint64_t extent = m_dataset.layout->chunk[i];
            if (offsets[i] % extent != 0 || offsets[i] / extent >= m_grid[i]) {
                m_source.refuse("a chunk that lies outside its dataset");
            }
            place =
                place * static_cast<std::size_t>(m_grid[i]) + static_cast<std::size_t>(offsets[i] / extent);
        }
        if (offsets.back() != 0) {
            m_source.refuse("a chunk that starts within an element");
        }
        return place;
    }

    /// Keys rise, and those of a node lie within its parent's: who looks a chunk up by them finds the same.
    void readNode(std::uint64_t address, int level, const Key& low, const Key& high)
    {
        if (!m_seen.insert(address).second) {
            m_source.refuse("chunks that lead in a circle");
        }
        Bytes head = m_source.bytes(address, 24);
        head.expect("TREE", "no tree of chunks");
        head.expect(1, 1, "a tree of another kind");
        const auto own = static_cast<int>(head.byte());
        if ((level >= 0 && own != level) || own > 16) {
            m_source.refuse("a tree with leaves at several depths");
        }
        const std::uint64_t used = head.number(2);
        const std::uint64_t keyBytes = 8 + 8 * m_dataset.layout->chunk.size();
        Bytes entries = m_source.bytes(address + 24, used * (keyBytes + 8) + keyBytes);
        std::vector<Key> keys;
        std::vector<Chunk> children;
        for (std::uint64_t i = 0; i <= used; ++i) {
            Chunk chunk;
            chunk.storedBytes = entries.number(4);
            chunk.mask = entries.number(4);
            keys.push_back(offsetsOf(entries));
            if (i < used) {
                chunk.address = entries.number(8);
                children.push_back(chunk);
            }
        }
        if (std::ranges::adjacent_find(keys, std::greater_equal<>{}) != keys.end()
            || (!low.empty() && keys.front() != low) || (!high.empty() && keys.back() > high)) {
            m_source.refuse("chunks out of order");
        }
        for (std::size_t i = 0; i < children.size(); ++i) {
            if (own == 0) {
                put(placeOf(keys[i]), children[i]);
            } else {
                readNode(children[i].address, own - 1, keys[i], keys[i + 1]);
            }
        }
    }

    void readArray()
    {
        const Layout& layout = *m_dataset.layout;
        const std::size_t width = isPacked() ? sizeWidth(m_bytes) : 0;
        const std::uint64_t entry = isPacked() ? 8 + width + 4 : 8;
        Bytes header = m_source.checkedBytes(layout.address, 28);
        header.expect("FAHD", "no array of chunks");
        header.expect(0, 1, "an array of another version");
        header.expect(isPacked() ? 1 : 0, 1, "an array of another kind");
        header.expect(entry, 1, "an array with other entries");
        header.expect(layout.pageBits, 1, "an array with other pages");
        header.expect(m_chunks.size(), 8, "an array with more or fewer chunks than the extent says");
        const std::uint64_t block = header.number(8);
        if (block == kNowhere) {
            return;
        }
        if (layout.pageBits > 32) {
            m_source.refuse("an array with other pages");
        }
        const std::uint64_t perPage = std::uint64_t{1} << layout.pageBits;
        const std::uint64_t count = m_chunks.size();
        const std::uint64_t pages = count > perPage ? (count + perPage - 1) / perPage : 0;
        const std::uint64_t bitmap = (pages + 7) / 8;
        const std::uint64_t headBytes = 14 + (pages > 0 ? bitmap : count * entry) + 4;
        Bytes head = m_source.checkedBytes(block, headBytes);
        head.expect("FADB", "no block of chunks");
        head.expect(0, 1, "a block of another version");
        head.expect(isPacked() ? 1 : 0, 1, "a block of another kind");
        head.expect(layout.address, 8, "a block of another array");
        if (pages == 0) {
            return readEntries(head, 0, count, width);
        }
        const std::string present(head.take(bitmap));
        for (std::uint64_t page = 0; page < pages; ++page) {
            const std::uint64_t first = page * perPage;
            const bool isThere = (static_cast<unsigned char>(present[page / 8]) << (page % 8) & 0x80) != 0;
            if (isThere) {
                const std::uint64_t some = std::min(perPage, count - first);
                Bytes entries =
                    m_source.checkedBytes(block + headBytes + page * (perPage * entry + 4), some * entry + 4);
                readEntries(entries, first, some, width);
            }
        }
    }

    void readEntries(Bytes& entries, std::uint64_t first, std::uint64_t count, std::size_t width)
    {
        for (std::uint64_t i = first; i < first + count; ++i) {
            Chunk chunk{entries.number(8), m_bytes, 0};
            if (isPacked()) {
                chunk.storedBytes = entries.number(width);
                chunk.mask = entries.number(4);
            }
            put(static_cast<std::size_t>(i), chunk);
        }
    }

    const Source& m_source;
    const Object& m_dataset;
    const std::vector<std::uint64_t> m_grid;
    const std::uint64_t m_bytes;
    std::vector<Chunk> m_chunks;
    std::set<std::uint64_t> m_seen;
};

std::string inflated(const Source& source, const std::string& packed, std::uint64_t most)
{
    // Deflate makes at most 1032 bytes of one.
    std::string result(static_cast<std::size_t>(std::min(most, 1040 * packed.size() + 1024)), '\0');
    uLongf size = result.size();
    const int code = ::uncompress(reinterpret_cast<Bytef*>(result.data()), &size,
                                  reinterpret_cast<const Bytef*>(packed.data()), packed.size());
    if (code != Z_OK) {
        source.refuse("a packed chunk that cannot be unpacked");
    }
    result.resize(size);
    return result;
}

std::string unshuffled(const std::string& bytes, std::size_t width)
{
    const std::size_t count = bytes.size() / width;
    std::string result = bytes; // what is left over behind whole elements stays
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t k = 0; k < width; ++k) {
            result[i * width + k] = bytes[k * count + i];
        }
    }
    return result;
}

std::uint32_t fletcher32(std::string_view bytes)
{
    std::uint32_t first = 0;
    std::uint32_t second = 0;
    const auto add = [&](std::uint32_t word) {
        first = (first + word) % 65535;
        second = (second + first) % 65535;
    };
    const auto at = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(bytes[i])}; };
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        add(at(i) << 8 | at(i + 1));
    }
    if (bytes.size() % 2 == 1) {
        add(at(bytes.size() - 1) << 8);
    }
    return second << 16 | first;
}

std::string withoutChecksum(const Source& source, const std::string& bytes)
{
    if (bytes.size() < 4) {
        source.refuse("a chunk without its checksum");
    }
    const std::string content = bytes.substr(0, bytes.size() - 4);
    // 0 and 65535 are one number to this checksum, which is written as either.
    const std::uint32_t sum = fletcher32(content);
    Bytes stored(bytes.substr(content.size()), source.name());
    const std::uint64_t written = stored.number(4);
    const auto isSame = [](std::uint64_t a, std::uint64_t b) { return a % 65535 == b % 65535; };
    if (!isSame(written & 0xffff, sum & 0xffff) || !isSame(written >> 16, sum >> 16)) {
        source.refuse("a chunk whose checksum does not match");
    }
    return content;
}

} // namespace

std::vector<std::uint64_t> chunkGrid(const Object& dataset)
{
    std::vector<std::uint64_t> grid;
    for (std::size_t i = 0; i < dataset.extent->size(); ++i) {
        const auto extent = static_cast<std::uint64_t>((*dataset.extent)[i]);
        grid.push_back((extent + dataset.layout->chunk[i] - 1) / dataset.layout->chunk[i]);
    }
    return grid;
}

std::vector<Chunk> chunksOf(const Source& source, const Object& dataset)
{
    return Index(source, dataset).run();
}

std::string unpackedChunk(const Source& source, const Object& dataset, const Chunk& chunk)
{
    const std::uint64_t wanted = chunkBytes(dataset);
    if (chunk.address == kNowhere) {
        std::string all(static_cast<std::size_t>(wanted), '\0');
        for (std::size_t i = 0; !dataset.fill.empty() && i < all.size(); i += dataset.fill.size()) {
            all.replace(i, dataset.fill.size(), dataset.fill);
        }
        return all;
    }
    constexpr std::uint64_t kMostPacked = std::uint64_t{1} << 31;
    if (chunk.storedBytes > kMostPacked) {
        source.refuse("a chunk of more than 2 GiB");
    }
    std::string bytes(static_cast<std::size_t>(chunk.storedBytes), '\0');
    source.read(chunk.address, {reinterpret_cast<std::byte*>(bytes.data()), bytes.size()});
    for (std::size_t i = dataset.filters.size(); i-- > 0;) {
        if ((chunk.mask >> i & 1) != 0) {
            continue;
        }
        switch (dataset.filters[i]) {
        case Filter::Deflate:
            bytes = inflated(source, bytes, wanted + 4);
            break;
        case Filter::Shuffle:
            bytes = unshuffled(bytes, dataset.numbers->storedBytes);
            break;
        case Filter::Fletcher32:
            bytes = withoutChecksum(source, bytes);
            break;
        }
    }
    if (bytes.size() != wanted) {
        source.refuse("a chunk of another size than its dataset says");
    }
    return bytes;
}

} // namespace io::hdf5data
