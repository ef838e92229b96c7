#pragma once

#include <filesystem>

/// Which files this process has read, by device and inode, so that no spelling of a path, symlink or hard
/// link hides one. A command that asks for it never replaces them.
namespace io {

/// Notes a file that is open; devices and pipes are no inputs.
void noteInput(int descriptor);
/// Notes a file that a library is about to open.
void noteInput(const std::filesystem::path& path);

[[nodiscard]] bool isInput(const std::filesystem::path& path);

/// From here on writing refuses to replace an input. The window does not ask for it: a session is saved over
/// the file it came from.
void protectInputs();
[[nodiscard]] bool inputsAreProtected();

} // namespace io
