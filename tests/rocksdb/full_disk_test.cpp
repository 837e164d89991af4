/// Writes that the system refuses are errors and lose nothing. They are possible again once there
/// is space, or if that was not the reason, once the store is opened anew.

#include <sys/resource.h>

#include <csignal>

#include "helper_process.hpp"
#include "rocksdb_test.hpp"

namespace bytestore {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

/// While it lives, no file of this process can grow beyond `bytes`: writes fail as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    if (::getrlimit(RLIMIT_FSIZE, &before_) != 0) throw std::runtime_error("getrlimit failed");
    set({.rlim_cur = bytes, .rlim_max = before_.rlim_max});
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  static void set(const rlimit& limit) {
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) throw std::runtime_error("setrlimit failed");
  }

  rlimit before_{};
};

class FullDisk : public RocksDBTest, public ::testing::WithParamInterface<bool> {
 protected:
  static std::vector<Entry> mebibyte(const std::string& name) {
    return {{name, noise(kMiB, name.size())}};
  }
};

TEST_P(FullDisk, FailsWritesAndKeepsWhatWasWritten) {
  const auto store = open({.sync = GetParam()});
  store->mset({{"before", text("1")}});
  {
    const FileSizeLimit limit(kMiB / 2);
    for (int i = 0; i < 3; ++i) {
      const auto error = batch_error_of([&] { store->mset(mebibyte("refused")); });
      EXPECT_EQ(error.code(), ErrorCode::io);
      EXPECT_THAT(error.what(), ::testing::HasSubstr("free space"));
      ASSERT_EQ(error.failures().size(), 1U);
      EXPECT_EQ(error.failures()[0].outcome, Outcome::unknown);
    }
  }
  EXPECT_EQ(store->mget({"before"}), ByteStore::Values{text("1")});
  EXPECT_EQ(code_of([&] { store->mset({{"after", text("2")}}); }), ErrorCode::io)
      << "until it is opened anew";
  EXPECT_EQ(code_of([&] { store->close(); }), ErrorCode::io);

  const auto reopened = open();
  EXPECT_EQ(reopened->mget({"before", "refused"}), (ByteStore::Values{text("1"), std::nullopt}));
  reopened->mset({{"after", text("2")}});
  EXPECT_EQ(reopened->mget({"after"}), ByteStore::Values{text("2")});
}

TEST_P(FullDisk, AtTheEndOfAStoreLosesNothing) {
  auto store = open({.sync = GetParam()});
  store->mset(mebibyte("kept"));
  {
    const FileSizeLimit limit(kMiB / 2);  // so that what is in the log cannot become a table
    store.reset();
  }
  EXPECT_EQ(open()->mget({"kept"}), ByteStore::Values{noise(kMiB, 4)});
}

TEST_P(FullDisk, CanBeReadAndTheOpenStoreGoesOnWhenThereIsSpaceAgain) {
  std::filesystem::create_directories(path());
  HelperProcess helper({"fill", path().string(), GetParam() ? "sync" : "async"});
  const auto error = helper.read_line();
  if (error == "no mount") GTEST_SKIP() << "this user may not mount";
  EXPECT_THAT(error, ::testing::StartsWith("io: "));
  EXPECT_THAT(error, ::testing::HasSubstr("the disk is full"));
  for (const auto* const expected : {"all can be read", "goes on", "is whole", "is whole"}) {
    EXPECT_EQ(helper.read_line(), expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Sync, FullDisk, ::testing::Bool());

}  // namespace
}  // namespace bytestore
