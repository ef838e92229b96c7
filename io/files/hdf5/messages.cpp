#include "io/files/hdf5/messages.h"

namespace io::hdf5 {

namespace {

constexpr int kMostRank = 8;

/// a·b, refused beyond the budget.
std::uint64_t product(std::uint64_t a, std::uint64_t b)
{
    if (b > kMostElements || (b > 0 && a > kMostElements / b)) {
        refuseStructure("an extent is larger than a gibibyte");
    }
    return a * b;
}

/// Bytes of an offset within something of that size.
std::size_t offsetBytes(std::uint64_t size)
{
    std::size_t bytes = 1;
    for (; size > 0xff; size >>= 8) {
        ++bytes;
    }
    return bytes;
}

std::uint64_t compound(Cursor& message, std::uint64_t members, std::uint64_t size)
{
    for (std::uint64_t i = 0; i < members; ++i) {
        message.skipText();
        const std::uint64_t offset = message.number(offsetBytes(size));
        const std::uint64_t bytes = datatype(message, 1);
        if (bytes > size || offset > size - bytes) {
            refuseStructure("a column lies outside its rows");
        }
    }
    return size;
}

} // namespace

std::vector<std::uint64_t> dataspace(Cursor& message)
{
    message.expect(2, 1, "a dataspace of another version");
    const std::uint64_t rank = message.byte();
    const std::uint64_t flags = message.byte();
    const std::uint64_t type = message.byte();
    const bool isScalar = type == 0 && rank == 0;
    const bool isSimple = type == 1 && rank > 0 && rank <= kMostRank;
    if ((!isScalar && !isSimple) || flags > 1) {
        refuseStructure("a dataspace of another kind");
    }
    std::vector<std::uint64_t> extent;
    for (std::uint64_t i = 0; i < rank; ++i) {
        extent.push_back(message.number(8));
    }
    for (std::size_t i = 0; flags == 1 && i < extent.size(); ++i) {
        message.expect(extent[i], 8, "a dataset that may grow");
    }
    return extent;
}

std::uint64_t pointsOf(const std::vector<std::uint64_t>& extent)
{
    std::uint64_t points = 1;
    for (const std::uint64_t n : extent) {
        points = product(points, n);
    }
    return points;
}

std::uint64_t datatype(Cursor& message, int depth)
{
    const std::uint64_t kind = message.byte();
    const std::uint64_t bits = message.number(3);
    const std::uint64_t size = message.number(4);
    const std::uint64_t version = kind >> 4;
    if (version < 1 || version > 3 || size == 0 || size > kMostElements) {
        refuseStructure("a type of another version or size");
    }
    switch (kind & 0x0f) {
    case 0: // integers
        if (size > 8) {
            refuseStructure("an integer of another size");
        }
        message.expect(0, 2, "an integer with an offset");
        message.expect(8 * size, 2, "an integer with padding");
        return size;
    case 1: { // reals
        if (size != 4 && size != 8) {
            refuseStructure("a real of another size");
        }
        const bool isDouble = size == 8;
        message.expect(0, 2, "a real with an offset");
        message.expect(8 * size, 2, "a real with padding");
        message.expect(isDouble ? 52 : 23, 1, "a real with another exponent");
        message.expect(isDouble ? 11 : 8, 1, "a real with another exponent");
        message.expect(0, 1, "a real with another mantissa");
        message.expect(isDouble ? 52 : 23, 1, "a real with another mantissa");
        message.expect(isDouble ? 1023 : 127, 4, "a real with another bias");
        return size;
    }
    case 3: // texts
        return size;
    case 6: // compounds
        if (depth > 0 || version != 3) {
            refuseStructure("a compound within a compound");
        }
        return compound(message, bits & 0xffff, size);
    default:
        refuseStructure("a type that sessions do not use");
    }
}

void attribute(Cursor& message)
{
    message.expect(3, 1, "an attribute of another version");
    message.expect(0, 1, "an attribute with a shared type");
    const std::uint64_t nameBytes = message.number(2);
    const std::uint64_t typeBytes = message.number(2);
    const std::uint64_t spaceBytes = message.number(2);
    (void)message.byte(); // character set
    Cursor name(message.take(nameBytes));
    name.skipText();
    Cursor type(message.take(typeBytes));
    Cursor space(message.take(spaceBytes));
    const std::uint64_t size = datatype(type);
    const std::uint64_t points = pointsOf(dataspace(space));
    if (name.left() > 0 || type.left() > 0 || space.left() > 0) {
        refuseStructure("an attribute with gaps");
    }
    (void)message.take(product(size, points));
}

bool filters(Cursor& message)
{
    message.expect(2, 1, "filters of another version");
    const std::uint64_t count = message.byte();
    constexpr std::uint64_t kDeflate = 1;
    constexpr std::uint64_t kShuffle = 2;
    if (count > 2) {
        refuseStructure("more filters than sessions use");
    }
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t id = message.number(2);
        (void)message.number(2); // flags
        const std::uint64_t values = message.number(2);
        const bool isLast = i + 1 == count;
        if (id != (isLast ? kDeflate : kShuffle) || values != 1) {
            refuseStructure("a filter that sessions do not use");
        }
        (void)message.take(4 * values);
    }
    return count > 0;
}

void groupInfo(Cursor& message)
{
    message.expect(0, 1, "a group of another version");
    const std::uint64_t flags = message.byte();
    (void)message.take((flags & 1 ? 4 : 0) + (flags & 2 ? 4 : 0));
}

void compactInfo(Cursor& message, std::size_t orderBytes)
{
    message.expect(0, 1, "links or attributes of another version");
    const std::uint64_t flags = message.byte();
    (void)message.take(flags & 1 ? orderBytes : 0);
    for (int i = 0; i < (flags & 2 ? 3 : 2); ++i) {
        message.expect(kNoAddress, 8, "links or attributes outside their header");
    }
}

std::pair<std::string, std::uint64_t> link(Cursor& message)
{
    message.expect(1, 1, "a link of another version");
    const std::uint64_t flags = message.byte();
    if (flags > 0x1f) {
        refuseStructure("a link of another kind");
    }
    if (flags & 8) {
        message.expect(0, 1, "a link to another file or path");
    }
    (void)message.take(flags & 4 ? 8 : 0); // creation order
    if (flags & 16 && message.byte() > 1) {
        refuseStructure(
            "a link in another character set"); // libhdf5 frees what it has not read behind such a link
    }
    const std::uint64_t length = message.number(std::size_t{1} << (flags & 3));
    const std::string name(message.take(length));
    if (name.empty() || name.find('\0') != std::string::npos) {
        refuseStructure("a link without a name");
    }
    return {name, message.number(8)};
}

std::uint64_t fillValue(Cursor& message)
{
    message.expect(3, 1, "a fill value of another version");
    const std::uint64_t flags = message.byte();
    const std::uint64_t bytes = flags & 0x20 ? message.number(4) : 0;
    (void)message.take(bytes);
    return bytes;
}

Storage layout(Cursor& message)
{
    const std::uint64_t version = message.byte();
    const std::uint64_t kind = message.byte();
    if ((version != 3 && version != 4) || kind > (version == 4 ? 2U : 1U)) {
        refuseStructure("a layout that sessions do not use");
    }
    if (kind == 0) {
        const std::uint64_t bytes = message.number(2);
        (void)message.take(bytes);
        return {.kind = Storage::Kind::Compact, .bytes = bytes};
    }
    Storage storage;
    if (kind == 1) {
        storage.kind = Storage::Kind::Contiguous;
        storage.address = message.number(8);
        storage.bytes = message.number(8);
        return storage;
    }
    const std::uint64_t flags = message.byte();
    const std::uint64_t rank = message.byte(); // one more: of bytes
    const std::uint64_t width = message.byte();
    if (rank < 2 || rank > kMostRank + 1 || width == 0 || width > 8) {
        refuseStructure("chunks of another rank");
    }
    for (std::uint64_t i = 0; i < rank; ++i) {
        storage.chunk.push_back(message.number(static_cast<std::size_t>(width)));
    }
    constexpr std::uint64_t kSingle = 1;
    constexpr std::uint64_t kFixedArray = 3;
    const std::uint64_t index = message.byte();
    if (index == kSingle) {
        storage.kind = Storage::Kind::SingleChunk;
        storage.packedBytes = flags & 2 ? message.number(8) : 0;
        storage.mask = flags & 2 ? message.number(4) : 0;
    } else if (index == kFixedArray) {
        storage.kind = Storage::Kind::ChunkArray;
        storage.pageBits = message.byte();
    } else {
        refuseStructure("an index of chunks that sessions do not use");
    }
    storage.address = message.number(8);
    return storage;
}

} // namespace io::hdf5
