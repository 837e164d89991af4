/// Who finds a folder held is told by whom, as far as that can be told, and what to do.

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <iomanip>
#include <optional>
#include <sstream>

#include "helper_process.hpp"
#include "rocksdb/folder_holder.hpp"
#include "rocksdb_test.hpp"

namespace bytestore {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Holder : public RocksDBTest {
 protected:
  static std::string process(pid_t id) { return "process " + std::to_string(id) + " holds"; }

  const std::string twice_ = "imports a program again";
  const std::string way_ = "lmdb:PATH";
};

TEST_F(Holder, InThisProcessIsNamed) {
  const auto holder = open();
  const auto error = error_of([&] { open(); });
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  EXPECT_THAT(error.what(), AllOf(HasSubstr(path().string()),
                                  HasSubstr("another store of this process holds the folder"),
                                  HasSubstr(twice_), HasSubstr(way_)));
}

TEST_F(Holder, ThatIsAChildOrAParentIsNamed) {
  HelperProcess child({"hold", path().string()});
  ASSERT_EQ(child.read_line(), "open");
  EXPECT_THAT(error_of([&] { open(); }).what(),
              AllOf(HasSubstr(process(child.id())), HasSubstr(twice_), HasSubstr(way_)));
  child.kill();
  const auto holder = open();
  EXPECT_THAT(HelperProcess({"hold", path().string()}).read_line(),
              AllOf(HasSubstr(process(::getpid())), HasSubstr(twice_), HasSubstr(way_)));
}

TEST_F(Holder, ThatHasTheSameCommandLineRunsTheSameProgram) {
  HelperProcess holder({"hold", path().string()});
  ASSERT_EQ(holder.read_line(), "open");
  EXPECT_THAT(HelperProcess({"hold", path().string()}).read_line(),
              AllOf(HasSubstr(process(holder.id())), HasSubstr(twice_), HasSubstr(way_)));
  EXPECT_THAT(HelperProcess({"write", path().string(), "0", "sync"}).read_line(),
              AllOf(HasSubstr(process(holder.id())), Not(HasSubstr(twice_)), HasSubstr(way_)));
}

TEST_F(Holder, ThatIsAnotherProgramOnRocksDBIsNamed) {
  open();
  const auto database = open_database();
  EXPECT_THAT(HelperProcess({"hold", path().string()}).read_line(),
              AllOf(HasSubstr(process(::getpid())), HasSubstr(way_)));
}

TEST_F(Holder, IsToldApartFromThoseOfOtherFilesAndThoseThatWait) {
  std::filesystem::create_directories(path());
  struct stat file{};
  ASSERT_EQ(::stat(path().c_str(), &file), 0);
  std::ostringstream place;
  place << std::hex << std::setfill('0') << std::setw(2) << major(file.st_dev) << ':'
        << std::setw(2) << minor(file.st_dev) << ':' << std::dec << file.st_ino;
  const auto holder_of = [&](const std::string& locks) {
    std::istringstream stream(locks);
    return rocksdb_backend::holder_in(stream, file);
  };
  const auto lock = [&](const std::string& kind_and_process) {
    return kind_and_process + " " + place.str() + " 0 EOF\n";
  };
  const std::string others = "1: POSIX  ADVISORY  READ 7 " + place.str() + "1 128 128\n";
  EXPECT_EQ(holder_of(others + lock("2: FLOCK  ADVISORY  WRITE 12")), 12);
  EXPECT_EQ(holder_of(others + lock("2: POSIX  ADVISORY  READ 13")), 13);
  EXPECT_EQ(holder_of(lock("1: -> FLOCK  ADVISORY  WRITE 8")), std::nullopt);
  EXPECT_EQ(holder_of(lock("1: OFDLCK ADVISORY  WRITE -1")), std::nullopt) << "of no process";
  EXPECT_EQ(holder_of(others), std::nullopt);
  EXPECT_EQ(holder_of(""), std::nullopt);
}

}  // namespace
}  // namespace bytestore
