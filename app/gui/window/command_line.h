#pragma once

#include "core/plan/plan.h"
#include "core/tensor/shape.h"

#include <QString>

#include <map>
#include <string>

namespace app {

/// The noisefloor-cli line (after a here-document where the plan needs a file) that runs the model with this
/// plan.
[[nodiscard]] QString commandFor(const QString& model, const QString& data,
                                 const core::QuantizationPlan& plan,
                                 const std::map<std::string, core::Shape>& shapes = {});

/// Quoted for a POSIX shell where needed.
[[nodiscard]] QString shellQuoted(const QString& text);

} // namespace app
