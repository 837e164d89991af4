// Pages of LMDB: what a tree of them has is found and nothing else, and in damaged pages nothing is
// read outside of them.

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>

#include "fuzz.hpp"
#include "lmdb/file_search.hpp"
#include "lmdb/page_walk.hpp"

namespace bytestore::fuzz {
namespace {

using lmdb_backend::FileContents;
using lmdb_backend::PageTree;
using lmdb_backend::PageWalk;

// LMDB's format; with its smallest pages, so that a few entries make a tree.
constexpr std::size_t kPageBytes = 256;
constexpr std::size_t kPageHeader = 16;
constexpr std::size_t kMostKeyBytes = 60;
constexpr std::size_t kMostInlineBytes = 64;
constexpr std::uint16_t kBranch = 1;
constexpr std::uint16_t kLeaf = 2;
constexpr std::uint16_t kOverflow = 4;
constexpr std::uint16_t kMeta = 8;
constexpr std::size_t kRootAt = 128;

using Entries = std::map<std::string, std::string>;

template <typename Number>
std::string bytes_of(Number number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

template <typename Number>
void put(std::string& page, std::size_t at, Number number) {
  page.replace(at, sizeof number, bytes_of(number));
}

std::string node(std::uint64_t number, std::uint16_t flags, std::string_view key) {
  return bytes_of(static_cast<std::uint32_t>(number)) + bytes_of(flags) +
         bytes_of(static_cast<std::uint16_t>(key.size())) + std::string(key);
}

/// Nodes of one page, as long as there is room for them.
struct Nodes {
  std::vector<std::string> nodes;
  std::size_t bytes = kPageHeader;

  bool add(const std::string& added) {
    if (bytes + added.size() + sizeof(std::uint16_t) > kPageBytes) return false;
    bytes += added.size() + sizeof(std::uint16_t);
    nodes.push_back(added);
    return true;
  }
};

/// A file: two pages that name the root, then pages of values, leaves and a branch.
class File {
 public:
  explicit File(const Entries& entries) {
    for (const std::uint64_t transaction : {0U, 1U}) add_page(meta(transaction));
    Nodes leaf;
    std::string first;
    for (const auto& [key, value] : entries) {
      const auto added = leaf_node(key, value);
      if (leaf.nodes.empty()) first = key;
      if (leaf.add(added)) {
        written_[key] = value;
        continue;
      }
      if (!add_leaf(leaf, first)) break;
      leaf = {};
      first = key;
      require(leaf.add(added), "a page has room for a node");
      written_[key] = value;
    }
    if (!add_leaf(leaf, first)) {
      std::erase_if(written_, [&](const auto& entry) { return entry.first >= first; });
    }
    const auto root = add_page(page_of(kBranch, branch_));
    for (const std::size_t page : {0U, 1U}) {
      put(bytes_, page * kPageBytes + kRootAt, root);
      put(bytes_, page * kPageBytes + kRootAt + 8, root);  // also the last page
    }
  }

  /// Those for which there was room.
  [[nodiscard]] const Entries& written() const noexcept { return written_; }
  [[nodiscard]] std::string& bytes() noexcept { return bytes_; }

 private:
  [[nodiscard]] std::uint64_t pages() const noexcept { return bytes_.size() / kPageBytes; }

  std::uint64_t add_page(std::string page) {
    const auto number = pages();
    put(page, 0, number);
    bytes_ += page;
    return number;
  }

  static std::string meta(std::uint64_t transaction) {
    std::string page(kPageBytes, '\0');
    put(page, 10, kMeta);
    put(page, 16, std::uint32_t{0xBEEFC0DE});
    put(page, 20, std::uint32_t{1});
    put(page, 40, static_cast<std::uint32_t>(kPageBytes));
    put(page, 144, transaction + 2);
    return page;
  }

  static std::string page_of(std::uint16_t kind, const Nodes& nodes) {
    std::string page(kPageBytes, '\0');
    std::size_t end = kPageBytes;
    std::size_t offset = kPageHeader;
    for (const auto& one : nodes.nodes) {
      end -= one.size();
      page.replace(end, one.size(), one);
      put(page, offset, static_cast<std::uint16_t>(end));
      offset += sizeof(std::uint16_t);
    }
    put(page, 10, kind);
    put(page, 12, static_cast<std::uint16_t>(offset));
    put(page, 14, static_cast<std::uint16_t>(end));
    return page;
  }

  /// With the value, or the number of the first page of its own.
  std::string leaf_node(const std::string& key, const std::string& value) {
    if (value.size() <= kMostInlineBytes) return node(value.size(), 0, key) + value;
    const auto count = (kPageHeader + value.size() + kPageBytes - 1) / kPageBytes;
    std::string pages(count * kPageBytes, '\0');
    const auto number = this->pages();
    put(pages, 10, kOverflow);
    put(pages, 12, static_cast<std::uint32_t>(count));
    pages.replace(kPageHeader, value.size(), value);
    add_page(pages);
    return node(value.size(), 1, key) + bytes_of(number);
  }

  bool add_leaf(const Nodes& leaf, const std::string& first) {
    const auto number = add_page(page_of(kLeaf, leaf));
    return branch_.add(node(number, 0, branch_.nodes.empty() ? "" : first));
  }

  std::string bytes_;
  Nodes branch_;
  Entries written_;
};

/// The tree that pages tell of, in a copy with nothing behind it.
class Tree {
 public:
  Tree(std::string_view bytes, unsigned depth)
      : size_(bytes.size()), pages_(std::make_unique_for_overwrite<char[]>(bytes.size())) {
    std::ranges::copy(bytes, pages_.get());
    tree_ = {.pages = pages_.get(),
             .page_bytes = kPageBytes,
             .last_page = size_ / kPageBytes - 1,
             .root = 0,
             .depth = depth};
    std::memcpy(&tree_.root, pages_.get() + kRootAt, sizeof tree_.root);
  }

  /// Checks that what is found lies in the pages.
  [[nodiscard]] PageWalk::Sought sought(std::string_view key) const {
    PageWalk::Sought sought;
    PageWalk(tree_).look_up(std::span(&key, 1), std::span(&sought, 1));
    const auto stored = sought.stored;
    require(sought.answer != PageWalk::Answer::found ||
                (stored.data() >= pages_.get() &&
                 stored.data() + stored.size() <= pages_.get() + size_),
            "a value lies in the pages");
    return sought;
  }

 private:
  std::size_t size_;
  std::unique_ptr<char[]> pages_;
  PageTree tree_{};
};

FileContents searched(std::string_view bytes, std::string_view key) {
  static const int file = ::memfd_create("pages", MFD_CLOEXEC);
  require(::ftruncate(file, 0) == 0 &&
              ::pwrite(file, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()),
          "there is room for a file");
  return lmdb_backend::search_file("/proc/self/fd/" + std::to_string(file), key);
}

/// The entries of the lines `KEY=VALUE`, and one more.
Entries entries_of(std::string_view lines) {
  Entries entries{{"key", "value"}};
  for (const std::string& line : split(lines, '\n')) {
    std::string_view rest = line;
    const auto key = take_part(rest, '=');
    if (!key.empty() && key.size() <= kMostKeyBytes) entries[std::string(key)] = rest;
  }
  return entries;
}

void check_whole(File& file) {
  const Tree tree(file.bytes(), 2);
  for (const auto& [key, value] : file.written()) {
    const auto found = tree.sought(key);
    require(found.answer == PageWalk::Answer::found, "what is there is found");
    require(found.stored == value, "a value is the one that was written");
    const auto other = key + '\0';
    if (file.written().contains(other)) continue;
    require(tree.sought(other).answer == PageWalk::Answer::absent, "what is not there is absent");
  }
  const auto key = file.written().begin()->first;
  require(searched(file.bytes(), key) == FileContents::with_key, "a search finds what is there");
  const auto other = key + '\0';
  if (file.written().contains(other)) return;
  require(searched(file.bytes(), other) == FileContents::without_key, "and nothing else");
}

/// Flips bits of bytes, each of which three bytes of `damage` name.
void check_damaged(File& file, std::string_view damage) {
  auto& bytes = file.bytes();
  const auto number = [](char byte) { return std::size_t{static_cast<unsigned char>(byte)}; };
  const auto depth = 2 + static_cast<unsigned>(damage.size() % 3);
  for (; damage.size() >= 3; damage.remove_prefix(3)) {
    auto& byte = bytes[(number(damage[0]) | number(damage[1]) << 8U) % bytes.size()];
    byte = static_cast<char>(byte ^ damage[2]);
  }
  const Tree tree(bytes, depth);
  for (const auto& [key, value] : file.written()) static_cast<void>(tree.sought(key));
  static_cast<void>(searched(bytes, "key"));
}

}  // namespace

void check(std::string_view input) {
  const auto lines = take_part(input, '\0');
  File file(entries_of(lines));
  check_whole(file);
  check_damaged(file, input);
}

}  // namespace bytestore::fuzz
