#include "tests/support/mutant.h"

#include <algorithm>
#include <cstdint>

namespace support {

std::string mutant(const std::vector<std::string>& seeds, std::mt19937& random)
{
    std::string bytes = seeds[random() % seeds.size()];
    const std::string& other = seeds[random() % seeds.size()];
    for (std::uint32_t k = random() % 5 + 1; k > 0 && !bytes.empty(); --k) {
        const std::size_t at =
            random() % (random() % 3 ? std::min<std::size_t>(bytes.size(), 512) : bytes.size());
        switch (random() % 9) {
        case 0:
            bytes.resize(at);
            break;
        case 1:
            bytes.insert(at, 1 + random() % 8, static_cast<char>(random()));
            break;
        case 2:
            bytes.erase(at, 1 + random() % 8);
            break;
        case 3:
            bytes[at] = static_cast<char>(random() % 2 ? 0xff : 0x7f);
            break;
        case 4:
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
            break;
        case 5: // a part of another file, or of this one
            if (!other.empty()) {
                const std::size_t from = random() % other.size();
                bytes.insert(at, other.substr(from, 1 + random() % 64));
            }
            break;
        case 6: // a number grows
            bytes.insert(at, std::string(1 + random() % 18, static_cast<char>('0' + random() % 10)));
            break;
        default:
            bytes[at] = static_cast<char>(random());
            break;
        }
    }
    return bytes;
}

} // namespace support
