#include "rocksdb/log_search.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

namespace bytestore::rocksdb_backend {
namespace {

constexpr std::size_t kBlock = 32'768;
constexpr std::size_t kHeader = 7;
const std::string kWanted = "what is wanted";

class LogSearch : public ::testing::Test {
 protected:
  [[nodiscard]] bool finds(const std::string& content) const {
    std::ofstream(file(), std::ios::binary | std::ios::trunc) << content;
    return log_contains(file(), kWanted);
  }
  [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "file"; }

 private:
  testing::TemporaryFolder folder_;
};

TEST_F(LogSearch, FindsWhatIsInOneBlock) {
  const std::string header(kHeader, 'h');
  EXPECT_TRUE(finds(header + kWanted));
  EXPECT_TRUE(finds(header + "before" + kWanted + "after"));
  EXPECT_TRUE(finds(std::string(kBlock, 'x') + header + kWanted));
  EXPECT_TRUE(finds(std::string(kBlock - kWanted.size(), 'x') + kWanted));
}

TEST_F(LogSearch, FindsWhatGoesOnBehindTheHeaderOfTheNextBlock) {
  for (std::size_t blocks = 1; blocks < 4; ++blocks) {
    for (std::size_t part = 1; part < kWanted.size(); ++part) {
      const std::string before(blocks * kBlock - part, 'x');
      EXPECT_TRUE(finds(before + kWanted.substr(0, part) + std::string(kHeader, 'h') +
                        kWanted.substr(part) + "after"))
          << part << " bytes in block " << blocks;
    }
  }
}

TEST_F(LogSearch, FindsNothingElse) {
  EXPECT_FALSE(finds(""));
  EXPECT_FALSE(finds("short"));
  EXPECT_FALSE(finds(std::string(kHeader, 'h') + kWanted.substr(1)));
  EXPECT_FALSE(finds(std::string(3 * kBlock, 'x')));
  EXPECT_FALSE(finds(std::string(kBlock - 3, 'x') + kWanted)) << "a part of it is a header";
}

TEST_F(LogSearch, SaysThatAFileCannotBeRead) {
  EXPECT_EQ(testing::code_of([&] { static_cast<void>(log_contains(file(), kWanted)); }),
            ErrorCode::io);
}

}  // namespace
}  // namespace bytestore::rocksdb_backend
