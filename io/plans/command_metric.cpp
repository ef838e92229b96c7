#include "io/plans/command_metric.h"

#include "core/base/error.h"
#include "core/metrics/ratio_aggregate.h"
#include "core/metrics/text_decoding.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <utility>

namespace io {

namespace {

/// The fewest digits that give the element back.
std::string numberText(const core::Tensor& tensor, double value)
{
    if (!std::isfinite(value)) {
        return "null";
    }
    return tensor.type() == core::DataType::Float32 ? fmt::format("{}", static_cast<float>(value))
                                                    : fmt::format("{}", value);
}

std::string tensorText(const core::Tensor& tensor)
{
    std::vector<std::string> numbers;
    if (core::isFloatingPoint(tensor.type())) {
        for (const double value : core::doublesOf(tensor)) {
            numbers.push_back(numberText(tensor, value));
        }
    } else {
        for (const std::int64_t value : core::integersOf(tensor)) {
            numbers.push_back(std::to_string(value));
        }
    }
    return fmt::format(R"({{"shape": [{}], "values": [{}]}})", fmt::join(tensor.shape(), ", "),
                       fmt::join(numbers, ", "));
}

std::string tensorsText(const std::vector<core::Tensor>& tensors)
{
    std::vector<std::string> texts;
    std::ranges::transform(tensors, std::back_inserter(texts), tensorText);
    return fmt::format("[{}]", fmt::join(texts, ", "));
}

std::string boxText(const core::Box& box)
{
    return nlohmann::ordered_json{{"class", box.category}, {"left", box.left},     {"top", box.top},
                                  {"right", box.right},    {"bottom", box.bottom}, {"crowd", box.isCrowd}}
        .dump();
}

std::string truthText(const core::Truth& truth)
{
    if (!truth.outputs.empty()) {
        return fmt::format(R"({{"outputs": {}}})", tensorsText(truth.outputs));
    }
    if (truth.label) {
        return fmt::format(R"({{"label": {}}})", *truth.label);
    }
    if (truth.values.isDefined()) {
        return tensorText(truth.values);
    }
    if (!truth.tokens.empty()) {
        return nlohmann::json{{"text", core::utf8Of(truth.tokens)}}.dump(
            -1, ' ', false, nlohmann::json::error_handler_t::replace);
    }
    std::vector<std::string> boxes;
    std::ranges::transform(truth.boxes, std::back_inserter(boxes), boxText);
    return fmt::format(R"({{"boxes": [{}]}})", fmt::join(boxes, ", "));
}

core::Evidence parsedAnswer(const std::string& answer)
{
    const nlohmann::json json = nlohmann::json::parse(answer, nullptr, false);
    if (json.is_null()) {
        return {};
    }
    if (!json.is_number() || !std::isfinite(json.get<double>())) {
        constexpr std::size_t kMostQuoted = 80;
        throw core::Error(
            core::ErrorKind::FileFormat,
            fmt::format("one number or null is expected, '{}' came", answer.substr(0, kMostQuoted)));
    }
    return {json.get<double>()};
}

class CommandMetric : public core::Metric
{
public:
    explicit CommandMetric(CommandMetricSettings settings)
        : m_settings(std::move(settings))
        , m_program(m_settings.command, m_settings.folder, m_settings.limits)
    {
    }

    [[nodiscard]] core::MetricInfo info() const override
    {
        return {m_settings.name, m_settings.title, m_settings.unit, m_settings.higherIsBetter};
    }
    [[nodiscard]] core::Evidence evidence(const core::MetricSample& sample,
                                          const core::Truth& truth) const override
    {
        const std::string question = metricQuestion(sample, truth);
        const std::lock_guard lock(m_mutex);
        try {
            return parsedAnswer(m_program.ask(question));
        } catch (const core::Error& error) {
            throw core::Error(
                error.kind(),
                fmt::format("metric '{}' ({}): {}", m_settings.name, m_settings.command[0], error.what()));
        }
    }
    [[nodiscard]] core::Truth truthOf(const core::MetricSample& fp32) const override
    {
        core::Truth truth;
        truth.outputs = fp32.outputs;
        return truth;
    }
    [[nodiscard]] std::unique_ptr<core::MetricAggregate>
    over(std::span<const core::Evidence> all) const override
    {
        return core::ratioOver(all, 1.0);
    }

private:
    const CommandMetricSettings m_settings;
    mutable std::mutex m_mutex; // guards m_program
    mutable CommandConversation m_program;
};

} // namespace

core::MetricPtr makeCommandMetric(const CommandMetricSettings& settings)
{
    return std::make_shared<CommandMetric>(settings);
}

std::string metricQuestion(const core::MetricSample& sample, const core::Truth& truth)
{
    return fmt::format(R"({{"format": "noisefloor-metric/1", "outputs": {}, "truth": {}}})",
                       tensorsText(sample.outputs), truthText(truth));
}

} // namespace io
