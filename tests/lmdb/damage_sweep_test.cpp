/// A store whose files are damaged gives an error or the right value. LMDB itself believes what its
/// pages say, so that damage to their structure may end the process: the flipped bits here are all
/// over the file, and so mostly in values, as its bytes are.

#include "support/damage_sweep.hpp"
#include "lmdb_test.hpp"

namespace bytestore {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using DamageSweep = DamageSweepOf<LmdbTest>;

TEST_F(DamageSweep, GivesAnErrorOrTheRightValue) {
  constexpr std::size_t kFlips = 100;
  std::map<std::string, std::size_t> found;
  sweep([](const std::string& file) { return file == "data.mdb" ? kFlips : 4; },
        [&](const std::string& file, const std::string& seen) {
          if (file == "lock.mdb") {  // which is made anew
            EXPECT_EQ(seen, "right 60, listing ok");
            return;
          }
          EXPECT_THAT(seen, AnyOf(StartsWith("refused: "), "right 60, listing ok",
                                  AllOf(StartsWith("corrupt "), EndsWith(", listing ok"))));
          EXPECT_THAT(seen, ::testing::Not(AnyOf(HasSubstr("wrong"), HasSubstr("absent"))));
          ++found[seen.substr(0, seen.find(' '))];
        });
  EXPECT_GT(found["corrupt"], kFlips / 2);
  EXPECT_GT(found["refused:"], 2U);
}

}  // namespace
}  // namespace bytestore
