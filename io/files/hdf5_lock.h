#pragma once

#include <mutex>

namespace io {

/// The HDF5 library keeps global state and Debian's serial build is not thread-safe: every call into it, in
/// all of io, happens while this lock is held. Recursive, so that helpers may lock for themselves.
[[nodiscard]] std::unique_lock<std::recursive_mutex> lockHdf5();

} // namespace io
