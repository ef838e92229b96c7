#pragma once

#include "core/calibration/method.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace core {

/// How the ranges of what an operator reads are chosen, by position of the input: Paddle's rule for a
/// connection of an operator type.
struct InputMethods
{
    std::map<std::size_t, CalibrationMethod> byInput;
    bool operator==(const InputMethods&) const = default;
};

[[nodiscard]] std::string toString(const InputMethods& methods); ///< "0=entropy,1=minmax"; "none" of none
/// The inverse. Throws core::Error(Usage): each input once, with a method that chooses from the data.
[[nodiscard]] InputMethods parseInputMethods(std::string_view text);

} // namespace core
