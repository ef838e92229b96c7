#include "io/plans/observer_text.h"

#include "core/base/error.h"
#include "io/files/file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

namespace io {

namespace {

using Words = std::vector<std::string_view>;

Words wordsOf(std::string_view line, char delimiter)
{
    const std::string blanks = std::string(" \t\r") + delimiter;
    Words words;
    for (std::size_t begin = line.find_first_not_of(blanks); begin != std::string_view::npos;) {
        const std::size_t end = std::min(line.find_first_of(blanks, begin), line.size());
        words.push_back(line.substr(begin, end - begin));
        begin = line.find_first_not_of(blanks, end);
    }
    return words;
}

bool isNumber(std::string_view word)
{
    return !word.empty() && std::ranges::all_of(word, [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// One line while it is being read; knows where it is, for messages.
class Line
{
public:
    Line(std::string_view file, std::size_t number, std::string_view text, char delimiter)
        : m_file(file)
        , m_number(number)
        , m_words(wordsOf(text, delimiter))
    {
    }

    [[nodiscard]] const Words& words() const { return m_words; }

    [[noreturn]] void fail(std::string_view what) const
    {
        throw core::Error(core::ErrorKind::FileFormat,
                          fmt::format("{}: line {}: {}", m_file, m_number, what));
    }

    template <typename T>
    [[nodiscard]] T number(std::size_t word) const
    {
        T value{};
        const std::string_view text = m_words[word];
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{} || end != text.data() + text.size()) {
            fail(fmt::format("'{}' is not a number", text));
        }
        return value;
    }

    [[nodiscard]] ObserverForm form() const
    {
        const std::size_t count = m_words.size();
        if (count < 5) {
            fail(fmt::format("{} words, at least 5 belong here", count));
        }
        const bool hasType = !isNumber(m_words[1]);
        if (count == 5 || count == 6) {
            if (hasType != (count == 6)) {
                fail("neither 'op_index op_type output_index tensor min max' nor the old form without "
                     "op_type");
            }
            return hasType ? ObserverForm::MinMax : ObserverForm::MinMaxOld;
        }
        if (hasType) {
            return ObserverForm::Histogram;
        }
        const auto hasBinsAt = [&](std::size_t word) {
            return isNumber(m_words[word]) && number<std::size_t>(word) == count - word - 1;
        };
        return hasBinsAt(5) ? ObserverForm::HistogramOld : ObserverForm::ColumnMax;
    }

private:
    std::string_view m_file;
    std::size_t m_number;
    Words m_words;
};

ObservedOutput parsed(const Line& line, ObserverForm form)
{
    ObservedOutput output;
    std::size_t word = 0;
    output.opIndex = line.number<int>(word++);
    if (form == ObserverForm::MinMax || form == ObserverForm::Histogram) {
        output.opType = line.words()[word++];
    }
    output.outputIndex = line.number<int>(word++);
    output.tensor = line.words()[word++];
    if (form == ObserverForm::ColumnMax) {
        output.column = line.number<int>(word++);
    }
    output.min = line.number<double>(word++);
    output.max = line.number<double>(word++);
    if (!std::isfinite(output.min) || !std::isfinite(output.max)) {
        line.fail(fmt::format("tensor '{}' has no finite range", output.tensor));
    }
    if (output.max < output.min) {
        line.fail(fmt::format("tensor '{}' has a maximum of {} below its minimum of {}", output.tensor,
                              output.max, output.min));
    }
    if (form == ObserverForm::MinMax || form == ObserverForm::MinMaxOld) {
        return output;
    }
    const auto bins = line.number<std::size_t>(word++);
    if (bins != line.words().size() - word) {
        line.fail(fmt::format("tensor '{}' announces {} bins and has {}", output.tensor, bins,
                              line.words().size() - word));
    }
    for (; word < line.words().size(); ++word) {
        output.counts.push_back(line.number<std::uint64_t>(word));
    }
    return output;
}

void requireWord(const std::string& text, std::string_view what, int opIndex, char delimiter)
{
    if (text.empty() || text.find_first_of(std::string(" \t\r\n") + delimiter) != std::string::npos) {
        throw core::Error(core::ErrorKind::Usage,
                          fmt::format("operator {}: {} '{}' must be one word without blanks{}", opIndex, what,
                                      text, delimiter == ' ' ? "" : fmt::format(" or '{}'", delimiter)));
    }
}

} // namespace

std::vector<ObservedOutput> readObserverFile(const std::filesystem::path& path, char delimiter)
{
    return parseObserverText(readFile(path), path.string(), delimiter);
}

std::vector<ObservedOutput> parseObserverText(std::string_view text, std::string_view file, char delimiter)
{
    std::vector<ObservedOutput> outputs;
    std::optional<ObserverForm> form;
    std::size_t number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const Line line(file, ++number, text.substr(0, end), delimiter);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.words().empty()) {
            continue;
        }
        const ObserverForm found = line.form();
        if (form && *form != found) {
            line.fail("not of the same form as the lines before it");
        }
        form = found;
        outputs.push_back(parsed(line, found));
    }
    return outputs;
}

std::string observerText(std::span<const ObservedOutput> outputs, ObserverForm form, char delimiter)
{
    std::string text;
    const auto add = [&](const auto& word) { text += fmt::format("{}{}", delimiter, word); };
    for (const ObservedOutput& output : outputs) {
        requireWord(output.tensor, "tensor", output.opIndex, delimiter);
        text += fmt::format("{}", output.opIndex);
        if (form == ObserverForm::MinMax || form == ObserverForm::Histogram) {
            requireWord(output.opType, "operator type", output.opIndex, delimiter);
            add(output.opType);
        }
        add(output.outputIndex);
        add(output.tensor);
        if (form == ObserverForm::ColumnMax) {
            if (!output.column) {
                throw core::Error(core::ErrorKind::Usage,
                                  fmt::format("tensor '{}' has no column number", output.tensor));
            }
            add(*output.column);
        }
        add(output.min);
        add(output.max);
        if (form != ObserverForm::MinMax && form != ObserverForm::MinMaxOld) {
            add(output.counts.size());
            std::ranges::for_each(output.counts, add);
        }
        text += '\n';
    }
    return text;
}

core::FixedHistogram histogramOf(const ObservedOutput& output)
{
    const double width =
        output.counts.empty() ? 0.0 : (output.max - output.min) / static_cast<double>(output.counts.size());
    return {output.min, width, {output.counts.begin(), output.counts.end()}};
}

} // namespace io
