#include "io/files/hdf5/checksum.h"

#include <array>
#include <bit>
#include <cstddef>

namespace io {

namespace {

/// The three words of the state.
struct State
{
    std::uint32_t a;
    std::uint32_t b;
    std::uint32_t c;

    void add(std::string_view block) // 12 bytes, little endian
    {
        std::array<std::uint32_t, 3> words{};
        for (std::size_t i = 0; i < block.size(); ++i) {
            words[i / 4] |= std::uint32_t{static_cast<unsigned char>(block[i])} << (8 * (i % 4));
        }
        a += words[0];
        b += words[1];
        c += words[2];
    }

    static void mixStep(std::uint32_t& x, std::uint32_t& y, std::uint32_t& z, int turn)
    {
        x = (x - z) ^ std::rotl(z, turn);
        z += y;
    }

    void mix()
    {
        mixStep(a, b, c, 4);
        mixStep(b, c, a, 6);
        mixStep(c, a, b, 8);
        mixStep(a, b, c, 16);
        mixStep(b, c, a, 19);
        mixStep(c, a, b, 4);
    }

    static void finishStep(std::uint32_t& x, std::uint32_t y, int turn) { x = (x ^ y) - std::rotl(y, turn); }

    void finish()
    {
        finishStep(c, b, 14);
        finishStep(a, c, 11);
        finishStep(b, a, 25);
        finishStep(c, b, 16);
        finishStep(a, c, 4);
        finishStep(b, a, 14);
        finishStep(c, b, 24);
    }
};

} // namespace

std::uint32_t hdf5Checksum(std::string_view bytes)
{
    constexpr std::size_t kBlock = 12;
    const std::uint32_t start = 0xdeadbeefU + static_cast<std::uint32_t>(bytes.size());
    State state{start, start, start};
    while (bytes.size() > kBlock) {
        state.add(bytes.substr(0, kBlock));
        state.mix();
        bytes.remove_prefix(kBlock);
    }
    if (!bytes.empty()) {
        state.add(bytes);
        state.finish();
    }
    return state.c;
}

} // namespace io
