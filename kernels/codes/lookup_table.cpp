#include "kernels/codes/lookup_table.h"

#include <cassert>

#define HWY_WANT_AVX3_DL 1 // the target that has byte permutations across a whole vector
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/codes/lookup_table.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_AVX3_DL
/// Whole vectors: two permutations of 128 entries each, and the code's top bit chooses. Returns how many were
/// done.
std::size_t lookupVectors(const std::uint8_t* src, std::size_t count, const std::uint8_t* table,
                          std::uint8_t* dst)
{
    const __m512i t0 = _mm512_loadu_si512(table);
    const __m512i t1 = _mm512_loadu_si512(table + 64);
    const __m512i t2 = _mm512_loadu_si512(table + 128);
    const __m512i t3 = _mm512_loadu_si512(table + 192);
    std::size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        const __m512i code = _mm512_loadu_si512(src + i);
        const __m512i low = _mm512_permutex2var_epi8(t0, code, t1);
        const __m512i high = _mm512_permutex2var_epi8(t2, code, t3);
        _mm512_storeu_si512(dst + i, _mm512_mask_blend_epi8(_mm512_movepi8_mask(code), low, high));
    }
    return i;
}
#elif HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2
/// The same from sixteen rows of 16 entries. A row's shuffle gives 0 where the index has its top bit: for
/// every code of another row, once its distance from the row is added with saturation.
std::size_t lookupVectors(const std::uint8_t* src, std::size_t count, const std::uint8_t* table,
                          std::uint8_t* dst)
{
    const hn::ScalableTag<std::uint8_t> d;
    const std::size_t lanes = hn::Lanes(d);
    const auto beyond = hn::Set(d, std::uint8_t{0x70});
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        const auto code = hn::LoadU(d, src + i);
        auto result = hn::Zero(d);
        for (std::size_t row = 0; row < 256; row += 16) {
            const auto inRow = hn::Xor(code, hn::Set(d, static_cast<std::uint8_t>(row)));
            const auto index = hn::SaturatedAdd(inRow, beyond);
            result = hn::Or(result, hn::TableLookupBytesOr0(hn::LoadDup128(d, table + row), index));
        }
        hn::StoreU(result, d, dst + i);
    }
    return i;
}
#else
std::size_t lookupVectors(const std::uint8_t*, std::size_t, const std::uint8_t*, std::uint8_t*) { return 0; }
#endif

} // namespace kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kernels {

HWY_EXPORT(lookupVectors);

void lookupReference(std::span<const std::byte> src, const LookupTable& table, std::span<std::byte> dst)
{
    assert(src.size() == dst.size());
    for (std::size_t i = 0; i < src.size(); ++i) {
        dst[i] = static_cast<std::byte>(table[static_cast<std::uint8_t>(src[i])]);
    }
}

void lookup(std::span<const std::byte> src, const LookupTable& table, std::span<std::byte> dst)
{
    assert(src.size() == dst.size());
    const std::size_t done =
        HWY_DYNAMIC_DISPATCH(lookupVectors)(reinterpret_cast<const std::uint8_t*>(src.data()), src.size(),
                                            table.data(), reinterpret_cast<std::uint8_t*>(dst.data()));
    lookupReference(src.subspan(done), table, dst.subspan(done));
}

} // namespace kernels
#endif
