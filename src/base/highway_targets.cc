// What Highway's headers ask of its library: which instruction sets there are. The library itself is not linked,
// because each program that loads it first measures the resolution of a clock, for 3 ms of every start
// (docs/performance.md). Tested by highway_targets_test.cc.
#include <hwy/targets.h>

#include <atomic>
#include <cstdint>

namespace hwy {
namespace {

std::int64_t find_targets() {
  std::int64_t found = HWY_STATIC_TARGET | HWY_SCALAR;  // what all of the program is compiled for
#if HWY_ARCH_X86
  // Each needs all before it. The builtin also asks whether the system saves the registers.
  const bool ssse3 = __builtin_cpu_supports("ssse3") != 0;
  const bool sse4 = ssse3 && __builtin_cpu_supports("sse4.1") != 0 && __builtin_cpu_supports("sse4.2") != 0 &&
                    __builtin_cpu_supports("pclmul") != 0 && __builtin_cpu_supports("aes") != 0;
  const bool avx2 = sse4 && __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0 &&
                    __builtin_cpu_supports("bmi") != 0 && __builtin_cpu_supports("bmi2") != 0 &&
                    __builtin_cpu_supports("lzcnt") != 0 && __builtin_cpu_supports("f16c") != 0;
  const bool avx3 = avx2 && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512cd") != 0 &&
                    __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
                    __builtin_cpu_supports("avx512vl") != 0;
  const bool avx3_dl = avx3 && __builtin_cpu_supports("avx512vnni") != 0 && __builtin_cpu_supports("avx512vbmi") != 0 &&
                       __builtin_cpu_supports("avx512vbmi2") != 0 && __builtin_cpu_supports("avx512bitalg") != 0 &&
                       __builtin_cpu_supports("avx512vpopcntdq") != 0 && __builtin_cpu_supports("gfni") != 0 &&
                       __builtin_cpu_supports("vaes") != 0 && __builtin_cpu_supports("vpclmulqdq") != 0;
  found |= (ssse3 ? HWY_SSSE3 : 0) | (sse4 ? HWY_SSE4 : 0) | (avx2 ? HWY_AVX2 : 0) | (avx3 ? HWY_AVX3 : 0) |
           (avx3_dl ? HWY_AVX3_DL : 0);
#endif
  return found;
}

std::atomic<std::int64_t>& set_for_tests() {
  static std::atomic<std::int64_t> targets{0};
  return targets;
}

}  // namespace

std::int64_t SupportedTargets() {
  static const std::int64_t found = find_targets();
  const std::int64_t mocked = set_for_tests().load();
  return mocked != 0 ? mocked : found;
}

void SetSupportedTargetsForTest(std::int64_t targets) {
  set_for_tests().store(targets);
}

ChosenTarget& GetChosenTarget() {
  static ChosenTarget chosen;
  return chosen;
}

}  // namespace hwy
