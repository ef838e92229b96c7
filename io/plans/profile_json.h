#pragma once

#include "core/profile/target_profile.h"

#include <string>
#include <string_view>
#include <vector>

namespace io {

/// A target profile (noisefloor-profile/1):
///   {"format": "noisefloor-profile/1", "name": …, "title": …, "sources": [TEXT…], "notes": [TEXT…],
///    "runtime": NAME of core::runtimes(), "floats": [PRECISION…], "integer": [TYPE…],
///    "rules": [{"key": KEY of a plan, "allowed": [VALUE…] or "denied": [VALUE…], "instead": VALUE, "why":
///    TEXT}], "types": {TYPE: [RULE…]}}
/// "notes", "runtime" and "types" may be missing; "instead" is needed with "denied". Every value is one that
/// a plan may have, so that fitting never fails. Throws core::Error(Usage) naming `where` and the key.
[[nodiscard]] core::TargetProfile profileFromJson(std::string_view json, const std::string& where);

/// Names of the profiles that are built in (resources/profiles), sorted.
[[nodiscard]] std::vector<std::string> profileNames();

/// The profile of that name, else of that file (a name that holds a '/' or ends in ".json"). Throws
/// core::Error(Usage) with near misses, or core::Error for a file that cannot be read.
[[nodiscard]] core::TargetProfile profileOf(const std::string& nameOrFile);

/// The text of a profile's file, as it stands.
[[nodiscard]] std::string profileText(const std::string& nameOrFile);

} // namespace io
