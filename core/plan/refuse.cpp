#include "core/plan/refuse.h"

#include "core/base/error.h"

#include <fmt/format.h>

namespace core {

void refuse(std::string_view what, std::string_view text, std::string_view accepted)
{
    throw Error(ErrorKind::Usage, fmt::format("{} '{}' is unknown; accepted: {}", what, text, accepted));
}

} // namespace core
