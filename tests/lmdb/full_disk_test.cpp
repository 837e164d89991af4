/// Writes that the system refuses are errors, lose nothing, and are possible again when there is
/// space.

#include <unistd.h>

#include "lmdb_test.hpp"
#include "support/resource_limit.hpp"

namespace bytestore {
namespace {

using testing::ResourceLimit;

class LmdbFullDisk : public LmdbTest, public ::testing::WithParamInterface<bool> {};

TEST_P(LmdbFullDisk, FailsWritesForCertainAndGoesOnAfterwards) {
  const auto store = open({.sync = GetParam()});
  store->mset({{"before", text("1")}});
  {
    const ResourceLimit limit(RLIMIT_FSIZE, kMiB / 2);
    for (int i = 0; i < 3; ++i) {
      const auto error = batch_error_of([&] { store->mset({{"refused", noise(kMiB, 1)}}); });
      EXPECT_EQ(error.code(), ErrorCode::io);
      EXPECT_THAT(error.what(), ::testing::HasSubstr("free space"));
      ASSERT_EQ(error.failures().size(), 1U);
      EXPECT_EQ(error.failures()[0].outcome, Outcome::failed);
    }
    EXPECT_EQ(store->mget({"before", "refused"}), (ByteStore::Values{text("1"), std::nullopt}));
    store->mset({{"small", text("2")}});
  }
  store->mset({{"refused", noise(kMiB, 1)}});
  store->close();
  EXPECT_EQ(open()->mget({"before", "small", "refused"}),
            (ByteStore::Values{text("1"), text("2"), noise(kMiB, 1)}));
}

INSTANTIATE_TEST_SUITE_P(Sync, LmdbFullDisk, ::testing::Bool());

#ifndef BYTESTORE_ADDRESS_SANITIZER  // which takes more address space than there is memory
class AddressSpace : public LmdbTest {
 protected:
  /// How much this process uses of it.
  static rlim_t used() {
    std::ifstream statm("/proc/self/statm");
    rlim_t pages = 0;
    statm >> pages;
    return pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
  }
};

TEST_F(AddressSpace, ThatIsSmallIsEnoughForASmallStore) {
  const ResourceLimit limit(RLIMIT_AS, used() + 200 * kMiB);
  const auto store = open();
  store->mset({{"a", text("1")}});
  EXPECT_EQ(store->mget({"a"}), ByteStore::Values{text("1")});
}

TEST_F(AddressSpace, ThatIsUsedUpIsAClearErrorAndTheStoreGoesOn) {
  const auto store = open_with_small_map();
  store->mset({{"a", text("1")}});
  {
    const auto large = noise(20 * kMiB, 1);
    const ResourceLimit limit(RLIMIT_AS, used() + 24 * kMiB);
    const auto error = batch_error_of([&] { store->mset({{"large", large}}); });
    EXPECT_EQ(error.code(), ErrorCode::io) << error.what();
    EXPECT_EQ(error.failures()[0].outcome, Outcome::failed);
    store->mset({{"b", text("2")}});
  }
  store->mset({{"large", noise(20 * kMiB, 1)}});
  EXPECT_EQ(store->mget({"a", "b", "large"}),
            (ByteStore::Values{text("1"), text("2"), noise(20 * kMiB, 1)}));
}
#endif

}  // namespace
}  // namespace bytestore
