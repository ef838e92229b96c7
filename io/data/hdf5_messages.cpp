#include "io/data/hdf5_messages.h"

#include <algorithm>
#include <bit>
#include <fmt/format.h>

namespace io::hdf5data {

namespace {

constexpr std::uint64_t kMostRank = 32;

core::Shape dataspace(Bytes& message)
{
    const std::uint64_t version = message.byte();
    const std::uint64_t rank = message.byte();
    const std::uint64_t flags = message.byte();
    const bool hasType = version == 2;
    if ((version != 1 && version != 2) || rank > kMostRank || flags > 1) {
        message.refuse("a dataspace of another form");
    }
    const std::uint64_t type = message.byte();
    if (hasType && type != (rank == 0 ? 0U : 1U)) {
        message.refuse("a dataspace of another kind");
    }
    message.skip(hasType ? 0 : 4);
    core::Shape shape;
    std::uint64_t points = 1;
    for (std::uint64_t i = 0; i < rank; ++i) {
        constexpr std::uint64_t kMost = std::uint64_t{1} << 48;
        const std::uint64_t extent = message.number(8);
        if (extent > kMost || (extent > 0 && points > kMost / extent)) {
            message.refuse("an extent that no file can hold");
        }
        points *= std::max<std::uint64_t>(extent, 1);
        shape.push_back(static_cast<std::int64_t>(extent));
    }
    for (std::uint64_t i = 0; flags == 1 && i < rank; ++i) {
        if (message.number(8) < static_cast<std::uint64_t>(shape[i])) {
            message.refuse("an extent beyond its own limit");
        }
    }
    return shape;
}

core::DataType integerType(std::uint64_t bytes, bool isSigned)
{
    using core::DataType;
    switch (bytes) {
    case 1:
        return isSigned ? DataType::Int8 : DataType::UInt8;
    case 2:
        return isSigned ? DataType::Int16 : DataType::UInt16;
    case 4:
        return isSigned ? DataType::Int32 : DataType::UInt32;
    default:
        return isSigned ? DataType::Int64 : DataType::UInt64;
    }
}

/// Bits: order, padding, sign at fixed places; everything else of IEEE must be as IEEE says.
NumberType realType(Bytes& message, std::uint64_t bits, std::uint64_t bytes)
{
    struct Form
    {
        std::uint64_t bytes, exponentAt, exponentBits, mantissaBits, bias;
    };
    constexpr Form kForms[] = {{2, 10, 5, 10, 15}, {4, 23, 8, 23, 127}, {8, 52, 11, 52, 1023}};
    const auto form = std::ranges::find(kForms, bytes, &Form::bytes);
    constexpr std::uint64_t kOrderBit = 1;
    constexpr std::uint64_t kNormalized = 0x20; // the leading bit is implied
    if (form == std::end(kForms) || (bits & 0xff & ~kOrderBit) != kNormalized
        || (bits >> 8) != 8 * bytes - 1) {
        message.refuse("a real of another form");
    }
    message.expect(0, 2, "a real with an offset");
    message.expect(8 * bytes, 2, "a real with padding");
    message.expect(form->exponentAt, 1, "a real with another exponent");
    message.expect(form->exponentBits, 1, "a real with another exponent");
    message.expect(0, 1, "a real with another mantissa");
    message.expect(form->mantissaBits, 1, "a real with another mantissa");
    message.expect(form->bias, 4, "a real with another bias");
    return {bytes == 8 ? core::DataType::Float64 : core::DataType::Float32, static_cast<std::size_t>(bytes),
            (bits & kOrderBit) != 0};
}

/// None where the elements are no numbers.
std::optional<NumberType> datatype(Bytes& message)
{
    const std::uint64_t kind = message.byte();
    const std::uint64_t bits = message.number(3);
    const std::uint64_t bytes = message.number(4);
    if ((kind >> 4) < 1 || (kind >> 4) > 3) {
        message.refuse("a type of another version");
    }
    if ((kind & 0x0f) == 1) {
        return realType(message, bits, bytes);
    }
    if ((kind & 0x0f) != 0) {
        return std::nullopt;
    }
    if (!std::has_single_bit(bytes) || bytes > 8 || (bits & ~std::uint64_t{9}) != 0) {
        message.refuse("an integer of another form");
    }
    message.expect(0, 2, "an integer with an offset");
    message.expect(8 * bytes, 2, "an integer with padding");
    return NumberType{integerType(bytes, (bits & 8) != 0), static_cast<std::size_t>(bytes), (bits & 1) != 0};
}

std::string fillValue(Bytes& message, bool isOld)
{
    if (isOld) {
        return std::string(message.take(message.number(4)));
    }
    const std::uint64_t version = message.byte();
    if (version < 1 || version > 3) {
        message.refuse("a fill value of another version");
    }
    if (version == 3) {
        const std::uint64_t flags = message.byte();
        return flags & 0x20 ? std::string(message.take(message.number(4))) : std::string();
    }
    message.skip(2); // when space is taken, when it is filled
    const bool isDefined = message.byte() != 0;
    return isDefined || version == 1 ? std::string(message.take(message.number(4))) : std::string();
}

void chunkExtents(Bytes& message, Layout& layout, std::uint64_t rank, std::size_t width)
{
    if (rank < 2 || rank > kMostRank + 1 || width == 0 || width > 8) {
        message.refuse("chunks of another rank");
    }
    std::uint64_t bytes = 1;
    for (std::uint64_t i = 0; i < rank; ++i) {
        constexpr std::uint64_t kMost = std::uint64_t{1} << 31;
        layout.chunk.push_back(message.number(width));
        if (layout.chunk.back() == 0 || layout.chunk.back() > kMost / bytes) {
            message.refuse("a chunk of more than 2 GiB, or of nothing");
        }
        bytes *= layout.chunk.back();
    }
}

void newChunks(Bytes& message, Layout& layout)
{
    const std::uint64_t flags = message.byte();
    const std::uint64_t rank = message.byte();
    const std::uint64_t width = message.byte();
    chunkExtents(message, layout, rank, static_cast<std::size_t>(width));
    const std::uint64_t index = message.byte();
    constexpr std::uint64_t kSingle = 1;
    constexpr std::uint64_t kImplicit = 2;
    constexpr std::uint64_t kFixedArray = 3;
    if (index == kSingle) {
        layout.kind = Layout::Kind::SingleChunk;
        layout.packedBytes = flags & 2 ? message.number(8) : 0;
        layout.mask = flags & 2 ? message.number(4) : 0;
    } else if (index == kImplicit) {
        layout.kind = Layout::Kind::ImplicitChunks;
    } else if (index == kFixedArray) {
        layout.kind = Layout::Kind::FixedArray;
        layout.pageBits = message.byte();
    } else {
        message.refuse("the chunks of a dataset that may grow, in HDF5's newest form: save it with a fixed "
                       "extent or with libver='earliest'");
    }
    layout.address = message.number(8);
}

Layout layoutOf(Bytes& message)
{
    const std::uint64_t version = message.byte();
    const std::uint64_t kind = message.byte();
    if (version == 4 && kind == 3) {
        message.refuse("a virtual dataset: it leads to other files");
    }
    if ((version != 3 && version != 4) || kind > 2) {
        message.refuse("a layout of another version");
    }
    Layout layout;
    if (kind == 0) {
        layout.kind = Layout::Kind::Compact;
        layout.inside = std::string(message.take(message.number(2)));
    } else if (kind == 1) {
        layout.address = message.number(8);
        layout.bytes = message.number(8);
    } else if (version == 3) {
        layout.kind = Layout::Kind::ChunkTree;
        const std::uint64_t rank = message.byte();
        layout.address = message.number(8);
        chunkExtents(message, layout, rank, 4);
    } else {
        newChunks(message, layout);
    }
    return layout;
}

std::vector<Filter> filtersOf(Bytes& message, std::uint64_t& shuffledBytes)
{
    const std::uint64_t version = message.byte();
    const std::uint64_t count = message.byte();
    if ((version != 1 && version != 2) || count > 32) {
        message.refuse("filters of another version");
    }
    message.skip(version == 1 ? 6 : 0);
    std::vector<Filter> filters;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t id = message.number(2);
        const std::uint64_t nameBytes = version == 1 || id >= 256 ? message.number(2) : 0;
        message.skip(2); // flags
        const std::uint64_t values = message.number(2);
        message.skip(version == 1 ? (nameBytes + 7) / 8 * 8 : nameBytes);
        Bytes settings = message.part(4 * values);
        shuffledBytes = id == 2 ? settings.number(4) : shuffledBytes;
        message.skip((version == 1 && values % 2 == 1 ? 4 : 0));
        if (id < 1 || id > 3) {
            message.refuse(fmt::format("filter {}: pack the dataset with gzip or not at all", id));
        }
        filters.push_back(static_cast<Filter>(id));
    }
    return filters;
}

void linkOf(Bytes& message, Object& object)
{
    message.expect(1, 1, "a link of another version");
    const std::uint64_t flags = message.byte();
    if (flags > 0x1f) {
        message.refuse("a link of another kind");
    }
    const std::uint64_t type = flags & 8 ? message.byte() : 0;
    message.skip((flags & 4 ? 8 : 0) + (flags & 16 ? 1 : 0));
    const std::string name(message.take(message.number(std::size_t{1} << (flags & 3))));
    if (name.empty() || name.find('\0') != std::string::npos || object.links.contains(name)
        || object.otherLinks.contains(name)) {
        message.refuse("a link without a name of its own");
    }
    if (type == 0) {
        object.links[name] = message.number(8);
    } else {
        object.otherLinks[name] =
            type == 1 ? "a soft link: name what it leads to" : "a link to another file: open that one";
    }
}

template <typename T>
void setOnce(const Bytes& message, std::optional<T>& field, T value)
{
    if (field) {
        message.refuse("an object says something twice");
    }
    field = std::move(value);
}

} // namespace

void readMessage(std::uint64_t type, std::uint64_t flags, Bytes message, Object& object)
{
    constexpr std::uint64_t kShared = 2;
    constexpr std::uint64_t kMustBeKnown = 0x80;
    const bool isUsed = type == 0x01 || type == 0x03 || type == 0x08 || type == 0x0b || type == 0x06;
    if ((flags & kShared) != 0 && isUsed) {
        message.refuse("a type or extent that several datasets share");
    }
    switch (type) {
    case 0x01:
        return setOnce(message, object.extent, dataspace(message));
    case 0x02:
        message.expect(0, 1, "links of another version");
        message.skip(message.byte() & 1 ? 8 : 0);
        return message.expect(kNowhere, 8,
                              "a group of many links in HDF5's newest form: save it with "
                              "libver='earliest'");
    case 0x03:
        object.numbers = datatype(message);
        object.hasOtherType = !object.numbers;
        return;
    case 0x04:
        object.fill = object.fill.empty() ? fillValue(message, true) : object.fill;
        return;
    case 0x05:
        object.fill = fillValue(message, false);
        return;
    case 0x06:
        return linkOf(message, object);
    case 0x07:
        message.refuse("external storage: the numbers lie in another file");
    case 0x08:
        return setOnce(message, object.layout, layoutOf(message));
    case 0x0b:
        object.filters = filtersOf(message, object.shuffledBytes);
        return;
    case 0x11: {
        const std::uint64_t tree = message.number(8);
        return setOnce(message, object.table, std::pair(tree, message.number(8)));
    }
    default:
        if (flags & kMustBeKnown) {
            message.refuse("a message that has to be understood");
        }
    }
}

} // namespace io::hdf5data
