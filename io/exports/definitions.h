#pragma once

#include "io/exports/format.h"

/// The formats, one per file; formats.cpp lists them.
namespace io {

[[nodiscard]] ExportFormat planFormat();
[[nodiscard]] ExportFormat qdqFormat();
[[nodiscard]] ExportFormat qdq21Format();
[[nodiscard]] ExportFormat qOperatorFormat();
[[nodiscard]] ExportFormat trtCacheFormat();
[[nodiscard]] ExportFormat ortOverridesFormat();
[[nodiscard]] ExportFormat ortCalibrationFormat();
[[nodiscard]] ExportFormat aimet061Format();
[[nodiscard]] ExportFormat aimet100Format();
[[nodiscard]] ExportFormat aimet200Format();
[[nodiscard]] ExportFormat openvinoNncfFormat();
[[nodiscard]] ExportFormat incFormat();
[[nodiscard]] ExportFormat mxnetFormat();
[[nodiscard]] ExportFormat caffe2Format();
[[nodiscard]] ExportFormat paddleFormat();
[[nodiscard]] ExportFormat dnnlowpQparamsFormat();
[[nodiscard]] ExportFormat ncnnFormat();
[[nodiscard]] ExportFormat modelExplorerFormat();
[[nodiscard]] ExportFormat csvFormat();

} // namespace io
