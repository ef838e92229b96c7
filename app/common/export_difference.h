#pragma once

#include "app/common/project.h"
#include "io/exports/format.h"

#include <optional>
#include <stop_token>
#include <vector>

namespace app {

/// What the written export will compute otherwise than this plan does here, with its size in dB at the
/// outputs over a few samples: residual sums that the plan fuses and its runtime does not, or the other way
/// round; and, of models, what the losses of the file come to. Empty where nothing differs; none when
/// stopped.
[[nodiscard]] std::optional<std::vector<io::ExportLoss>>
exportDifferences(const Project& project, const io::ExportSource& source, const io::ExportFormat& format,
                  const io::Export& made, const std::stop_token& stop);

} // namespace app
