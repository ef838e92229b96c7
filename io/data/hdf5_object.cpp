#include "io/data/hdf5_object.h"

#include "io/data/hdf5_messages.h"
#include "io/files/hdf5/checksum.h"

#include <set>

namespace io::hdf5data {

namespace {

constexpr std::string_view kSignature = "\x89HDF\r\n\x1a\n";

std::uint64_t oldSuperblock(Source& source, std::uint64_t at, std::uint64_t version)
{
    Bytes block = source.bytes(at, version == 0 ? 96 : 100);
    block.skip(kSignature.size() + 1);
    block.expect(0, 1, "free space of another version");
    block.expect(0, 1, "a root group of another version");
    block.skip(1);
    block.expect(0, 1, "shared headers of another version");
    block.expect(8, 1, "addresses of another size");
    block.expect(8, 1, "lengths of another size");
    block.skip(1 + 2 + 2 + 4 + (version == 0 ? 0 : 4));
    const std::uint64_t base = block.number(8);
    block.skip(8); // free space
    const std::uint64_t end = block.number(8);
    block.skip(8 + 8); // driver, name of the root
    const std::uint64_t root = block.number(8);
    if (base != at || end < at) {
        source.refuse("another base address");
    }
    source.setExtent(at, end - at);
    return root;
}

std::uint64_t newSuperblock(Source& source, std::uint64_t at)
{
    Bytes block = source.checkedBytes(at, 48);
    block.skip(kSignature.size() + 1);
    block.expect(8, 1, "addresses of another size");
    block.expect(8, 1, "lengths of another size");
    block.skip(1);
    const std::uint64_t base = block.number(8);
    block.skip(8); // extension
    const std::uint64_t end = block.number(8);
    if (base != at || end < at) {
        source.refuse("another base address");
    }
    source.setExtent(at, end - at);
    return block.number(8);
}

/// Reads the messages of one header with what continues it.
class HeaderReader
{
public:
    HeaderReader(const Source& source, Object& object)
        : m_source(source)
        , m_object(object)
    {
    }

    void run(std::uint64_t address)
    {
        Bytes start = m_source.bytes(address, 16);
        if (start.take(4) == "OHDR") {
            return readNew(address, start);
        }
        Bytes head = m_source.bytes(address, 16);
        head.expect(1, 1, "an object header of another version");
        head.skip(1 + 2 + 4);
        const std::uint64_t bytes = head.number(4);
        readOld(m_source.bytes(address + 16, bytes));
        for (std::size_t i = 0; i < m_more.size(); ++i) {
            readOld(m_source.bytes(m_more[i].first, m_more[i].second));
        }
    }

private:
    void readNew(std::uint64_t address, Bytes& start)
    {
        start.expect(2, 1, "an object header of another version");
        const std::uint64_t flags = start.byte();
        const std::size_t width = std::size_t{1} << (flags & 3);
        const std::uint64_t fixed = 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
        Bytes head = m_source.bytes(address, fixed + width);
        head.skip(fixed);
        const std::uint64_t bytes = head.number(width);
        m_source.check(address, bytes);
        const bool hasOrder = (flags & 4) != 0;
        Bytes whole = m_source.checkedBytes(address, fixed + width + bytes + 4);
        whole.skip(fixed + width);
        readNewMessages(std::move(whole), hasOrder);
        for (std::size_t i = 0; i < m_more.size(); ++i) {
            Bytes block = m_source.checkedBytes(m_more[i].first, m_more[i].second);
            block.expect("OCHK", "a header that goes on elsewhere");
            readNewMessages(std::move(block), hasOrder);
        }
    }

    void readNewMessages(Bytes messages, bool hasOrder)
    {
        const std::size_t head = hasOrder ? 6 : 4;
        while (messages.left() >= head) { // what is shorter is a gap
            const std::uint64_t type = messages.byte();
            const std::uint64_t bytes = messages.number(2);
            const std::uint64_t flags = messages.byte();
            messages.skip(head - 4);
            read(type, flags, messages.part(bytes));
        }
    }

    void readOld(Bytes messages)
    {
        while (messages.left() >= 8) {
            const std::uint64_t type = messages.number(2);
            const std::uint64_t bytes = messages.number(2);
            const std::uint64_t flags = messages.byte();
            messages.skip(3);
            read(type, flags, messages.part(bytes));
        }
    }

    void read(std::uint64_t type, std::uint64_t flags, Bytes message)
    {
        if (type == 0x10) {
            const std::uint64_t address = message.number(8);
            if (!m_seen.insert(address).second) {
                message.refuse("a header that goes on in a circle");
            }
            m_more.emplace_back(address, message.number(8));
            return;
        }
        readMessage(type, flags, std::move(message), m_object);
    }

    const Source& m_source;
    Object& m_object;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> m_more; ///< what continues the header
    std::set<std::uint64_t> m_seen;
};

} // namespace

Bytes Source::checkedBytes(std::uint64_t address, std::uint64_t count) const
{
    constexpr std::uint64_t kChecksum = 4;
    if (count < kChecksum) {
        refuse("a part is too short");
    }
    Bytes whole = bytes(address, count);
    Bytes content = whole.part(count - kChecksum);
    Bytes copy = content;
    whole.expect(io::hdf5Checksum(copy.take(copy.left())), kChecksum, "a checksum does not match");
    return content;
}

std::uint64_t openSuperblock(Source& source)
{
    constexpr std::uint64_t kShortest = 48;
    // Behind a user block the file starts at 512 bytes or any doubling of them.
    for (std::uint64_t at = 0; source.fileSize() >= kShortest && at <= source.fileSize() - kShortest;
         at = at == 0 ? 512 : 2 * at) {
        Bytes block = source.bytes(at, kShortest);
        if (block.take(kSignature.size()) != kSignature) {
            continue;
        }
        const std::uint64_t version = block.byte();
        if (version > 3) {
            source.refuse("a version of HDF5 that is not known");
        }
        return version < 2 ? oldSuperblock(source, at, version) : newSuperblock(source, at);
    }
    throw core::Error(core::ErrorKind::FileFormat, source.name() + ": not an HDF5 file, or truncated");
}

Object objectAt(const Source& source, std::uint64_t address)
{
    Object object;
    HeaderReader(source, object).run(address);
    if (object.table) {
        addTableLinks(source, object);
    }
    return object;
}

} // namespace io::hdf5data
