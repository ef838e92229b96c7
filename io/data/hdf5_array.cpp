#include "core/base/error.h"
#include "core/base/near_misses.h"
#include "io/data/array_file.h"
#include "io/data/hdf5_chunks.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace io {

namespace {

using core::Error;
using core::ErrorKind;
using hdf5data::kNowhere;
using hdf5data::Layout;
using hdf5data::NumberType;
using hdf5data::Object;
using hdf5data::Source;

/// A file that is open at its root group.
struct OpenFile
{
    explicit OpenFile(const std::filesystem::path& path)
        : source(path)
        , root(hdf5data::objectAt(source, hdf5data::openSuperblock(source)))
    {
    }
    Source source;
    Object root;
};

std::vector<std::string> datasetsOf(const OpenFile& file)
{
    std::vector<std::string> names;
    for (const auto& [name, address] : file.root.links) {
        if (hdf5data::objectAt(file.source, address).layout) {
            names.push_back(name);
        }
    }
    return names;
}

/// None where there is no object of that path.
std::optional<Object> find(const OpenFile& file, std::string_view path)
{
    Object object = file.root;
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        const std::string name(path.substr(0, end));
        path.remove_prefix(std::min(end + 1, path.size()));
        if (name.empty()) {
            continue;
        }
        if (const auto other = object.otherLinks.find(name); other != object.otherLinks.end()) {
            throw Error(ErrorKind::FileFormat,
                        fmt::format("{}: '{}' is {}", file.source.name(), name, other->second));
        }
        const auto link = object.links.find(name);
        if (link == object.links.end()) {
            return std::nullopt;
        }
        object = hdf5data::objectAt(file.source, link->second);
    }
    return object;
}

std::uint64_t elementsOf(const core::Shape& shape)
{
    return static_cast<std::uint64_t>(core::elementCount(shape));
}

/// Extent, type, fill value and storage say the same.
void checkDataset(const Source& source, const Object& dataset, const std::string& name)
{
    if (!dataset.layout || !dataset.extent) {
        throw Error(ErrorKind::FileFormat, fmt::format("{}: not a dataset", name));
    }
    if (!dataset.numbers) {
        throw Error(ErrorKind::FileFormat, fmt::format("{}: not a dataset of numbers", name));
    }
    const Layout& layout = *dataset.layout;
    const std::uint64_t width = dataset.numbers->storedBytes;
    const std::uint64_t bytes = elementsOf(*dataset.extent) * width;
    if (!dataset.fill.empty() && dataset.fill.size() != width) {
        source.refuse("a fill value of another size");
    }
    if (dataset.shuffledBytes != 0 && dataset.shuffledBytes != width) {
        source.refuse("elements shuffled by another size than theirs");
    }
    const bool isChunked = layout.kind != Layout::Kind::Compact && layout.kind != Layout::Kind::Contiguous;
    if (isChunked && (layout.chunk.size() != dataset.extent->size() + 1 || layout.chunk.back() != width)) {
        source.refuse("chunks of another rank or type than their dataset");
    }
    const std::uint64_t stored = layout.kind == Layout::Kind::Compact ? layout.inside.size()
        : isChunked                                                   ? bytes
                                                                      : layout.bytes;
    if (stored != bytes || (!isChunked && !dataset.filters.empty())) {
        source.refuse("a dataset has more or less data than its extent says");
    }
    if (layout.kind == Layout::Kind::Contiguous && layout.address != kNowhere) {
        source.check(layout.address, bytes);
    }
}

float fromHalf(std::uint16_t half)
{
    const std::uint32_t sign = std::uint32_t{half} >> 15 << 31;
    const std::uint32_t exponent = half >> 10 & 31;
    const std::uint32_t mantissa = half & 1023;
    if (exponent == 0) {
        const float tiny = static_cast<float>(mantissa) * 0x1p-24f;
        return sign ? -tiny : tiny;
    }
    const std::uint32_t wide = exponent == 31 ? 255 : exponent + 112;
    return std::bit_cast<float>(sign | wide << 23 | mantissa << 13);
}

/// Stored elements into those of memory.
void convert(const char* src, const NumberType& numbers, std::size_t count, std::byte* dst)
{
    const std::size_t width = numbers.storedBytes;
    if (!numbers.isBigEndian && width == core::sizeOf(numbers.type)) {
        std::memcpy(dst, src, count * width);
        return;
    }
    for (std::size_t i = 0; i < count; ++i, src += width) {
        std::array<char, 8> bytes{};
        std::copy_n(src, width, bytes.begin());
        if (numbers.isBigEndian) {
            std::reverse(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(width));
        }
        if (width == core::sizeOf(numbers.type)) {
            std::memcpy(dst + i * width, bytes.data(), width);
        } else {
            std::uint16_t half;
            std::memcpy(&half, bytes.data(), sizeof half);
            const float value = fromHalf(half);
            std::memcpy(dst + i * sizeof value, &value, sizeof value);
        }
    }
}

class Hdf5Array : public ArrayFile
{
public:
    Hdf5Array(OpenFile file, Object dataset, std::string name)
        : ArrayFile(std::move(name), dataset.numbers->type, *dataset.extent)
        , m_file(std::move(file))
        , m_dataset(std::move(dataset))
    {
        if (!m_dataset.layout->chunk.empty()) {
            m_grid = hdf5data::chunkGrid(m_dataset);
            m_chunks = hdf5data::chunksOf(m_file.source, m_dataset);
        }
    }

private:
    [[nodiscard]] std::size_t itemElements() const
    {
        return static_cast<std::size_t>(core::elementCount(std::span(shape()).subspan(1)));
    }

    void readInto(std::int64_t first, std::int64_t count, std::byte* dst) const override
    {
        if (!m_dataset.layout->chunk.empty()) {
            return readChunks(static_cast<std::uint64_t>(first), static_cast<std::uint64_t>(count), dst);
        }
        const Layout& layout = *m_dataset.layout;
        const std::size_t width = m_dataset.numbers->storedBytes;
        const std::size_t elements = itemElements() * static_cast<std::size_t>(count);
        const std::size_t offset = itemElements() * static_cast<std::size_t>(first) * width;
        std::string bytes(elements * width, '\0');
        if (layout.kind == Layout::Kind::Compact) {
            bytes = layout.inside.substr(offset, bytes.size());
        } else if (layout.address != kNowhere) {
            m_file.source.read(layout.address + offset,
                               {reinterpret_cast<std::byte*>(bytes.data()), bytes.size()});
        } else {
            for (std::size_t i = 0; !m_dataset.fill.empty() && i < bytes.size(); i += width) {
                bytes.replace(i, width, m_dataset.fill);
            }
        }
        convert(bytes.data(), *m_dataset.numbers, elements, dst);
    }

    void readChunks(std::uint64_t first, std::uint64_t count, std::byte* dst) const
    {
        const std::uint64_t rows = m_dataset.layout->chunk.front();
        const std::size_t perRow = m_chunks.size() / static_cast<std::size_t>(m_grid.front());
        for (std::uint64_t row = first / rows; row * rows < first + count; ++row) {
            for (std::size_t k = 0; k < perRow; ++k) {
                const std::size_t index = static_cast<std::size_t>(row) * perRow + k;
                copyOut(*chunkAt(index), index, first, count, dst);
            }
        }
    }

    /// Those of the last chunks that fit into 64 MiB, but at least one, so that the items of a packed chunk
    /// do not unpack it again and again.
    std::shared_ptr<const std::string> chunkAt(std::size_t index) const
    {
        constexpr std::size_t kMostBytes = std::size_t{64} << 20;
        const std::lock_guard lock(m_mutex);
        const auto known = std::ranges::find(m_recent, index, [](const auto& e) { return e.first; });
        if (known != m_recent.end()) {
            std::rotate(known, known + 1, m_recent.end());
            return m_recent.back().second;
        }
        auto chunk = std::make_shared<const std::string>(
            hdf5data::unpackedChunk(m_file.source, m_dataset, m_chunks[index]));
        while (!m_recent.empty() && (m_recent.size() + 1) * chunk->size() > kMostBytes) {
            m_recent.erase(m_recent.begin());
        }
        m_recent.emplace_back(index, chunk);
        return chunk;
    }

    /// What of one chunk lies in items [first, first + count), row by row of its last axis.
    void copyOut(const std::string& chunk, std::size_t index, std::uint64_t first, std::uint64_t count,
                 std::byte* dst) const
    {
        const std::size_t rank = shape().size();
        const auto& extents = m_dataset.layout->chunk;
        std::vector<std::uint64_t> start(rank); // of the chunk in the dataset
        std::vector<std::uint64_t> from(rank); // of what is copied, within the chunk
        std::vector<std::uint64_t> to(rank);
        for (std::size_t i = rank; i-- > 0; index /= static_cast<std::size_t>(m_grid[i])) {
            start[i] = index % m_grid[i] * extents[i];
            const auto end = static_cast<std::uint64_t>(shape()[i]);
            const std::uint64_t low = i == 0 ? first : 0;
            const std::uint64_t high = i == 0 ? first + count : end;
            from[i] = std::max(low, start[i]) - start[i];
            to[i] = std::min(high, start[i] + extents[i]) - start[i];
        }
        const std::size_t width = m_dataset.numbers->storedBytes;
        const std::size_t wide = core::sizeOf(type());
        const auto run = static_cast<std::size_t>(to.back() - from.back());
        std::vector<std::uint64_t> at = from;
        for (bool more = true; more;) {
            std::uint64_t inside = 0;
            std::uint64_t outside = 0;
            for (std::size_t i = 0; i < rank; ++i) {
                inside = inside * extents[i] + at[i];
                outside = outside * (i == 0 ? count : static_cast<std::uint64_t>(shape()[i])) + start[i]
                    + at[i] - (i == 0 ? first : 0);
            }
            convert(chunk.data() + inside * width, *m_dataset.numbers, run, dst + outside * wide);
            more = false;
            for (std::size_t i = rank - 1; i-- > 0 && !more;) {
                more = ++at[i] < to[i];
                at[i] = more ? at[i] : from[i];
            }
        }
    }

    OpenFile m_file;
    Object m_dataset;
    std::vector<std::uint64_t> m_grid;
    std::vector<hdf5data::Chunk> m_chunks;
    mutable std::mutex m_mutex; // guards m_recent
    mutable std::vector<std::pair<std::size_t, std::shared_ptr<const std::string>>> m_recent; ///< newest last
};

} // namespace

std::vector<std::string> namesInHdf5(const std::filesystem::path& path) { return datasetsOf(OpenFile(path)); }

std::unique_ptr<ArrayFile> openHdf5(const std::filesystem::path& path, const std::string& dataset)
{
    OpenFile file(path);
    auto found = find(file, dataset);
    if (!found) {
        const std::vector<std::string> names = datasetsOf(file);
        throw Error(ErrorKind::Usage,
                    fmt::format("{}: no dataset '{}'{}; it has {}", path.string(), dataset,
                                core::nearMisses(dataset, names), fmt::join(names, ", ")));
    }
    const std::string name = fmt::format("{}[{}]", path.string(), dataset);
    checkDataset(file.source, *found, name);
    return std::make_unique<Hdf5Array>(std::move(file), std::move(*found), name);
}

} // namespace io
