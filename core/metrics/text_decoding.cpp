#include "core/metrics/text_decoding.h"

#include "core/base/error.h"
#include "core/metrics/tensor_reading.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace core {

namespace {

std::vector<std::int64_t> stepsOf(const Tensor& output)
{
    std::vector<std::int64_t> steps;
    if (output.rank() < 3 && output.type() != DataType::Float32) {
        return integersOf(output);
    }
    const Rows rows = rowsOf(output);
    for (std::size_t i = 0; i < rows.rows; ++i) {
        steps.push_back(argmaxOf(rows.row(i)));
    }
    return steps;
}

} // namespace

std::vector<std::int64_t> decodeText(const Tensor& output, const TextDecoding& decoding)
{
    std::vector<std::int64_t> text;
    std::optional<std::int64_t> before;
    for (const std::int64_t step : stepsOf(output)) {
        if (decoding.end == step) {
            break;
        }
        const bool isRepeated = decoding.isCtc && before == step;
        before = step;
        if (isRepeated || (decoding.isCtc && step == decoding.blank)) {
            continue;
        }
        if (decoding.alphabet.empty()) {
            text.push_back(step);
            continue;
        }
        if (step < 0 || static_cast<std::size_t>(step) >= decoding.alphabet.size()) {
            throw Error(ErrorKind::ShapeMismatch,
                        fmt::format("metric: class {} is outside the alphabet of {} (blank included); the "
                                    "output has shape {}",
                                    step, decoding.alphabet.size(), toString(output.shape())));
        }
        const auto& letters = decoding.alphabet[static_cast<std::size_t>(step)];
        text.insert(text.end(), letters.begin(), letters.end());
    }
    return text;
}

std::vector<std::int64_t> codePointsOf(std::string_view utf8)
{
    std::vector<std::int64_t> points;
    for (std::size_t i = 0; i < utf8.size();) {
        const auto first = static_cast<unsigned char>(utf8[i]);
        const std::size_t length = first < 0x80 ? 1
            : first >> 5 == 6                   ? 2
            : first >> 4 == 14                  ? 3
            : first >> 3 == 30                  ? 4
                                                : 0;
        std::int64_t point = length < 2 ? first : first & (0x7FU >> length);
        bool isWhole = length > 0 && i + length <= utf8.size();
        for (std::size_t k = 1; isWhole && k < length; ++k) {
            const auto next = static_cast<unsigned char>(utf8[i + k]);
            isWhole = next >> 6 == 2;
            point = point << 6 | (next & 0x3FU);
        }
        points.push_back(isWhole ? point : first);
        i += isWhole ? length : 1;
    }
    return points;
}

std::string utf8Of(const std::vector<std::int64_t>& codePoints)
{
    std::string text;
    for (const std::int64_t point : codePoints) {
        const auto put = [&](std::int64_t lead, int shift) {
            text += static_cast<char>(lead | point >> shift);
            while ((shift -= 6) >= 0) {
                text += static_cast<char>(0x80 | (point >> shift & 0x3F));
            }
        };
        if (point < 0x80) {
            put(0, 0);
        } else if (point < 0x800) {
            put(0xC0, 6);
        } else if (point < 0x10000) {
            put(0xE0, 12);
        } else {
            put(0xF0, 18);
        }
    }
    return text;
}

std::size_t editDistance(const std::vector<std::vector<std::int64_t>>& a,
                         const std::vector<std::vector<std::int64_t>>& b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

} // namespace core
