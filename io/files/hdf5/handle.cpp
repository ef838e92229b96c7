#include "io/files/hdf5/handle.h"

#include "io/files/hdf5_lock.h"

#include <hdf5.h>
#include <type_traits>

namespace io {

static_assert(std::is_same_v<hid_t, std::int64_t>);

Hdf5Handle::~Hdf5Handle()
{
    if (m_id >= 0) {
        const auto lock = lockHdf5();
        H5Idec_ref(m_id);
    }
}

} // namespace io
