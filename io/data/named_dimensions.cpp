#include "io/data/named_dimensions.h"

#include "core/base/checked.h"

#include <charconv>
#include <string_view>

namespace io {

namespace {

std::string_view withoutBlanks(std::string_view text)
{
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

std::optional<std::int64_t> termSize(std::string_view term, const std::map<std::string, std::int64_t>& known)
{
    if (const auto own = known.find(std::string(term)); own != known.end()) {
        return own->second;
    }
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(term.data(), term.data() + term.size(), number);
    const bool isNumber = error == std::errc{} && end == term.data() + term.size() && number >= 0;
    return isNumber ? std::optional(number) : std::nullopt;
}

} // namespace

std::optional<std::int64_t> dimensionSize(const std::string& name,
                                          const std::map<std::string, std::int64_t>& known)
{
    if (const auto whole = termSize(name, known)) {
        return whole;
    }
    core::Checked sum;
    for (std::size_t from = 0; from <= name.size();) {
        const std::size_t plus = std::min(name.find('+', from), name.size());
        const auto term = termSize(withoutBlanks(std::string_view(name).substr(from, plus - from)), known);
        if (!term) {
            return std::nullopt;
        }
        sum = sum + *term;
        from = plus + 1;
    }
    return sum.value();
}

} // namespace io
