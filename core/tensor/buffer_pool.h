#pragma once

#include <cstddef>
#include <memory>

namespace core {

/// 64-byte aligned, uninitialized bytes; freed blocks are kept for the next request of the same size class,
/// so that a network run again does not fault its pages in again. Thread-safe. Throws
/// core::Error(OutOfBudget) when the system has no memory.
[[nodiscard]] std::shared_ptr<std::byte[]> allocateBytes(std::size_t count);

/// Gives idle blocks back to the system, and what malloc keeps of freed memory.
void giveMemoryBack();

/// Lets malloc keep freed memory for the next request: what a sample needs is needed again by the next one,
/// and pages given back in between would be faulted in anew. For the start of a program.
void keepFreedMemory();

} // namespace core
