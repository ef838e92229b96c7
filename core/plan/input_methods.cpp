#include "core/plan/input_methods.h"

#include "core/base/error.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace core {

std::string toString(const InputMethods& methods)
{
    std::string text;
    for (const auto& [input, method] : methods.byInput) {
        text += fmt::format("{}{}={}", text.empty() ? "" : ",", input, toString(method));
    }
    return text.empty() ? "none" : text;
}

InputMethods parseInputMethods(std::string_view text)
{
    InputMethods result;
    for (std::size_t start = 0; text != "none" && start <= text.size();) {
        const std::size_t comma = std::min(text.find(',', start), text.size());
        const std::string_view one = text.substr(start, comma - start);
        const std::size_t equals = std::min(one.find('='), one.size());
        std::size_t input = 0;
        const auto [end, error] = std::from_chars(one.data(), one.data() + equals, input);
        if (error != std::errc{} || end != one.data() + equals || equals == one.size()) {
            throw Error(ErrorKind::Usage,
                        fmt::format("'{}': INPUT=METHOD is expected, several with commas, inputs by position "
                                    "from 0, e.g. 0=entropy,1=minmax; or none",
                                    one));
        }
        const CalibrationMethod method = parseCalibrationMethod(one.substr(equals + 1));
        if (method.name == "manual" || method.name == "dynamic" || method.name == "written") {
            throw Error(ErrorKind::Usage,
                        fmt::format("input {}: method {} chooses nothing from the calibration data", input,
                                    method.name));
        }
        if (!result.byInput.emplace(input, method).second) {
            throw Error(ErrorKind::Usage, fmt::format("input {} is named twice", input));
        }
        start = comma + 1;
    }
    return result;
}

} // namespace core
