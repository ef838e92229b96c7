#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz_targets {

/// A reader of files that others made, before arbitrary bytes.
struct FuzzTarget
{
    std::string name;
    /// Reads the bytes. Throws core::Error where they are refused; anything else that leaves it is a fault,
    /// as is a std::logic_error "silent change: …" where what was read does not come back from what is
    /// written of it.
    std::function<void(std::string_view)> read;
    std::vector<std::string> seeds; ///< whole files of the kind
};

/// Readers of models, plans and settings, data files, sessions.
[[nodiscard]] std::vector<FuzzTarget> modelTargets();
[[nodiscard]] std::vector<FuzzTarget> textTargets();
[[nodiscard]] std::vector<FuzzTarget> dataTargets();
/// One for each format that `import` reads.
[[nodiscard]] std::vector<FuzzTarget> importTargets();

/// All of them.
[[nodiscard]] const std::vector<FuzzTarget>& fuzzTargets();
/// Throws std::out_of_range.
[[nodiscard]] const FuzzTarget& fuzzTarget(std::string_view name);

/// What libFuzzer calls: reads, and lets core::Error pass.
void run(const FuzzTarget& target, const std::uint8_t* data, std::size_t size);

/// A file with those bytes, in a folder of this process that goes with it.
[[nodiscard]] std::filesystem::path fileOf(std::string_view bytes, const std::string& name);

/// Throws std::logic_error naming what did not come back.
void requireSame(bool isSame, const char* what);

} // namespace fuzz_targets
