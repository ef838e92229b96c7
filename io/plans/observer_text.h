#pragma once

#include "core/calibration/fixed_histogram.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace io {

/// One line of an observer file of Caffe2's quantization server (DNNLOWP).
struct ObservedOutput
{
    int opIndex = 0;
    std::string opType; ///< empty in the old forms and in column files
    int outputIndex = 0;
    std::string tensor;
    std::optional<int> column; ///< column files only
    double min = 0.0;
    double max = 0.0;
    std::vector<std::uint64_t> counts; ///< empty in min-max files

    bool operator==(const ObservedOutput&) const = default;
};

/// The forms, one line per output, words separated by blanks:
///   MinMax        op_index op_type output_index tensor min max
///   MinMaxOld     op_index output_index tensor min max
///   Histogram     op_index op_type output_index tensor min max bins c0 c1 …
///   HistogramOld  op_index output_index tensor min max bins c0 c1 …
///   ColumnMax     op_index output_index tensor column min max bins c0 c1 …
enum class ObserverForm
{
    MinMax,
    MinMaxOld,
    Histogram,
    HistogramOld,
    ColumnMax
};

/// Reads any of the forms; each line is recognised by itself (upstream goes by the first one only). `file` is
/// for messages. Throws core::Error(FileFormat) naming the line: too few or too many words, no number where
/// one belongs, a maximum below the minimum, more than one form in the file. Words are parted by blanks, and
/// by `delimiter`.
[[nodiscard]] std::vector<ObservedOutput> parseObserverText(std::string_view text, std::string_view file,
                                                            char delimiter = ' ');
[[nodiscard]] std::vector<ObservedOutput> readObserverFile(const std::filesystem::path& path,
                                                           char delimiter = ' ');

/// Numbers are written so that they come back unchanged (upstream keeps six digits, and calibration ranges
/// suffer). With a delimiter other than a blank upstream's own reader cannot read the file. Throws
/// core::Error(Usage) for a name with blanks or the delimiter, which no reader could take apart again, or a
/// field that is missing.
[[nodiscard]] std::string observerText(std::span<const ObservedOutput> outputs, ObserverForm form,
                                       char delimiter = ' ');

[[nodiscard]] core::FixedHistogram histogramOf(const ObservedOutput& output);

} // namespace io
