#include "core/tensor/input_selection.h"

#include <cassert>

namespace core {

namespace {

class SelectedInputs : public Dataset
{
public:
    SelectedInputs(std::shared_ptr<const Dataset> data, std::vector<bool> keep)
        : m_data(std::move(data))
        , m_keep(std::move(keep))
    {
    }

    [[nodiscard]] std::size_t size() const override { return m_data->size(); }
    [[nodiscard]] Sample load(std::size_t index) const override
    {
        Sample sample = m_data->load(index);
        assert(sample.inputs.size() == m_keep.size());
        std::vector<Tensor> kept;
        for (std::size_t i = 0; i < m_keep.size(); ++i) {
            if (m_keep[i]) {
                kept.push_back(std::move(sample.inputs[i]));
            }
        }
        sample.inputs = std::move(kept);
        return sample;
    }
    [[nodiscard]] std::string sampleName(std::size_t index) const override
    {
        return m_data->sampleName(index);
    }
    [[nodiscard]] std::optional<Picture> picture(std::size_t index) const override
    {
        return m_data->picture(index);
    }
    [[nodiscard]] bool isSynthetic() const override { return m_data->isSynthetic(); }
    [[nodiscard]] bool hasLabels() const override { return m_data->hasLabels(); }
    [[nodiscard]] std::vector<std::optional<std::int64_t>> labels(std::size_t index) const override
    {
        return m_data->labels(index);
    }
    [[nodiscard]] bool startsSequence(std::size_t index) const override
    {
        return m_data->startsSequence(index);
    }
    [[nodiscard]] std::string fingerprint() const override { return m_data->fingerprint(); }

private:
    std::shared_ptr<const Dataset> m_data;
    std::vector<bool> m_keep;
};

} // namespace

std::shared_ptr<const Dataset> selectInputs(std::shared_ptr<const Dataset> data, std::vector<bool> keep)
{
    return std::make_shared<SelectedInputs>(std::move(data), std::move(keep));
}

} // namespace core
