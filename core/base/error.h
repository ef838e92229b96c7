#pragma once

#include <stdexcept>
#include <string>

namespace core {

enum class ErrorKind
{
    Usage, ///< a setting, key or argument that means nothing
    InvalidModel, ///< the model breaks the rules of ONNX
    UnsupportedOperator, ///< the model is fine, we cannot run it
    ShapeMismatch, ///< tensors do not fit together
    FileFormat, ///< a file is not what it claims to be
    Io, ///< reading or writing failed
    OutOfBudget, ///< would need more memory than allowed
};

/// Bad input. The message is one line a user can act on: what, where, what to do.
class Error : public std::runtime_error
{
public:
    Error(ErrorKind kind, const std::string& message)
        : std::runtime_error(message)
        , m_kind(kind)
    {
    }
    [[nodiscard]] ErrorKind kind() const { return m_kind; }

private:
    ErrorKind m_kind;
};

} // namespace core
