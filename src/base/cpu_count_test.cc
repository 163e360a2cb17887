#include <gtest/gtest.h>
#include <sched.h>

#include <fstream>
#include <thread>

#include "base/process.h"
#include "base/temporary_folder.h"

namespace facepipe {
namespace {

namespace fs = std::filesystem;

class UsableCpus : public testing::Test {
 protected:
  void write(const fs::path& file, const std::string& text) {
    fs::create_directories((folder_.path() / file).parent_path());
    std::ofstream(folder_.path() / file) << text << "\n";
  }
  [[nodiscard]] int count() const { return usable_cpus({folder_.path() / "cgroup", folder_.path() / "sys"}); }
  // Without any quota: what the scheduler gives.
  [[nodiscard]] int scheduled() const { return usable_cpus({folder_.path() / "absent", folder_.path() / "absent"}); }

  TemporaryFolder folder_;
};

TEST_F(UsableCpus, WithoutControlGroupsItIsWhatTheSchedulerGives) {
  cpu_set_t set;
  ASSERT_EQ(sched_getaffinity(0, sizeof set, &set), 0);
  EXPECT_EQ(count(), CPU_COUNT(&set));
}

TEST_F(UsableCpus, AffinityCounts) {
  int one = 0;
  std::thread([&] {  // a thread of its own, whose affinity dies with it
    cpu_set_t set;
    ASSERT_EQ(sched_getaffinity(0, sizeof set, &set), 0);
    std::size_t cpu = 0;
    while (!CPU_ISSET(cpu, &set)) {
      ++cpu;
    }
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    ASSERT_EQ(sched_setaffinity(0, sizeof set, &set), 0);
    one = count();
  })
      .join();
  EXPECT_EQ(one, 1);
}

TEST_F(UsableCpus, AQuotaOfVersion2IsRoundedUpAndNeverRaisesTheCount) {
  write("cgroup", "0::/a/b");
  for (const auto& [text, cpus] : {std::pair{"10000 100000", 1},
                                   {"100000 100000", 1},
                                   {"max 100000", scheduled()},
                                   {"100000000 100000", scheduled()},
                                   {"rubbish", scheduled()},
                                   {"-1 0", scheduled()}}) {
    write("sys/a/b/cpu.max", text);
    EXPECT_EQ(count(), cpus) << text;
  }
  if (scheduled() > 1) {
    write("sys/a/b/cpu.max", "100001 100000");
    EXPECT_EQ(count(), 2);
  }
}

TEST_F(UsableCpus, TheQuotaOfAnEnclosingGroupCounts) {
  write("cgroup", "0::/a/b/c");
  write("sys/a/b/c/cpu.max", "max 100000");
  write("sys/a/cpu.max", "50000 100000");
  EXPECT_EQ(count(), 1);
}

TEST_F(UsableCpus, AContainerSeesItsGroupAsTheRoot) {
  write("cgroup", "0::/docker/0123");  // a path of the host
  write("sys/cpu.max", "50000 100000");
  EXPECT_EQ(count(), 1);
}

TEST_F(UsableCpus, AQuotaOfVersion1) {
  write("cgroup", "5:memory:/x\n4:cpu,cpuacct:/a\n0::/");
  write("sys/cpu,cpuacct/a/cpu.cfs_quota_us", "-1");
  write("sys/cpu,cpuacct/a/cpu.cfs_period_us", "100000");
  EXPECT_EQ(count(), scheduled());
  write("sys/cpu,cpuacct/a/cpu.cfs_quota_us", "60000");
  EXPECT_EQ(count(), 1);
}

}  // namespace
}  // namespace facepipe
