#include "lmdb/page_walk.hpp"

#include <algorithm>
#include <array>
#include <compare>

#include "lmdb/page_format.hpp"

namespace bytestore::lmdb_backend {
namespace {

constexpr std::size_t kLineBytes = 64;

/// Where the nodes of a page are; none if it is not of the kind that was expected.
class Nodes {
 public:
  Nodes(const char* page, std::size_t page_bytes, std::uint16_t kind) : page_(page) {
    const std::size_t lower = number_at<std::uint16_t>(page + kPageLower);
    if ((number_at<std::uint16_t>(page + kPageFlags) & (kBranch | kLeaf)) != kind) return;
    if (lower < kPageHeader || lower > page_bytes) return;
    count_ = (lower - kPageHeader) / sizeof(std::uint16_t);
    last_node_ = page_bytes - kNodeHeader;
  }

  [[nodiscard]] std::size_t count() const noexcept { return count_; }

  /// Null if it does not lie in the page.
  [[nodiscard]] const char* operator[](std::size_t i) const noexcept {
    const std::size_t offset =
        number_at<std::uint16_t>(page_ + kPageHeader + i * sizeof(std::uint16_t));
    if (offset > last_node_) return nullptr;
    const char* const node = page_ + offset;
    if (offset + number_at<std::uint16_t>(node + kNodeKeyBytes) > last_node_) return nullptr;
    return node;
  }

 private:
  const char* page_;
  std::size_t count_ = 0;
  std::size_t last_node_ = 0;
};

std::string_view key_of(const char* node) noexcept {
  return {node + kNodeHeader, number_at<std::uint16_t>(node + kNodeKeyBytes)};
}

}  // namespace

const char* PageWalk::page(std::uint64_t number) const {
  return number <= tree_.last_page ? tree_.pages + number * tree_.page_bytes : nullptr;
}

void PageWalk::look_up(std::span<const std::string_view> keys, std::span<Sought> sought) const {
  std::array<const char*, kKeysAtOnce> pages{};
  std::fill_n(pages.begin(), keys.size(), page(tree_.root));
  for (unsigned level = 1; level < tree_.depth; ++level) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      auto& at = pages[i];
      if (at != nullptr) at = below(at, keys[i]);
      if (at == nullptr) continue;
      __builtin_prefetch(at);  // the header, and the offsets of most nodes
      __builtin_prefetch(at + kLineBytes);
    }
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (pages[i] == nullptr) continue;
    const Nodes nodes(pages[i], tree_.page_bytes, kLeaf);
    if (nodes.count() > 0) __builtin_prefetch(nodes[nodes.count() / 2]);
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    sought[i] = pages[i] != nullptr ? in_leaf(pages[i], keys[i]) : Sought{};
  }
}

/// Null if it cannot be told. The first node stands for all lesser keys.
const char* PageWalk::below(const char* branch, std::string_view key) const {
  const Nodes nodes(branch, tree_.page_bytes, kBranch);
  if (nodes.count() == 0) return nullptr;
  std::size_t low = 1;
  std::size_t high = nodes.count();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const char* const node = nodes[middle];
    if (node == nullptr) return nullptr;
    if (key < key_of(node)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  const char* const node = nodes[low - 1];
  return node != nullptr ? page(page_below(node)) : nullptr;
}

PageWalk::Sought PageWalk::in_leaf(const char* leaf, std::string_view key) const {
  const Nodes nodes(leaf, tree_.page_bytes, kLeaf);
  std::size_t low = 0;
  std::size_t high = nodes.count();
  if (high == 0) return {};
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const char* const node = nodes[middle];
    if (node == nullptr) return {};
    const auto order = key <=> key_of(node);
    if (order == 0) return value_of(leaf, node);
    if (order < 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return {.answer = Answer::absent};
}

PageWalk::Sought PageWalk::value_of(const char* page, const char* node) const {
  const std::size_t size = value_size(node);
  const auto flags = number_at<std::uint16_t>(node + kNodeFlags);
  const char* value = node + kNodeHeader + key_of(node).size();
  const auto rest = static_cast<std::size_t>(page + tree_.page_bytes - value);
  if (flags == 0) {
    if (size > rest) return {};
    return {.answer = Answer::found, .stored = {value, size}};
  }
  if (flags != kOnPagesOfItsOwn || rest < sizeof(std::uint64_t)) return {};
  const auto number = number_at<std::uint64_t>(value);
  const char* const first = this->page(number);
  if (first == nullptr) return {};
  if ((number_at<std::uint16_t>(first + kPageFlags) & kOverflow) == 0) return {};
  const std::uint64_t pages = number_at<std::uint32_t>(first + kPagePages);
  if (pages > tree_.last_page - number + 1 || kPageHeader + size > pages * tree_.page_bytes)
    return {};
  return {.answer = Answer::found, .stored = {first + kPageHeader, size}};
}

}  // namespace bytestore::lmdb_backend
