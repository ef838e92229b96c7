#include "tests/fuzz_targets/fuzz_target.h"

#include "core/base/error.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace fuzz_targets {

const std::vector<FuzzTarget>& fuzzTargets()
{
    static const std::vector<FuzzTarget> all = [] {
        std::vector<FuzzTarget> targets;
        for (std::vector<FuzzTarget> part : {modelTargets(), textTargets(), dataTargets(), importTargets()}) {
            targets.insert(targets.end(), std::make_move_iterator(part.begin()),
                           std::make_move_iterator(part.end()));
        }
        return targets;
    }();
    return all;
}

const FuzzTarget& fuzzTarget(std::string_view name)
{
    const auto found = std::ranges::find(fuzzTargets(), name, &FuzzTarget::name);
    if (found == fuzzTargets().end()) {
        throw std::out_of_range("no fuzz target is named " + std::string(name));
    }
    return *found;
}

void run(const FuzzTarget& target, const std::uint8_t* data, std::size_t size)
{
    try {
        target.read({reinterpret_cast<const char*>(data), size});
    } catch (const core::Error& error) {
        if (std::string_view(error.what()).empty()) {
            throw std::logic_error("refused without a word");
        }
    }
}

std::filesystem::path fileOf(std::string_view bytes, const std::string& name)
{
    static const std::filesystem::path folder = support::temporaryFolder();
    const std::filesystem::path file = folder / name;
    std::ofstream(file, std::ios::binary | std::ios::trunc)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return file;
}

void requireSame(bool isSame, const char* what)
{
    if (!isSame) {
        throw std::logic_error(std::string("silent change: ") + what);
    }
}

} // namespace fuzz_targets
