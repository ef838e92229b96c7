#pragma once

#include "core/tensor/tensor.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace core {

/// A box with its corners as shares of the picture (0…1).
struct Box
{
    std::int64_t category = 0;
    double left = 0.0;
    double top = 0.0;
    double right = 0.0;
    double bottom = 0.0;
    double score = 1.0;
    bool isCrowd = false; ///< of labels: a group; what is found in it counts neither way
};

/// What is true of one sample. Which member counts is the metric's.
struct Truth
{
    std::optional<std::int64_t> label; ///< class, or 1 and 0 of a yes or no
    std::vector<Box> boxes;
    std::vector<std::int64_t> tokens; ///< code points of a text, or class numbers without an alphabet
    Tensor values; ///< float32 or int64: a mask, a picture, targets
    std::vector<Tensor> outputs; ///< FP32's, where a metric takes them as they are
};

/// What a metric looks at: of one item of one pipeline, row-major, real numbers or integers.
struct MetricSample
{
    std::vector<Tensor> outputs; ///< in the order of MetricTask::outputs
    Tensor input; ///< the network's first input
};

/// What one sample tells a metric, in few numbers whose meaning is the metric's own.
using Evidence = std::vector<double>;

struct MetricInfo
{
    std::string kind; ///< "map", "cer", …: the name in descriptions, reports and --fail-if
    std::string name; ///< for people: "mAP@[.5:.95]"
    std::string unit; ///< "%", "dB", "" for a plain number
    bool higherIsBetter = true;
    bool isProportion = false; ///< evidence is {1} or {0}, the value the percentage of ones
    bool needsFloatTruth = false; ///< labels would say nothing: FP32's outputs are the truth
};

/// A number beside the main one: AP at another overlap, of a class, of a size.
struct MetricPart
{
    std::string name;
    std::optional<double> value;
};

/// Evidence of many samples made ready for value() of any resample or subset of them.
class MetricAggregate
{
public:
    virtual ~MetricAggregate() = default;
    /// `weights[i]`: how often sample i counts, ≥ 0. None where these samples say nothing (no positive one,
    /// no box of any class).
    [[nodiscard]] virtual std::optional<double> value(std::span<const double> weights) const = 0;
    [[nodiscard]] virtual std::vector<MetricPart> parts() const { return {}; }
};

/// A measure of how well a network does its task.
class Metric
{
public:
    virtual ~Metric() = default;
    [[nodiscard]] virtual MetricInfo info() const = 0;
    /// Throws core::Error(ShapeMismatch) when outputs or truth are not of the shapes the metric reads.
    [[nodiscard]] virtual Evidence evidence(const MetricSample& sample, const Truth& truth) const = 0;
    /// What the FP32 network says, as the truth that the quantized one is held against.
    [[nodiscard]] virtual Truth truthOf(const MetricSample& fp32) const = 0;
    /// May refer to `all`, which has to live as long.
    [[nodiscard]] virtual std::unique_ptr<MetricAggregate> over(std::span<const Evidence> all) const = 0;
};

using MetricPtr = std::shared_ptr<const Metric>;

/// Metrics that the user's own settings name; a description calls them custom:NAME.
using CustomMetrics = std::map<std::string, MetricPtr>;

/// The value over all samples, each once.
[[nodiscard]] std::optional<double> valueOfAll(const Metric& metric, std::span<const Evidence> all);

} // namespace core
