#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "support/damage.hpp"
#include "support/folder_test.hpp"
#include "support/in_child.hpp"

namespace bytestore {

/// Damages every file of a folder with a store in every way in turn, and says what is read then.
/// `StoreTest` is a `FolderTest` that can `open` a store there.
template <typename StoreTest>
class DamageSweepOf : public StoreTest {
 protected:
  static constexpr std::size_t kKeys = 60;
  static constexpr std::size_t kOlderKeys =
      40;  // are written, and the store is closed, before the others

  /// Makes a folder as a process leaves it that is killed. This is done in a child, since the
  /// threads of a store must not be there when the test forks: so it needs a process of its own, as
  /// CTest gives each test.
  DamageSweepOf() {
    const auto made = testing::in_child([this] {
      write_keys(*this->open(), 0, kOlderKeys);
      const auto store = this->open();
      write_keys(*store, kOlderKeys, kKeys);
      std::filesystem::copy(this->path(), image());
      return std::string("made");
    });
    EXPECT_EQ(made, "made");
  }

  /// Calls `judge` with the name of the damaged file and what `read_all` saw, in a child, after
  /// each way; a file has `flips(its name)` places where a bit is flipped. Returns how many ways
  /// there were.
  std::size_t sweep(const std::function<std::size_t(const std::string&)>& flips,
                    const std::function<void(const std::string&, const std::string&)>& judge) {
    std::size_t tried = 0;
    for (const auto& file : std::filesystem::directory_iterator(image())) {
      if (file.file_size() == 0) continue;
      const auto name = file.path().filename().string();
      for (const auto& way : testing::damages(file.file_size(), flips(name))) {
        SCOPED_TRACE(name + ' ' + way.what);
        damage(name, way);
        judge(name, testing::in_child([this] { return read_all(); }));
        ++tried;
      }
    }
    return tried;
  }

 private:
  static std::string key_of(std::size_t number) { return fmt::format("key {:03}", number); }

  /// Some are large, which have files or pages of their own.
  static Bytes value_of(std::size_t number) {
    return noise(number % 10 == 0 ? 100'000 : 1'000 + number, number);
  }

  static void write_keys(ByteStore& store, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i != to; ++i) store.mset({{key_of(i), value_of(i)}});
  }

  [[nodiscard]] std::filesystem::path image() const { return this->beside("image"); }

  /// Puts the folder back, with one of its files damaged.
  void damage(const std::string& name, const testing::Damage& damage) const {
    std::filesystem::remove_all(this->path());
    std::filesystem::copy(image(), this->path());
    if (const auto left = damage.applied(this->read_file(image() / name))) {
      this->write_file(this->path() / name, *left);
    } else {
      std::filesystem::remove(this->path() / name);
    }
  }

  /// What a store makes of the folder: "refused: CODE"; or how many of its keys are right, absent,
  /// wrong or fail, and "with a gap" if there are others after the first that is absent. Keys are
  /// read by themselves and all at once.
  [[nodiscard]] std::string read_all() const {
    std::unique_ptr<ByteStore> store;
    const auto opened =
        testing::outcome_of([&] { store = this->open({.create_if_missing = false}); });
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

}  // namespace bytestore
