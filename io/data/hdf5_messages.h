#pragma once

#include "io/data/hdf5_object.h"

namespace io::hdf5data {

/// One message of an object header into what it says. Throws core::Error(FileFormat) at what contradicts
/// itself, is not understood, or leads to other files.
void readMessage(std::uint64_t type, std::uint64_t flags, Bytes message, Object& object);

} // namespace io::hdf5data
