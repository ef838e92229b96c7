#include "io/data/bound_dataset.h"

#include "core/base/error.h"
#include "io/files/file.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace io {

namespace {

using core::Error;
using core::ErrorKind;

/// Throws unless a sample's tensor has the rank and the static dimensions of the input.
void checkShape(const core::Shape& shape, const InputSpec& spec, const std::string& name)
{
    if (!spec.hasShape) {
        return;
    }
    bool fits = shape.size() == spec.shape.size();
    for (std::size_t i = 0; fits && i < shape.size(); ++i) {
        fits = spec.shape[i] == core::kDynamic || spec.shape[i] == shape[i];
    }
    if (!fits) {
        throw Error(
            ErrorKind::ShapeMismatch,
            fmt::format("{}: a sample of {} does not fit input {} of {}; see preprocess, layout or --shape",
                        name, core::toString(shape), spec.name, core::toString(spec.shape)));
    }
}

/// An axis in front that counts `batch` items.
core::Shape batched(const core::Shape& item, std::size_t batch)
{
    core::Shape shape = item;
    shape.insert(shape.begin(), static_cast<std::int64_t>(batch));
    return shape;
}

} // namespace

BoundDataset::BoundDataset(std::vector<BoundInput> inputs, std::vector<Label> labels,
                           std::optional<std::int64_t> itemLimit)
    : m_labels(std::move(labels))
{
    for (BoundInput& input : inputs) {
        const std::size_t rank = input.source->load(0).rank();
        const bool isWhole = input.spec.hasShape && rank == input.spec.shape.size();
        if (input.spec.hasShape && !isWhole && !input.spec.shape.empty()
            && input.spec.shape.front() != core::kDynamic && input.source->size()) {
            if (rank + 1 == input.spec.shape.size()) {
                m_itemsPerSample =
                    std::max(m_itemsPerSample, static_cast<std::size_t>(input.spec.shape.front()));
            }
        }
        m_slots.push_back({std::move(input), isWhole});
    }
    countItems(itemLimit);
    makeFingerprint();
    (void)load(0);
}

void BoundDataset::countItems(std::optional<std::int64_t> itemLimit)
{
    const Slot* counted = nullptr;
    for (const Slot& slot : m_slots) {
        if (const auto size = slot.input.source->size()) {
            const std::size_t items = slot.isWholeSample ? *size * m_itemsPerSample : *size;
            if (counted && (items + m_itemsPerSample - 1) / m_itemsPerSample != this->size()) {
                throw Error(ErrorKind::ShapeMismatch,
                            fmt::format("input {} has {} samples, input {} has {}", counted->input.spec.name,
                                        m_items, slot.input.spec.name, items));
            }
            m_items = counted ? std::min(m_items, items) : items;
            counted = counted ? counted : &slot;
        }
    }
    if (m_items == 0) {
        throw Error(ErrorKind::Usage, "the data has no samples");
    }
    if (itemLimit && static_cast<std::uint64_t>(*itemLimit) > m_items) {
        throw Error(ErrorKind::Usage,
                    fmt::format("calibration.first is {}, the data has {} samples", *itemLimit, m_items));
    }
    m_items = itemLimit ? static_cast<std::size_t>(*itemLimit) : m_items;
}

void BoundDataset::makeFingerprint()
{
    std::string text = fmt::format("items {} batch {}\n", m_items, m_itemsPerSample);
    for (const Slot& slot : m_slots) {
        text += fmt::format("{} {} {}\n", slot.input.spec.name, core::nameOf(slot.input.spec.type),
                            core::toString(slot.input.spec.shape));
        text += slot.input.source->fingerprint();
    }
    for (const Label& label : m_labels) {
        text += label ? fmt::format("{},", *label) : "-,";
    }
    m_fingerprint = sha256(text);
}

std::size_t BoundDataset::size() const { return (m_items + m_itemsPerSample - 1) / m_itemsPerSample; }

std::size_t BoundDataset::itemsOf(std::size_t index) const
{
    return std::min(m_itemsPerSample, m_items - firstItem(index));
}

const InputSource& BoundDataset::leading() const
{
    const auto found =
        std::ranges::find_if(m_slots, [](const Slot& slot) { return slot.input.source->size().has_value(); });
    return found == m_slots.end() ? *m_slots.front().input.source : *found->input.source;
}

core::Tensor BoundDataset::stacked(const Slot& slot, std::size_t first) const
{
    const InputSource& source = *slot.input.source;
    const core::Tensor head = source.load(source.size() ? first : 0);
    if (m_itemsPerSample == 1 || !source.size()) {
        checkShape(batched(head.shape(), 1), slot.input.spec, source.itemName(first));
        return core::castTo(head.reshaped(batched(head.shape(), 1)), slot.input.spec.type);
    }
    core::TensorBuilder builder(slot.input.spec.type, batched(head.shape(), m_itemsPerSample));
    checkShape(batched(head.shape(), m_itemsPerSample), slot.input.spec, source.itemName(first));
    std::byte* dst = builder.data();
    for (std::size_t i = 0; i < m_itemsPerSample; ++i) {
        const std::size_t item = std::min(first + i, m_items - 1);
        const core::Tensor next = core::castTo(i == 0 ? head : source.load(item), slot.input.spec.type);
        if (next.shape() != head.shape()) {
            throw Error(ErrorKind::ShapeMismatch,
                        fmt::format("{} is {}, {} in the same batch is {}", source.itemName(item),
                                    core::toString(next.shape()), source.itemName(first),
                                    core::toString(head.shape())));
        }
        std::memcpy(dst, next.data(), next.byteCount());
        dst += next.byteCount();
    }
    return std::move(builder).finish();
}

core::Sample BoundDataset::load(std::size_t index) const
{
    core::Sample sample;
    sample.items = static_cast<std::int64_t>(itemsOf(index));
    for (const Slot& slot : m_slots) {
        if (slot.isWholeSample) {
            const InputSource& source = *slot.input.source;
            const core::Tensor tensor = source.load(source.size() ? index : 0);
            checkShape(tensor.shape(), slot.input.spec, source.itemName(index));
            sample.inputs.push_back(core::castTo(tensor, slot.input.spec.type));
        } else {
            sample.inputs.push_back(stacked(slot, firstItem(index)));
        }
    }
    sample.labels = labels(index);
    return sample;
}

std::vector<Label> BoundDataset::labels(std::size_t index) const
{
    if (m_labels.empty()) {
        return {};
    }
    const auto first = m_labels.begin() + static_cast<std::ptrdiff_t>(firstItem(index));
    return {first, first + static_cast<std::ptrdiff_t>(itemsOf(index))};
}

std::string BoundDataset::sampleName(std::size_t index) const
{
    const std::string name = leading().itemName(firstItem(index));
    const std::size_t items = itemsOf(index);
    return items > 1 ? fmt::format("{} and {} more", name, items - 1) : name;
}

std::optional<core::Picture> BoundDataset::picture(std::size_t index) const
{
    for (const Slot& slot : m_slots) {
        if (slot.input.source->size()) {
            const std::size_t item = slot.isWholeSample ? index : firstItem(index);
            if (auto picture = slot.input.source->picture(item)) {
                return picture;
            }
        }
    }
    return std::nullopt;
}

bool BoundDataset::isSynthetic() const
{
    return std::ranges::any_of(m_slots, [](const Slot& slot) { return slot.input.source->isSynthetic(); });
}

bool BoundDataset::startsSequence(std::size_t index) const
{
    return leading().startsSequence(firstItem(index));
}

} // namespace io
