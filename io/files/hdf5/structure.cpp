#include "io/files/hdf5/structure.h"

#include "core/base/error.h"
#include "io/files/hdf5/chunks.h"
#include "io/files/hdf5/cursor.h"
#include "io/files/hdf5/messages.h"

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace io {

namespace {

using hdf5::kChecksumBytes;
using hdf5::Storage;

constexpr std::size_t kSuperblockBytes = 48;

/// What the header of one object says.
struct Object
{
    std::vector<std::pair<std::string, std::uint64_t>> links; ///< names and addresses of other objects
    std::optional<std::vector<std::uint64_t>> extent;
    std::optional<std::uint64_t> elementBytes;
    std::optional<std::uint64_t> fillBytes;
    std::optional<Storage> storage;
    std::optional<bool> isPacked;
};

template <typename T>
void setOnce(std::optional<T>& field, T value)
{
    if (field) {
        refuseStructure("an object says something twice");
    }
    field = value;
}

class Checker
{
public:
    explicit Checker(std::string_view image)
        : m_image(image)
    {
    }

    /// Paths of objects that do not pass; throws at the first unless `goesOn`.
    std::set<std::string> run(bool goesOn)
    {
        std::set<std::string> damaged;
        std::vector<std::pair<std::string, std::uint64_t>> open{{"", rootAddress()}};
        while (!open.empty()) {
            const auto [path, address] = open.back();
            open.pop_back();
            try {
                const Object object = objectAt(address);
                checkData(object);
                for (const auto& [name, at] : object.links) {
                    open.emplace_back(path + "/" + name, at);
                }
            } catch (const core::Error&) {
                if (!goesOn || path.empty()) {
                    throw;
                }
                damaged.insert(path);
            }
        }
        return damaged;
    }

private:
    std::uint64_t rootAddress() const
    {
        Cursor block(m_image.checkedPart(0, kSuperblockBytes));
        if (block.take(8) != "\x89HDF\r\n\x1a\n") {
            refuseStructure("no signature");
        }
        block.expect(3, 1, "another version");
        block.expect(8, 1, "addresses of another size");
        block.expect(8, 1, "lengths of another size");
        block.expect(0, 1, "open for writing");
        block.expect(0, 8, "another base address");
        block.expect(hdf5::kNoAddress, 8, "an extended superblock");
        if (block.number(8) > m_image.size()) {
            refuseStructure("the file was cut off");
        }
        return block.number(8);
    }

    void once(std::uint64_t address)
    {
        if (!m_seen.insert(address).second) {
            refuseStructure("a part is reached twice");
        }
    }

    Object objectAt(std::uint64_t address)
    {
        once(address);
        constexpr std::uint64_t kShortest = 6; // signature, version, flags
        Cursor start(m_image.part(address, kShortest));
        if (start.take(4) != "OHDR") {
            refuseStructure("an object without a header");
        }
        start.expect(2, 1, "a header of another version");
        const std::uint64_t flags = start.byte();
        if (flags & 0xc0) {
            refuseStructure("a header of another kind");
        }
        const std::size_t width = std::size_t{1} << (flags & 3);
        const std::uint64_t fixed = kShortest + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0) + width;
        const std::string_view head = m_image.part(address, fixed);
        const std::uint64_t length = Cursor(head.substr(head.size() - width)).number(width);
        if (length > m_image.size()) {
            refuseStructure("a header is longer than the file");
        }
        Object object;
        Cursor messages(m_image.checkedPart(address, fixed + length + kChecksumBytes));
        (void)messages.take(fixed);
        read(messages, object, (flags & 4) != 0);
        return object;
    }

    void continueAt(Cursor& message, Object& object, bool hasOrder)
    {
        const std::uint64_t address = message.number(8);
        const std::uint64_t bytes = message.number(8);
        once(address);
        Cursor more(m_image.checkedPart(address, bytes));
        if (more.take(4) != "OCHK") {
            refuseStructure("a header that goes on elsewhere");
        }
        read(more, object, hasOrder);
    }

    void read(Cursor& messages, Object& object, bool hasOrder)
    {
        const std::size_t head = hasOrder ? 6 : 4;
        while (messages.left() >= head) { // what is shorter is a gap
            const std::uint64_t type = messages.byte();
            const std::uint64_t bytes = messages.number(2);
            const std::uint64_t flags = messages.byte();
            (void)messages.take(head - 4);
            constexpr std::uint64_t kConstantOrUnshared = 5;
            if (flags & ~kConstantOrUnshared) {
                refuseStructure("a shared message");
            }
            Cursor message(messages.take(bytes));
            readMessage(type, message, object, hasOrder);
        }
    }

    void readMessage(std::uint64_t type, Cursor& message, Object& object, bool hasOrder)
    {
        switch (type) {
        case 0x00: // none
        case 0x12: // time of the last change
            return;
        case 0x01:
            return setOnce(object.extent, hdf5::dataspace(message));
        case 0x02:
            return hdf5::compactInfo(message, 8);
        case 0x03:
            return setOnce(object.elementBytes, hdf5::datatype(message));
        case 0x05:
            return setOnce(object.fillBytes, hdf5::fillValue(message));
        case 0x06:
            object.links.push_back(hdf5::link(message));
            return;
        case 0x08:
            return setOnce(object.storage, hdf5::layout(message));
        case 0x0a:
            return hdf5::groupInfo(message);
        case 0x0b:
            return setOnce(object.isPacked, hdf5::filters(message));
        case 0x0c:
            return hdf5::attribute(message);
        case 0x10:
            return continueAt(message, object, hasOrder);
        case 0x15:
            return hdf5::compactInfo(message, 2);
        default:
            refuseStructure("a message that sessions do not use");
        }
    }

    /// A dataset has as much data as its extent says, in the file.
    void checkData(const Object& object) const
    {
        if (!object.storage) {
            return; // a group
        }
        if (!object.extent || !object.elementBytes || !object.links.empty()) {
            refuseStructure("a dataset without type and extent");
        }
        const Storage& storage = *object.storage;
        const std::uint64_t bytes = hdf5::pointsOf(*object.extent) * *object.elementBytes;
        if (object.fillBytes.value_or(0) != 0 && *object.fillBytes != *object.elementBytes) {
            refuseStructure("a fill value of another size");
        }
        const bool isPacked = object.isPacked.value_or(false);
        if (storage.kind == Storage::Kind::SingleChunk || storage.kind == Storage::Kind::ChunkArray) {
            checkChunks(m_image, storage, *object.extent, *object.elementBytes, isPacked);
        } else if (storage.bytes != bytes || isPacked) {
            refuseStructure("a dataset has more or less data than its extent says");
        } else if (storage.address != hdf5::kNoAddress) {
            (void)m_image.part(storage.address, bytes);
        }
    }

    const hdf5::Image m_image;
    std::set<std::uint64_t> m_seen; ///< addresses of headers and what continues them
};

} // namespace

void checkHdf5Structure(std::string_view image) { Checker(image).run(false); }

std::set<std::string> damagedHdf5Objects(std::string_view image) { return Checker(image).run(true); }

} // namespace io
