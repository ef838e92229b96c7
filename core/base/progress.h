#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace core {

/// How far a long piece of work is.
struct Progress
{
    std::string stage; ///< "Calibrating", "Running", "Sensitivity"
    std::size_t done = 0;
    std::size_t total = 0;
};
using ProgressCallback = std::function<void(const Progress&)>;

} // namespace core
