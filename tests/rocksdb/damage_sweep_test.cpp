/// A store whose files are damaged gives an error or the right value, and ends no process.

#include "support/damage_sweep.hpp"
#include "rocksdb_test.hpp"

namespace bytestore {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using DamageSweep = DamageSweepOf<RocksDBTest>;

TEST_F(DamageSweep, GivesAnErrorOrTheRightValue) {
  constexpr std::size_t kFlips = 4;
  const auto tried =
      sweep([](const std::string& /*file*/) { return kFlips; },
            [](const std::string& file, const std::string& seen) {
              EXPECT_THAT(seen, AnyOf("refused: corrupt", "right 60, listing ok",
                                      AllOf(StartsWith("corrupt "), HasSubstr(", right ")),
                                      AllOf(StartsWith("absent "), HasSubstr(", right "))));
              EXPECT_THAT(seen, Not(AnyOf(HasSubstr("wrong"), HasSubstr("with a gap"))));
              // The end of a log may be missing: so it is after a crash, too.
              if (!file.ends_with(".log")) {
                EXPECT_THAT(seen, Not(HasSubstr("absent")));
              }
            });
  EXPECT_GT(tried, 60U);  // of six files or more, as there are tables, large values and a log
}

}  // namespace
}  // namespace bytestore
