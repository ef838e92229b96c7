#pragma once

#include <set>
#include <string>
#include <string_view>

namespace io {

/// Looks over the metadata of an HDF5 file as Hdf5Writer makes it before libhdf5 does, which trusts sizes and
/// addresses in it: superblock 3, object headers 2, compact links and attributes, numbers, texts of a fixed
/// length and compounds of both, every length within what holds it, every address within the file, every
/// object reached once, checksums right. Throws core::Error(FileFormat) at anything else, forged or foreign.
void checkHdf5Structure(std::string_view image);

/// The same for a file that was damaged: paths of the objects that do not pass, with which everything below
/// them is lost. Throws where not even the root group passes.
[[nodiscard]] std::set<std::string> damagedHdf5Objects(std::string_view image);

} // namespace io
