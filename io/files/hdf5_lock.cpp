#include "io/files/hdf5_lock.h"

namespace io {

std::unique_lock<std::recursive_mutex> lockHdf5()
{
    static std::recursive_mutex mutex; // as global as what it guards
    return std::unique_lock(mutex);
}

} // namespace io
