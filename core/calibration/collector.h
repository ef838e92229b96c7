#pragma once

#include "core/calibration/entropy_search.h"
#include "core/calibration/method.h"
#include "core/statistics/statistics.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core {

/// What a method that takes samples in data order keeps of one tensor while they go by. Bounded in memory.
class Collector
{
public:
    virtual ~Collector() = default;
    /// The finite values of one sample; samples come one after the other, in data order.
    virtual void add(std::span<const float> values) = 0;
    /// The thresholds after all samples. `statistics` are those of the same samples. May be called from
    /// several threads.
    [[nodiscard]] virtual Range range(const TensorStatistics& statistics,
                                      const CalibrationTarget& target) const = 0;
    /// What quantizing those samples cost, where that does not follow from the range.
    [[nodiscard]] virtual std::optional<QuantizationCost> cost(const CalibrationTarget&) const
    {
        return std::nullopt;
    }
    /// How it got there, where it searched by divergence.
    [[nodiscard]] virtual std::optional<EntropyChoice> search(const TensorStatistics&,
                                                              const CalibrationTarget&) const
    {
        return std::nullopt;
    }
    /// Memory in use.
    [[nodiscard]] virtual std::size_t byteCount() const = 0;
};

/// A method from the user's settings. A plan names it `custom:NAME`; nothing in a plan can bring one in.
struct CustomMethod
{
    std::string help;
    /// The state for one tensor. Throws core::Error when the collector refuses it.
    std::function<std::unique_ptr<Collector>(const std::string& tensor)> collect;
};
/// By NAME.
using CustomMethods = std::map<std::string, CustomMethod>;

inline constexpr std::string_view kCustomPrefix = "custom:";
[[nodiscard]] bool isCustom(const CalibrationMethod& method);

/// Whether a pass must feed the method; false for those that need statistics only.
[[nodiscard]] bool isCollected(const CalibrationMethod& method);

/// A new state for one tensor. Throws core::Error(Usage) for a custom method that is not among `custom`.
[[nodiscard]] std::unique_ptr<Collector>
makeCollector(const CalibrationMethod& method, const std::string& tensor, const CustomMethods& custom);

/// How a method can answer for a tensor.
enum class Answer
{
    Exact, ///< from statistics, or from what it collected
    Merged, ///< it looks at samples in data order and saw none: what it comes to on the merged histogram
    None ///< it saw none and has no other way, or does not choose from data
};
[[nodiscard]] Answer answerOf(const TensorStatistics& statistics, const CalibrationMethod& method);

/// Gives values that are all there at once, such as weights, to those of the methods that are collected, as
/// one sample.
void collectValues(TensorStatistics& statistics, std::span<const float> values,
                   std::span<const CalibrationMethod> methods, const std::string& tensor,
                   const CustomMethods& custom);

/// Throws core::Error(Usage), naming what is registered, for a custom method that is not.
void requireRegistered(const CalibrationMethod& method, const CustomMethods& custom);

} // namespace core
