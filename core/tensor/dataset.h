#pragma once

#include "core/tensor/tensor.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace core {

/// One execution of the network. A dynamic batch binds to 1; a static batch of B holds B items.
struct Sample
{
    std::vector<Tensor> inputs; ///< row-major, in the order of the graph's inputs
    std::vector<std::optional<std::int64_t>>
        labels; ///< one per item, offset already added; empty without labels
    std::int64_t items = 1; ///< real items; the rest of a static batch is repetition
};

/// A small picture of a sample for people: 8-bit RGB.
struct Picture
{
    int width = 0;
    int height = 0;
    std::vector<std::uint8_t> rgb;
};

/// Samples that are read when asked for. load() may be called from several threads.
class Dataset
{
public:
    virtual ~Dataset() = default;
    [[nodiscard]] virtual std::size_t size() const = 0;
    /// Throws core::Error naming the file.
    [[nodiscard]] virtual Sample load(std::size_t index) const = 0;
    [[nodiscard]] virtual std::string sampleName(std::size_t index) const = 0; ///< file name, or "#17"
    [[nodiscard]] virtual std::optional<Picture> picture(std::size_t index) const = 0;
    [[nodiscard]] virtual bool isSynthetic() const { return false; }
    [[nodiscard]] virtual bool hasLabels() const { return false; }
    /// The labels that load(index) would give, without reading the sample; empty without labels.
    [[nodiscard]] virtual std::vector<std::optional<std::int64_t>> labels(std::size_t) const { return {}; }
    /// Whether recurrent state starts anew at this sample (the first window of a recording).
    [[nodiscard]] virtual bool startsSequence(std::size_t index) const { return index == 0; }
    /// Hash of everything that decides the samples (files, sizes, times, preprocessing).
    [[nodiscard]] virtual std::string fingerprint() const = 0;
};

/// An input that is an output fed back from the sample before. Samples hold the initial value for it.
struct StateBinding
{
    std::string input;
    std::string output;
};

struct MetricTask; // core/metrics/metric_task.h

/// What a run reads. calibration may be the evaluation data itself, which is said in a warning.
struct DataSource
{
    std::shared_ptr<const Dataset> evaluation;
    std::shared_ptr<const Dataset> calibration;
    bool calibratesOnEvaluation = false;
    std::string labelsOutput; ///< the output that labels belong to; empty: the single output
    std::vector<std::string> warnings;
    std::vector<StateBinding> states; ///< empty unless the network is recurrent
    std::map<std::string, Tensor>
        constants; ///< inputs that are the same in every sample, by name: they may be folded
    std::shared_ptr<const MetricTask> metric{}; ///< the user's own number; null: none
};

} // namespace core
