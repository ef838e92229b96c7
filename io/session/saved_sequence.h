#pragma once

#include "core/report/report.h"
#include "io/files/hdf5/image.h"

#include <string>

namespace io {

/// What a report of a recurrent network says of its steps, below `path`: tables `states` (input and output),
/// `sequence_starts`, and `steps` (a row for each step of each output). Empty tables where there is none.
void saveSequence(Hdf5Writer& file, const std::string& path, const core::Report& report);
void loadSequence(const Hdf5Reader& file, const std::string& path, core::Report& report);

} // namespace io
