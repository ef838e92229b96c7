#include "io/data/hdf5_object.h"

#include <set>

namespace io::hdf5data {

namespace {

constexpr std::size_t kMostLinks = 1000000;

/// The B-tree and the heap of names that groups of the old form have.
class TableReader
{
public:
    TableReader(const Source& source, Object& group)
        : m_source(source)
        , m_group(group)
        , m_names(namesAt(group.table->second))
    {
    }

    void run() { readNode(m_group.table->first, -1); }

private:
    std::string namesAt(std::uint64_t address) const
    {
        Bytes heap = m_source.bytes(address, 32);
        heap.expect("HEAP", "no heap of names");
        heap.expect(0, 1, "a heap of another version");
        heap.skip(3);
        const std::uint64_t bytes = heap.number(8);
        heap.skip(8); // what is free
        Bytes content = m_source.bytes(heap.number(8), bytes);
        return std::string(content.take(bytes));
    }

    std::string nameAt(std::uint64_t offset) const
    {
        const std::size_t end = offset < m_names.size() ? m_names.find('\0', offset) : std::string::npos;
        if (end == std::string::npos || end == offset) {
            m_source.refuse("a link without a name");
        }
        return m_names.substr(offset, end - offset);
    }

    void visit(std::uint64_t address)
    {
        if (!m_seen.insert(address).second || m_seen.size() > kMostLinks) {
            m_source.refuse("a group that leads in a circle");
        }
    }

    /// `level` −1: whatever the root says.
    void readNode(std::uint64_t address, int level)
    {
        visit(address);
        Bytes head = m_source.bytes(address, 24);
        head.expect("TREE", "no tree of links");
        head.expect(0, 1, "a tree of another kind");
        const auto own = static_cast<int>(head.byte());
        if ((level >= 0 && own != level) || own > 16) {
            m_source.refuse("a tree with leaves at several depths");
        }
        const std::uint64_t used = head.number(2);
        Bytes entries = m_source.bytes(address + 24, 16 * used + 8);
        for (std::uint64_t i = 0; i < used; ++i) {
            entries.skip(8); // key: a name
            const std::uint64_t child = entries.number(8);
            own == 0 ? readLeaf(child) : readNode(child, own - 1);
        }
    }

    void readLeaf(std::uint64_t address)
    {
        visit(address);
        Bytes head = m_source.bytes(address, 8);
        head.expect("SNOD", "no links where they should be");
        head.expect(1, 1, "links of another version");
        head.skip(1);
        const std::uint64_t count = head.number(2);
        Bytes entries = m_source.bytes(address + 8, 40 * count);
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::string name = nameAt(entries.number(8));
            const std::uint64_t object = entries.number(8);
            constexpr std::uint64_t kSoft = 2;
            const std::uint64_t kind = entries.number(4);
            entries.skip(4 + 16);
            if (m_group.links.contains(name) || m_group.otherLinks.contains(name)) {
                m_source.refuse("two links of one name");
            }
            if (kind == kSoft) {
                m_group.otherLinks[name] = "a soft link: name what it leads to";
            } else {
                m_group.links[name] = object;
            }
        }
    }

    const Source& m_source;
    Object& m_group;
    std::string m_names;
    std::set<std::uint64_t> m_seen;
};

} // namespace

void addTableLinks(const Source& source, Object& group) { TableReader(source, group).run(); }

} // namespace io::hdf5data
