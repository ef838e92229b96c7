#include "app/cli/options.h"

#include <utility>

namespace cli {

Option& Option::required()
{
    isRequired = true;
    return *this;
}

Option& Option::must(OptionCheck be)
{
    check = std::move(be);
    return *this;
}

Option& Option::separatedBy(char c)
{
    separator = c;
    return *this;
}

Option& Options::flag(std::string name, bool& target, std::string help)
{
    return value(std::move(name), &target, std::move(help));
}

Option& Options::value(std::string name, OptionTarget target, std::string help)
{
    return m_all.emplace_back(Option{std::move(name), std::move(help), target});
}

Option& Options::list(std::string name, std::vector<std::string>& target, std::string help)
{
    return value(std::move(name), &target, std::move(help));
}

} // namespace cli
