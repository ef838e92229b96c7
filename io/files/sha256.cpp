#include "core/base/error.h"
#include "io/files/file.h"

#include <array>
#include <fmt/format.h>
#include <openssl/evp.h>

namespace io {

std::string sha256(std::string_view bytes)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
        throw core::Error(core::ErrorKind::Io, "libcrypto refuses to compute a SHA-256");
    }
    std::string text;
    for (unsigned int i = 0; i < size; ++i) {
        text += fmt::format("{:02x}", digest[i]);
    }
    return text;
}

} // namespace io
