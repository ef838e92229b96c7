#include "core/metrics/text_metrics.h"

#include "core/metrics/ratio_aggregate.h"
#include "core/metrics/tensor_reading.h"

#include <algorithm>

namespace core {

namespace {

using Pieces = std::vector<std::vector<std::int64_t>>;

enum class TextUnit : std::uint8_t
{
    Character,
    Word,
    Whole
};

Pieces piecesOf(const std::vector<std::int64_t>& text, TextUnit unit)
{
    constexpr std::int64_t kSpace = 32;
    Pieces pieces;
    for (const std::int64_t letter : text) {
        if (unit == TextUnit::Character) {
            pieces.push_back({letter});
        } else if (letter == kSpace) {
            pieces.emplace_back();
        } else {
            if (pieces.empty()) {
                pieces.emplace_back();
            }
            pieces.back().push_back(letter);
        }
    }
    std::erase_if(pieces, [](const auto& piece) { return piece.empty(); });
    return pieces;
}

class TextMetric : public Metric
{
public:
    TextMetric(TextDecoding decoding, TextUnit unit)
        : m_decoding(std::move(decoding))
        , m_unit(unit)
    {
    }
    [[nodiscard]] MetricInfo info() const override
    {
        switch (m_unit) {
        case TextUnit::Character:
            return {"cer", "character error rate", "%", false};
        case TextUnit::Word:
            return {"wer", "word error rate", "%", false};
        case TextUnit::Whole:
            break;
        }
        return {"exact_match", "exact match", "%", true, true};
    }
    [[nodiscard]] Evidence evidence(const MetricSample& sample, const Truth& truth) const override
    {
        const auto text = decodeText(onlyOutput(sample), m_decoding);
        if (m_unit == TextUnit::Whole) {
            return {text == truth.tokens ? 1.0 : 0.0};
        }
        const Pieces wanted = piecesOf(truth.tokens, m_unit);
        return {static_cast<double>(editDistance(piecesOf(text, m_unit), wanted)),
                static_cast<double>(wanted.size())};
    }
    [[nodiscard]] Truth truthOf(const MetricSample& fp32) const override
    {
        Truth truth;
        truth.tokens = decodeText(onlyOutput(fp32), m_decoding);
        return truth;
    }
    [[nodiscard]] std::unique_ptr<MetricAggregate> over(std::span<const Evidence> all) const override
    {
        return ratioOver(all, 100.0);
    }

    [[nodiscard]] bool hasAlphabet() const { return !m_decoding.alphabet.empty(); }

private:
    TextDecoding m_decoding;
    TextUnit m_unit;
};

} // namespace

MetricPtr makeCharacterErrorRate(const TextDecoding& decoding)
{
    return std::make_shared<TextMetric>(decoding, TextUnit::Character);
}

MetricPtr makeWordErrorRate(const TextDecoding& decoding)
{
    return std::make_shared<TextMetric>(decoding, TextUnit::Word);
}

MetricPtr makeExactMatch(const TextDecoding& decoding)
{
    return std::make_shared<TextMetric>(decoding, TextUnit::Whole);
}

bool readsCharacters(const Metric& metric)
{
    const auto* const text = dynamic_cast<const TextMetric*>(&metric);
    return text && text->hasAlphabet();
}

} // namespace core
