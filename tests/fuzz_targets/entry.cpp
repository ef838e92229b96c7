// One libFuzzer program for each reader: NOISEFLOOR_FUZZ_TARGET names it.
#include "tests/fuzz_targets/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const fuzz_targets::FuzzTarget& target = fuzz_targets::fuzzTarget(NOISEFLOOR_FUZZ_TARGET);
    fuzz_targets::run(target, data, size);
    return 0;
}
