#pragma once

#include <cstdint>
#include <utility>

namespace io {

/// An HDF5 identifier (hid_t) that is released again, whatever it names. Made while lockHdf5() is held.
class Hdf5Handle
{
public:
    explicit Hdf5Handle(std::int64_t id)
        : m_id(id)
    {
    }
    ~Hdf5Handle();
    Hdf5Handle(Hdf5Handle&& other) noexcept
        : m_id(std::exchange(other.m_id, -1))
    {
    }
    Hdf5Handle& operator=(Hdf5Handle&&) = delete;
    [[nodiscard]] std::int64_t get() const { return m_id; }
    [[nodiscard]] bool isValid() const { return m_id >= 0; }

private:
    std::int64_t m_id;
};

} // namespace io
