#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace support {

/// A file of the shared models and data ($NOISEFLOOR_SHARED, else `../shared` beside the project); none when
/// absent.
[[nodiscard]] std::optional<std::filesystem::path> sharedFile(const std::string& relative);

/// A file of the project, e.g. resources/sample/….
[[nodiscard]] std::filesystem::path projectFile(const std::string& relative);

/// The folder the project was built in.
[[nodiscard]] std::filesystem::path buildFolder();

/// An empty folder of this test process; removed when the process ends.
[[nodiscard]] std::filesystem::path temporaryFolder();

} // namespace support

/// Names `variable` and skips the test visibly when the shared file is not there.
#define NOISEFLOOR_SHARED_FILE_OR_SKIP(variable, relative)                                                   \
    const auto variable##Found = support::sharedFile(relative);                                              \
    if (!variable##Found) {                                                                                  \
        GTEST_SKIP() << "no shared file " << (relative) << ": set NOISEFLOOR_SHARED";                        \
    }                                                                                                        \
    const std::filesystem::path variable = *variable##Found
