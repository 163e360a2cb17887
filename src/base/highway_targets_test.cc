// What Highway is told of this machine, against what the kernel says of it.
#include <gtest/gtest.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace facepipe {
namespace {

#if HWY_ARCH_X86
std::set<std::string> cpu_flags() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("flags")) {
      std::istringstream words(line.substr(line.find(':') + 1));
      return {std::istream_iterator<std::string>(words), {}};
    }
  }
  return {};
}

TEST(HighwayTargets, AreTheKernelsFlags) {
  const std::set<std::string> flags = cpu_flags();
  ASSERT_FALSE(flags.empty());
  const auto has = [&](const std::vector<std::string>& names) {
    return std::ranges::all_of(names, [&](const std::string& name) { return flags.contains(name); });
  };
  const std::vector<std::string> sse4{"ssse3", "sse4_1", "sse4_2", "pclmulqdq", "aes"};
  std::vector<std::string> avx2 = sse4;
  avx2.insert(avx2.end(), {"avx2", "fma", "bmi1", "bmi2", "abm", "f16c"});
  std::vector<std::string> avx3 = avx2;
  avx3.insert(avx3.end(), {"avx512f", "avx512cd", "avx512dq", "avx512bw", "avx512vl"});
  const std::int64_t targets = hwy::SupportedTargets();
  EXPECT_EQ((targets & HWY_SSSE3) != 0, flags.contains("ssse3"));
  EXPECT_EQ((targets & HWY_SSE4) != 0, has(sse4));
  EXPECT_EQ((targets & HWY_AVX2) != 0, has(avx2));
  EXPECT_EQ((targets & HWY_AVX3) != 0, has(avx3));
}
#endif

TEST(HighwayTargets, TestsMaySetThem) {
  const std::int64_t found = hwy::SupportedTargets();
  EXPECT_NE(found & HWY_STATIC_TARGET, 0);
  hwy::SetSupportedTargetsForTest(HWY_STATIC_TARGET);
  EXPECT_EQ(hwy::SupportedTargets(), HWY_STATIC_TARGET);
  hwy::SetSupportedTargetsForTest(0);
  EXPECT_EQ(hwy::SupportedTargets(), found);
}

}  // namespace
}  // namespace facepipe
