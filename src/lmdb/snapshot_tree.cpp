#include "lmdb/snapshot_tree.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <fstream>
#include <string>
#include <system_error>

#include "lmdb/entries.hpp"
#include "lmdb/handles.hpp"
#include "lmdb/page_format.hpp"

namespace bytestore::lmdb_backend {
namespace {

constexpr int kHexadecimal = 16;

/// Takes a number off the beginning of `text`, with the character that follows.
std::optional<std::uintptr_t> take_number(std::string_view& text) noexcept {
  std::uintptr_t number = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), number, kHexadecimal);
  if (error != std::errc{} || end == text.end()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.begin()) + 1);
  return number;
}

/// Reads a line of /proc/self/maps, `BEGIN-END MODE OFFSET ...`. Returns where the file begins in
/// memory, if `inside` is in this part of it.
std::optional<std::uintptr_t> file_begin(std::string_view line, std::uintptr_t inside) noexcept {
  constexpr std::size_t kModeBytes = 5;  // with a space
  const auto begin = take_number(line);
  const auto end = take_number(line);
  if (!begin || !end || inside < *begin || inside >= *end || line.size() < kModeBytes) {
    return std::nullopt;
  }
  line.remove_prefix(kModeBytes);
  const auto offset = take_number(line);
  if (!offset || *offset > *begin) return std::nullopt;
  return *begin - *offset;
}

const char* ask_system(const void* inside) {
  const auto address = reinterpret_cast<std::uintptr_t>(inside);
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (const auto begin = file_begin(line, address)) {
      return static_cast<const char*>(inside) - (address - *begin);
    }
  }
  return nullptr;
}

/// Two pages at the beginning have the last two commits in turn. The one of the snapshot is written
/// anew by the second commit after it; as long as there was no first, it is whole.
bool find_root(MDB_txn* snapshot, PageTree& tree) {
  const auto number = std::uint64_t{::mdb_txn_id(snapshot)};
  const char* const ours = tree.pages + (number & 1U) * tree.page_bytes;
  const char* const others = tree.pages + ((number + 1) & 1U) * tree.page_bytes;
  if (number_at<std::uint32_t>(ours + kMetaMagic) != kMagic) return false;
  if (number_at<std::uint32_t>(ours + kMetaVersion) != kDataVersion) return false;
  if (number_at<std::uint64_t>(ours + kMetaTransaction) != number) return false;
  tree.root = number_at<std::uint64_t>(ours + kMetaRoot);
  tree.last_page = number_at<std::uint64_t>(ours + kMetaLastPage);
  std::atomic_thread_fence(std::memory_order_acquire);
  return number_at<std::uint64_t>(others + kMetaTransaction) < number;
}

}  // namespace

const char* MapPlace::begin(const void* inside) noexcept {
  if (was_asked_) return known();
  try {
    place_ = ask_system(inside);
    was_asked_ = true;
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): out of memory; it is not known
  }
  return known();
}

std::optional<PageTree> tree_of(MDB_txn* snapshot, std::string_view known_key, MapPlace& place) {
  const char* map = place.known();
  if (map == nullptr) {
    MDB_val key = as_mdb_val(known_key);
    MDB_val value{};
    if (::mdb_get(snapshot, kMainDatabase, &key, &value) != MDB_SUCCESS) return std::nullopt;
    map = place.begin(value.mv_data);
  }
  MDB_stat stat{};
  if (map == nullptr || ::mdb_stat(snapshot, kMainDatabase, &stat) != MDB_SUCCESS) {
    return std::nullopt;
  }
  PageTree tree{
      .pages = map, .page_bytes = stat.ms_psize, .last_page = 0, .root = 0, .depth = stat.ms_depth};
  if (tree.depth == 0 || tree.depth > kDeepest || !find_root(snapshot, tree)) return std::nullopt;
  return tree;
}

}  // namespace bytestore::lmdb_backend
