#pragma once

#include "core/calibration/collector.h"
#include "core/metrics/metric.h"

#include <filesystem>

namespace io {

/// Where the user's settings lie: NOISEFLOOR_SETTINGS, else noisefloor/settings.json in XDG_CONFIG_HOME or
/// ~/.config. Empty when none of these is set. The file need not exist.
[[nodiscard]] std::filesystem::path settingsPath();

/// The calibration methods that a settings file ("noisefloor-settings/1") registers: the libraries in its
/// folder and its commands. This, and nothing in a plan, brings foreign code in. Throws core::Error naming
/// the file and the key.
[[nodiscard]] core::CustomMethods customMethodsOf(const std::filesystem::path& settings);

/// The metrics that it registers: its commands, none of which is started before it is asked. Throws likewise.
[[nodiscard]] core::CustomMetrics customMetricsOf(const std::filesystem::path& settings);

} // namespace io
