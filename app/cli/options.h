#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cli {

/// Where the value of an option goes; what stands there before is the default. A list takes all that follow
/// the option, however often it is given.
using OptionTarget = std::variant<bool*, int*, std::int64_t*, std::size_t*, double*, std::optional<double>*,
                                  std::string*, std::vector<std::string>*>;

/// What a value has to be, both ends included.
template <typename Number>
struct Within
{
    Number least;
    Number most;
};
struct Positive
{
};
struct NotNegative
{
};
struct OneOf
{
    std::vector<std::string> words;
};
using OptionCheck = std::variant<std::monostate, Within<int>, Within<double>, Positive, NotNegative, OneOf>;

/// One option of a command; a name without dashes is that of a place on the line.
struct Option
{
    std::string name;
    std::string help;
    OptionTarget target;
    OptionCheck check{};
    bool isRequired = false;
    char separator = 0; ///< of several values in one word; 0: none

    Option& required();
    Option& must(OptionCheck be);
    Option& separatedBy(char c);
};

/// What a command takes, in the order of its help. The targets must outlive the reading of the command line.
class Options
{
public:
    Option& flag(std::string name, bool& target, std::string help);
    Option& value(std::string name, OptionTarget target, std::string help);
    Option& list(std::string name, std::vector<std::string>& target, std::string help);
    [[nodiscard]] const std::deque<Option>& all() const { return m_all; }

private:
    std::deque<Option> m_all; // what was handed out stays where it is
};

} // namespace cli
