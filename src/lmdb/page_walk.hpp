#pragma once

#include <lmdb.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace bytestore::lmdb_backend {

/// Looks keys up in the main database of a snapshot by reading its pages (version 1 of LMDB's
/// format), several keys at a time: while the memory of a page is on its way into the processor's
/// cache, the pages of other keys are searched. `mdb_get` waits for each page in turn, which is
/// most of the time of a read.
///
/// It never guesses: where anything is not as expected, it says so, and `mdb_get` has to be asked.
class PageWalk {
 public:
  /// How many keys are looked up side by side.
  static constexpr std::size_t kKeysAtOnce = 16;

  enum class Answer {
    found,
    absent,
    unsure,  ///< ask LMDB
  };

  struct Sought {
    Answer answer = Answer::unsure;
    std::string_view stored{};  ///< if it was found, until the snapshot ends
  };

  /// Returns nothing if somebody has committed since the snapshot began, so that it is not certain
  /// where its pages begin, or if the database is not one of ours. `known_key` is a key that is in
  /// the database. The walk must end before the snapshot.
  [[nodiscard]] static std::optional<PageWalk> begin(MDB_txn* snapshot, std::string_view known_key);

  /// Looks up to `kKeysAtOnce` keys up, each of which LMDB could store; `sought` has as many
  /// places.
  void look_up(std::span<const std::string_view> keys, std::span<Sought> sought) const;

 private:
  PageWalk(const char* map, std::size_t page_bytes) : map_(map), page_bytes_(page_bytes) {}

  bool find_root(MDB_txn* snapshot);
  [[nodiscard]] const char* page(std::uint64_t number) const;
  [[nodiscard]] const char* below(const char* branch, std::string_view key) const;
  [[nodiscard]] Sought in_leaf(const char* leaf, std::string_view key) const;
  [[nodiscard]] Sought value_of(const char* page, const char* node) const;

  const char* map_;
  std::size_t page_bytes_;
  std::uint64_t root_ = 0;
  std::uint64_t last_page_ = 0;
  unsigned depth_ = 0;
};

}  // namespace bytestore::lmdb_backend
