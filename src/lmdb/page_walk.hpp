#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace bytestore::lmdb_backend {

/// A tree of pages in memory, in version 1 of LMDB's format. The pages may hold anything.
struct PageTree {
  const char* pages;        ///< page 0; all up to `last_page` lie one after another
  std::size_t page_bytes;   ///< a power of two, from 256 to 32,768
  std::uint64_t last_page;  ///< its number
  std::uint64_t root;       ///< the number of the first page of the tree
  unsigned depth;           ///< from the root to a leaf, with both
};

/// Looks keys up in the main database of a snapshot by reading its pages, several keys at a time:
/// while the memory of a page is on its way into the processor's cache, the pages of other keys are
/// searched. `mdb_get` waits for each page in turn, which is most of the time of a read.
///
/// It reads nothing but the pages of the tree, and it never guesses: where anything is not as
/// expected, it says so, and `mdb_get` has to be asked.
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

  /// The pages must outlive the walk.
  explicit PageWalk(const PageTree& tree) : tree_(tree) {}

  /// Looks up to `kKeysAtOnce` keys up, each of which LMDB could store; `sought` has as many
  /// places.
  void look_up(std::span<const std::string_view> keys, std::span<Sought> sought) const;

 private:
  [[nodiscard]] const char* page(std::uint64_t number) const;
  [[nodiscard]] const char* below(const char* branch, std::string_view key) const;
  [[nodiscard]] Sought in_leaf(const char* leaf, std::string_view key) const;
  [[nodiscard]] Sought value_of(const char* page, const char* node) const;

  PageTree tree_;
};

}  // namespace bytestore::lmdb_backend
