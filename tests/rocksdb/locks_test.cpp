/// Nobody else gets into a folder that a store holds: no other store, no program on RocksDB, and no
/// other copy of RocksDB in the same process, whatever the holder does with its files.

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>

#include "helper_process.hpp"
#include "rocksdb/locked_file.hpp"
#include "rocksdb_test.hpp"
#include "support/in_child.hpp"

namespace bytestore {
namespace {

using ::testing::HasSubstr;

/// What a program said on both streams, and whether it succeeded.
struct Outcome {
  bool succeeded;
  std::string said;
};

class Locks : public RocksDBTest {
 protected:
  /// Runs RocksDB's own tool on the folder.
  [[nodiscard]] Outcome ldb(const std::string& verb) const {
    const auto command = BYTESTORE_LDB " --db='" + path().string() + "' " + verb + " 2>&1";
    std::FILE* const output = ::popen(command.c_str(), "r");
    if (output == nullptr) throw std::runtime_error("popen failed");
    std::string said;
    for (int next = std::fgetc(output); next != EOF; next = std::fgetc(output)) {
      said.push_back(static_cast<char>(next));
    }
    return {::pclose(output) == 0, said};
  }

  void expect_held() const {
    for (const std::string verb : {"compact", "put theirs value"}) {
      const auto run = ldb(verb);
      EXPECT_FALSE(run.succeeded) << verb;
      EXPECT_THAT(run.said, HasSubstr("While lock file")) << verb;
    }
    rocksdb::DB* opened = nullptr;
    const auto status = rocksdb::DB::Open({}, path().string(), &opened);
    EXPECT_TRUE(status.IsIOError()) << status.ToString();
    EXPECT_THAT(status.ToString(), HasSubstr("lock"));
    EXPECT_EQ(code_of([&] { open(); }), ErrorCode::unavailable);
    EXPECT_THAT(HelperProcess({"hold", path().string()}).read_line(),
                HasSubstr("holds the folder"));
  }
};

TEST_F(Locks, KeepOutOtherProgramsAndOtherCopiesOfRocksDB) {
  const auto holder = open();
  holder->mset({{"a", text("1")}});
  expect_held();
  expect_held();  // the attempts have closed LOCK, too
  holder->mset({{"b", text("2")}});
  holder->close();
  EXPECT_THAT(walk(open()->yield_keys()), ::testing::UnorderedElementsAre("a", "b"));
}

TEST_F(Locks, HoldWhileTheHolderCopiesItsFolder) {
  const auto holder = open();
  holder->mset({{"a", text("1")}});
  std::filesystem::copy(path(), path().parent_path() / "copy");  // opens and closes each file
  expect_held();
  holder->mset({{"b", text("2")}});
  holder->close();
  EXPECT_THAT(walk(open()->yield_keys()), ::testing::UnorderedElementsAre("a", "b"));
}

TEST_F(Locks, HoldAfterAChildWasForked) {
  const auto holder = open();
  EXPECT_EQ(testing::in_child([] { return "forked"; }), "forked");
  expect_held();
}

TEST_F(Locks, EndWithTheStore) {
  open()->mset({{"a", text("1")}});
  const auto run = ldb("put theirs value");
  EXPECT_TRUE(run.succeeded) << run.said;
  ASSERT_NE(open_database(), nullptr);
}

TEST_F(Locks, OfAnotherRocksDBInThisProcessAreRespected) {
  open()->mset({{"a", text("1")}});
  auto database = open_database();
  const auto error = error_of([&] { open(); });
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  EXPECT_THAT(error.what(), HasSubstr("holds the folder"));
  ASSERT_TRUE(database->Put({}, "theirs", "value").ok());
  database.reset();
  EXPECT_THAT(walk(open()->yield_keys()), ::testing::ElementsAre("a", "theirs"));
}

/// Makes the kernel refuse locks that belong to an open file, as that of some sandboxes does.
bool without_file_description_locks() {
  constexpr auto kRefused = static_cast<std::uint32_t>(F_OFD_SETLK);
  std::array filter{sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                    sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fcntl, 0, 3),
                    sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[1])),
                    sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kRefused, 0, 1),
                    sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
                    sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog program{filter.size(), filter.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

TEST_F(Locks, AreRocksDBsUsualOnesWhereTheSystemHasNoOthers) {
  std::filesystem::create_directories(path());
  const auto file = path() / "LOCK";
  EXPECT_THAT(testing::in_child([&] {
                if (!without_file_description_locks()) return std::string("no filter");
                const rocksdb_backend::LockedFile lock(file,
                                                       rocksdb_backend::LockKind::file_description);
                return ldb("put theirs value").said;
              }),
              HasSubstr("While lock file"));
}

}  // namespace
}  // namespace bytestore
