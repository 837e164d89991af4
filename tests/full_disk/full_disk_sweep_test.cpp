/// The disk becomes full at each write of an opening and of some batches in turn, and then has
/// space again: no process ends, and what was acknowledged is there, each batch whole or not at
/// all.

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "full_disk/refused_writes.hpp"
#include "support/folder_test.hpp"
#include "support/in_child.hpp"
#ifdef BYTESTORE_LMDB
#include "bytestore/lmdb_byte_store.hpp"
#endif
#ifdef BYTESTORE_ROCKSDB
#include "bytestore/rocksdb_byte_store.hpp"
#endif

namespace bytestore {
namespace {

using Open = std::function<std::unique_ptr<ByteStore>(const std::filesystem::path&)>;

struct Backend {
  std::string name;
  Open open;
};

std::ostream& operator<<(std::ostream& out, const Backend& backend) { return out << backend.name; }

template <typename Store, typename Options>
Backend backend(const std::string& name, bool sync) {
  return {name, [sync](const std::filesystem::path& path) {
            return std::make_unique<Store>(path, Options{.sync = sync});
          }};
}

/// Every key of batch `number` has this value; the first batches are small, the last one is large.
Bytes value_of(std::size_t number) { return noise(number == 3 ? 500'000 : 2'000, number); }

std::vector<std::string> keys_of(std::size_t number) {
  return numbered_keys(fmt::format("{}/", number), 5);
}

constexpr std::size_t kBatches = 4;

/// More than there are.
constexpr int kMostWrites = 1'000;

class FullDiskSweep : public FolderTest, public ::testing::WithParamInterface<Backend> {
 protected:
  [[nodiscard]] std::unique_ptr<ByteStore> open() const { return GetParam().open(path()); }

  /// Makes a store with a batch, and another one while the disk becomes full. Returns what is wrong
  /// then, if anything, and otherwise "full" or "never full".
  [[nodiscard]] std::string fill_at(int write, bool when_new) const {
    Said said;
    if (!when_new) {
      set(*open(), 0);
      said.acknowledged.insert(0);
    }
    testing::fill_disk_at(write);
    const auto outcome = use(said);
    const bool was_full = testing::empty_disk();
    if (!outcome.empty()) return outcome;
    for (int opening = 0; opening < 2; ++opening) {
      if (auto wrong = wrong_in(*open(), said); !wrong.empty()) return wrong;
    }
    return was_full ? "full" : "never full";
  }

 private:
  static void set(ByteStore& store, std::size_t batch) {
    std::vector<Entry> entries;
    for (const auto& key : keys_of(batch)) entries.push_back({key, value_of(batch)});
    store.mset(entries);
  }

  /// What was said of each batch; of the others, nothing.
  struct Said {
    std::set<std::size_t> acknowledged;
    std::set<std::size_t> failed;
  };

  /// Returns what is wrong.
  static std::string try_to_set(ByteStore& store, std::size_t batch, Said& said) {
    try {
      set(store, batch);
      said.acknowledged.insert(batch);
    } catch (const BatchError& error) {
      if (error.code() != ErrorCode::io) return "writing: " + std::string(error.what());
      const auto& failures = error.failures();
      if (failures.size() != keys_of(batch).size()) return "half of a batch failed";
      if (failures.front().outcome == Outcome::failed) said.failed.insert(batch);
    }
    return "";
  }

  /// Opens, writes, reads and closes; returns what is wrong.
  [[nodiscard]] std::string use(Said& said) const {
    std::unique_ptr<ByteStore> store;
    auto outcome = testing::outcome_of([&] { store = open(); });
    if (outcome != "ok") return outcome == "io" ? "" : "opening: " + outcome;
    for (std::size_t batch = 1; batch != kBatches; ++batch) {
      if (auto wrong = try_to_set(*store, batch, said); !wrong.empty()) return wrong;
    }
    for (const std::size_t batch : said.acknowledged) {
      ByteStore::Values values;
      outcome = testing::outcome_of([&] { values = store->mget(keys_of(batch)); });
      if (outcome != "ok" && outcome != "io") return "reading: " + outcome;
      if (outcome == "ok" && values.back() != value_of(batch)) return "not there while full";
    }
    outcome = testing::outcome_of([&] { store->close(); });
    return outcome == "ok" || outcome == "io" ? "" : "closing: " + outcome;
  }

  static std::string wrong_in(ByteStore& store, const Said& said) {
    std::size_t there = 0;
    for (std::size_t batch = 0; batch != kBatches; ++batch) {
      const auto values = store.mget(keys_of(batch));
      const auto found = static_cast<std::size_t>(
          std::ranges::count(values, std::optional<Bytes>(value_of(batch))));
      there += found;
      if (found != 0 && found != values.size()) return fmt::format("half of batch {}", batch);
      if (found == 0 && said.acknowledged.contains(batch)) {
        return fmt::format("batch {} was acknowledged and is lost", batch);
      }
      if (found != 0 && said.failed.contains(batch)) {
        return fmt::format("batch {} has failed and is there", batch);
      }
    }
    if (walk(store.yield_keys()).size() != there) return "other keys are listed";
    return "";
  }
};

TEST_P(FullDiskSweep, LosesNothingAndHasNoHalves) {
  for (const bool when_new : {true, false}) {
    int write = 0;
    for (std::string seen; seen != "never full"; ++write) {
      ASSERT_LT(write, kMostWrites);
      std::filesystem::remove_all(path());
      seen = testing::in_child([&] { return fill_at(write, when_new); });
      EXPECT_THAT(seen, ::testing::AnyOf("full", "never full"))
          << "at write " << write << (when_new ? " of a new store" : "");
    }
    EXPECT_GT(write, 6);  // of an opening and three batches
  }
}

#ifdef BYTESTORE_LMDB
INSTANTIATE_TEST_SUITE_P(Lmdb, FullDiskSweep,
                         ::testing::Values(backend<LmdbByteStore, LmdbOptions>("synced", true),
                                           backend<LmdbByteStore, LmdbOptions>("unsynced", false)),
                         ::testing::PrintToStringParamName());
#endif

#ifdef BYTESTORE_ROCKSDB
INSTANTIATE_TEST_SUITE_P(
    RocksDB, FullDiskSweep,
    ::testing::Values(backend<RocksDBByteStore, RocksDBOptions>("synced", true),
                      backend<RocksDBByteStore, RocksDBOptions>("unsynced", false)),
    ::testing::PrintToStringParamName());
#endif

}  // namespace
}  // namespace bytestore
