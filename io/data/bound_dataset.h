#pragma once

#include "core/tensor/dataset.h"
#include "io/data/input_source.h"
#include "io/data/labels.h"

#include <string>
#include <vector>

namespace io {

struct BoundInput
{
    InputSpec spec;
    InputSourcePtr source;
};

/// Items bound to a model's inputs: a batch of 1, or a static batch filled in order, whose last one repeats
/// its last item. Everything is read when asked for; nothing is kept.
class BoundDataset : public core::Dataset
{
public:
    /// `itemLimit` uses only the first items. Throws core::Error when inputs have different numbers of items,
    /// there are none, or the first sample does not fit the model.
    BoundDataset(std::vector<BoundInput> inputs, std::vector<Label> labels,
                 std::optional<std::int64_t> itemLimit);

    [[nodiscard]] std::size_t size() const override;
    [[nodiscard]] core::Sample load(std::size_t index) const override;
    [[nodiscard]] std::string sampleName(std::size_t index) const override;
    [[nodiscard]] std::optional<core::Picture> picture(std::size_t index) const override;
    [[nodiscard]] bool isSynthetic() const override;
    [[nodiscard]] bool hasLabels() const override { return !m_labels.empty(); }
    [[nodiscard]] std::vector<Label> labels(std::size_t index) const override;
    [[nodiscard]] bool startsSequence(std::size_t index) const override;
    [[nodiscard]] std::string fingerprint() const override { return m_fingerprint; }

private:
    /// An item of a whole-sample source is the sample; others are stacked along a new first axis.
    struct Slot
    {
        BoundInput input;
        bool isWholeSample = false;
    };
    [[nodiscard]] core::Tensor stacked(const Slot& slot, std::size_t first) const;
    [[nodiscard]] std::size_t firstItem(std::size_t index) const { return index * m_itemsPerSample; }
    [[nodiscard]] std::size_t itemsOf(std::size_t index) const;
    /// What names and pictures are taken from: the first input that has items of its own.
    [[nodiscard]] const InputSource& leading() const;
    void countItems(std::optional<std::int64_t> itemLimit);
    void makeFingerprint();

    std::vector<Slot> m_slots;
    std::vector<Label> m_labels;
    std::size_t m_items = 1;
    std::size_t m_itemsPerSample = 1;
    std::string m_fingerprint;
};

} // namespace io
