#pragma once

#include "app/common/project.h"
#include "io/plans/plan_json.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace models {

/// Whether full counts are wanted (tests/run.sh --long).
inline bool isLong() { return std::getenv("NOISEFLOOR_LONG") != nullptr; }

inline std::shared_ptr<const core::QuantizationPlan> planWith(const std::vector<std::string>& settings)
{
    auto plan = core::QuantizationPlan::makeDefault();
    for (const auto& setting : settings) {
        plan = io::withSetting(plan, setting);
    }
    return std::make_shared<const core::QuantizationPlan>(std::move(plan));
}

inline app::Project open(const std::filesystem::path& model, const std::filesystem::path& data,
                         std::size_t samples = 0, int threads = 0)
{
    app::ProjectRequest request{model, data, {}, {}};
    request.options.sampleLimit = samples;
    request.options.threads = threads;
    return app::openProject(request);
}

} // namespace models
