// The compiler is GCC, whose -fsanitize-coverage=trace-pc calls one function at every edge; libFuzzer counts
// in tables of 8 bits. This stands between them and must not be instrumented itself.
#include <cstdint>

extern "C" void __sanitizer_cov_8bit_counters_init(std::uint8_t* start, std::uint8_t* stop);

namespace {

constexpr std::uintptr_t kCounters = std::uintptr_t{1} << 18;
std::uint8_t counters[kCounters];

struct Registration
{
    Registration() { __sanitizer_cov_8bit_counters_init(counters, counters + kCounters); }
} const registration;

} // namespace

extern "C" void __sanitizer_cov_trace_pc()
{
    const auto place = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
    ++counters[(place ^ place >> 18) % kCounters];
}
