#include "core/diagnosis/finding.h"

#include <algorithm>

namespace core {

const Fix* Finding::recommendedFix() const
{
    const auto found = std::ranges::find(fixes, true, &Fix::recommended);
    return found == fixes.end() ? nullptr : &*found;
}

} // namespace core
