#include "app/gui/window/sample.h"

namespace app {

std::optional<SamplePaths> builtInSample(const std::filesystem::path& programFolder)
{
    namespace fs = std::filesystem;
    for (const fs::path& folder :
         {programFolder / "../share/noisefloor/sample", fs::path(NOISEFLOOR_SAMPLE_DIR)}) {
        const SamplePaths paths{folder / "digits.onnx", folder / "sample.data.json",
                                folder / "sample.plan.json"};
        std::error_code ignored;
        if (fs::exists(paths.model, ignored) && fs::exists(paths.data, ignored)
            && fs::exists(paths.plan, ignored)) {
            return SamplePaths{paths.model.lexically_normal(), paths.data.lexically_normal(),
                               paths.plan.lexically_normal()};
        }
    }
    return std::nullopt;
}

} // namespace app
