#pragma once

#include <functional>
#include <string>

namespace fuzz {

/// What became of work that was done in a forked child.
struct ForkedResult
{
    std::string answer; ///< what the work returned; incomplete when it did not end by itself
    std::string
        death; ///< "signal 11 (Segmentation fault)", "no answer within 20 s"; empty when it ended by itself
    [[nodiscard]] bool died() const { return !death.empty(); }
};

/// Runs the work in a child, so that a crash of it is a result. The parent must not have started threads.
[[nodiscard]] ForkedResult runForked(const std::function<std::string()>& work, int seconds);

} // namespace fuzz
