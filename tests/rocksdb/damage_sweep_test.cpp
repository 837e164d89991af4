/// Every file of a folder is damaged in every way in turn. A store gives an error or the right
/// value then, and ends no process.

#include <fmt/format.h>

#include <map>

#include "rocksdb_test.hpp"
#include "support/damage.hpp"
#include "support/in_child.hpp"

namespace bytestore {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::size_t kKeys = 60;
constexpr std::size_t kOlderKeys = 40;  // are in tables; the others are in the log
constexpr std::size_t kFlips = 4;       // of a file

std::string key_of(std::size_t number) { return fmt::format("key {:03}", number); }

/// Some are in files of large values.
Bytes value_of(std::size_t number) {
  return noise(number % 10 == 0 ? 100'000 : 1'000 + number, number);
}

void write_keys(ByteStore& store, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i != to; ++i) store.mset({{key_of(i), value_of(i)}});
}

class DamageSweep : public RocksDBTest {
 protected:
  /// Makes a folder as a process leaves it that is killed. This is done in a child, since RocksDB's
  /// threads must not be there when the test forks: so it needs a process of its own, as CTest
  /// gives each test.
  DamageSweep() {
    const auto made = testing::in_child([this] {
      write_keys(*open(), 0, kOlderKeys);
      const auto store = open();
      write_keys(*store, kOlderKeys, kKeys);
      fs::copy(path(), image());
      return std::string("made");
    });
    EXPECT_EQ(made, "made");
  }

  [[nodiscard]] fs::path image() const { return beside("image"); }

  /// Puts the folder back, with one of its files damaged.
  void damage(const std::string& name, const testing::Damage& damage) const {
    fs::remove_all(path());
    fs::copy(image(), path());
    if (const auto left = damage.applied(read_file(image() / name))) {
      write_file(path() / name, *left);
    } else {
      fs::remove(path() / name);
    }
  }

  /// What a store makes of the folder: "refused: CODE"; or how many of its keys are right, absent,
  /// wrong or fail, and "with a gap" if there are others after the first that is absent.
  [[nodiscard]] std::string read_all() const {
    std::unique_ptr<ByteStore> store;
    const auto opened = testing::outcome_of([&] { store = open({.create_if_missing = false}); });
    if (opened != "ok") return "refused: " + opened;
    std::map<std::string, std::size_t> found;
    for (std::size_t i = 0; i != kKeys; ++i) {
      std::optional<Bytes> value;
      auto outcome = testing::outcome_of([&] { value = store->mget({key_of(i)}).front(); });
      if (outcome == "ok") outcome = !value ? "absent" : *value == value_of(i) ? "right" : "wrong";
      if (outcome != "absent" && found.contains("absent")) outcome = "with a gap";
      ++found[outcome];
    }
    std::size_t listed = 0;
    const auto listing = testing::outcome_of([&] { listed = walk(store->yield_keys()).size(); });
    if (listing == "ok" && listed != kKeys - found["absent"]) ++found["wrong"];
    std::string text;
    for (const auto& [outcome, count] : found) {
      if (count > 0) text += fmt::format("{} {}, ", outcome, count);
    }
    return text + "listing " + listing;
  }
};

TEST_F(DamageSweep, GivesAnErrorOrTheRightValue) {
  std::size_t tried = 0;
  for (const auto& file : fs::directory_iterator(image())) {
    if (file.file_size() == 0) continue;
    const auto name = file.path().filename().string();
    for (const auto& way : testing::damages(file.file_size(), kFlips)) {
      SCOPED_TRACE(name + ' ' + way.what);
      damage(name, way);
      const auto seen = testing::in_child([this] { return read_all(); });
      EXPECT_THAT(seen, AnyOf("refused: corrupt", "right 60, listing ok",
                              AllOf(StartsWith("corrupt "), HasSubstr(", right ")),
                              AllOf(StartsWith("absent "), HasSubstr(", right "))));
      EXPECT_THAT(seen, Not(AnyOf(HasSubstr("wrong"), HasSubstr("with a gap"))));
      // The end of a log may be missing: so it is after a crash, too.
      if (!name.ends_with(".log")) {
        EXPECT_THAT(seen, Not(HasSubstr("absent")));
      }
      ++tried;
    }
  }
  EXPECT_GT(tried, 60U);  // of six files or more, as there are tables, large values and a log
}

}  // namespace
}  // namespace bytestore
