/// How much memory the cache takes.

#include <fstream>
#include <string>

#include "rocksdb/database_options.hpp"
#include "rocksdb/machine_memory.hpp"
#include "rocksdb_test.hpp"

namespace bytestore::rocksdb_backend {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

class Memory : public ::testing::Test {
 protected:
  void own(const std::string& lines) const { write("own", lines); }
  void write(const std::string& file, const std::string& text) const {
    const auto path = folder_.path() / file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  [[nodiscard]] std::uint64_t usable() const {
    return usable_memory(folder_.path() / "own", folder_.path() / "groups");
  }

 private:
  testing::TemporaryFolder folder_;
};

TEST_F(Memory, IsThatOfTheMachineWithoutALimit) {
  const auto machine = usable();
  EXPECT_GT(machine, 64 * kMiB);
  own("0::/a\n");
  write("groups/a/memory.max", "max\n");
  EXPECT_EQ(usable(), machine);
}

TEST_F(Memory, IsTheLeastLimitOfTheControlGroups) {
  own("0::/a/b\n");
  write("groups/a/memory.max", "50000000\n");
  write("groups/a/b/memory.max", "60000000\n");
  EXPECT_EQ(usable(), 50'000'000U);
  write("groups/a/b/memory.max", "40000000\n");
  EXPECT_EQ(usable(), 40'000'000U);
  write("groups/memory.max", "30000000\n");
  EXPECT_EQ(usable(), 30'000'000U) << "as in a container";
}

TEST_F(Memory, IsLimitedByTheFirstVersionOfControlGroupsToo) {
  own("4:cpu,cpuacct:/x\n5:memory:/y\n");
  write("groups/memory/y/memory.limit_in_bytes", "20000000\n");
  EXPECT_EQ(usable(), 20'000'000U);
}

TEST_F(Memory, OfTheCacheIsAsTheOptionsSay) {
  EXPECT_EQ(block_cache_bytes({.block_cache_bytes = 0}), 0U);
  EXPECT_EQ(block_cache_bytes({.block_cache_bytes = 12'345}), 12'345U);
  EXPECT_GE(block_cache_bytes({}), 32 * kMiB);
  EXPECT_LE(block_cache_bytes({}), 512 * kMiB);
}

}  // namespace
}  // namespace bytestore::rocksdb_backend
