#include "lmdb/key_scan.hpp"

#include <optional>
#include <string_view>
#include <utility>

#include "core/keys.hpp"
#include "lmdb/entries.hpp"
#include "lmdb/handles.hpp"
#include "lmdb/marker.hpp"
#include "lmdb/smallest_keys.hpp"
#include "lmdb/status.hpp"
#include "lmdb/stored_key.hpp"
#include "lmdb/stored_value.hpp"

namespace bytestore::lmdb_backend {
namespace {

/// A page ends at either limit; a key has up to 64 KiB.
constexpr std::size_t kPageKeys = 1'000;
constexpr std::size_t kPageBytes = std::size_t{1} << 20;

constexpr auto kListing = "listing keys";

/// Where in the database the keys of a page may begin, if they are not below `least`, or greater
/// than it if not `inclusive`.
std::string first_stored(std::string_view least, bool inclusive) {
  // All long keys with its beginning, in the order of digests, of which some may be less.
  if (is_long(least)) return std::string(least.substr(0, kCutBytes)) + kCutMark;
  std::string stored(least);
  if (!inclusive) stored.push_back('\0');
  return stored;
}

/// Reads one page, in one snapshot.
class PageReader {
 public:
  PageReader(MDB_txn* transaction, std::string_view prefix, std::string_view last)
      : prefix_(prefix), last_(last) {
    MDB_cursor* opened = nullptr;
    check(kListing, ::mdb_cursor_open(transaction, kMainDatabase, &opened));
    cursor_.reset(opened);
  }

  core::PageResult read() {
    const bool from_prefix = last_ < prefix_;
    const std::string first = first_stored(from_prefix ? prefix_ : last_, from_prefix);
    key_ = as_mdb_val(first);
    move(first.empty() ? MDB_FIRST : MDB_SET_RANGE);
    while (!at_end_ && bytes_ < kPageBytes && keys_.size() < kPageKeys) {
      const auto stored = as_view(key_);
      if (!may_begin_with_prefix(stored)) break;
      if (stored.starts_with(kInternalPrefix)) {
        move(MDB_NEXT);
        continue;
      }
      if (stands_for_long(stored)) {
        if (!add_run()) break;
        continue;
      }
      if (core::key_fault(stored)) {
        if (keys_.empty()) return {.keys = {}, .error = {}, .unusable_key = std::string(stored)};
        break;
      }
      add(stored);
      move(MDB_NEXT);
    }
    return {.keys = std::move(keys_), .error = {}};
  }

 private:
  void move(MDB_cursor_op how) {
    const int status = ::mdb_cursor_get(cursor_.get(), &key_, &value_, how);
    at_end_ = status == MDB_NOTFOUND;
    if (!at_end_) check(kListing, status);
  }

  /// Of a short key: whether it does; of what stands for long ones: whether some of them may.
  [[nodiscard]] bool may_begin_with_prefix(std::string_view stored) const {
    if (!stands_for_long(stored)) return stored.starts_with(prefix_);
    return stored.substr(0, kCutBytes).starts_with(prefix_.substr(0, kCutBytes));
  }

  void add(std::string_view key) { bytes_ += keys_.emplace_back(key).size(); }

  /// Adds the long keys that have the same beginning, and goes to what comes after them. Returns
  /// false if not all of them fit, so that the page ends.
  bool add_run() {
    const std::string cut(as_view(key_).substr(0, kCutBytes));
    SmallestKeys wanted(kPageKeys, kPageBytes);
    while (!at_end_ && stands_for_long(as_view(key_)) && as_view(key_).starts_with(cut)) {
      const auto value = parse_value(as_view(value_), true);
      if (!value) throw Error(ErrorCode::corrupt, std::string(kUnknownHeaderMessage));
      if (value->key > last_ && value->key.starts_with(prefix_)) wanted.add(value->key);
      move(MDB_NEXT);
    }
    const bool all = !wanted.left_some_out();
    for (const auto key : wanted.take()) add(key);
    return all;
  }

  std::string_view prefix_;
  std::string_view last_;
  CursorHandle cursor_;
  MDB_val key_{};
  MDB_val value_{};
  bool at_end_ = false;
  std::vector<std::string> keys_;
  std::size_t bytes_ = 0;
};

}  // namespace

void LmdbKeyScan::next_page(const core::Call& call, core::Sink<core::PageResult>& sink) {
  core::PageResult page;
  if (const auto code = call.interruption()) {
    page.error = Error(*code, "the listing was stopped, or its store was closed");
  } else {
    page = read_page();  // its snapshot ends before the store may be closed
  }
  sink.done(std::move(page));
}

core::PageResult LmdbKeyScan::read_page() {
  core::PageResult page;
  try {
    const Environment::Snapshot snapshot(environment_);
    page = PageReader(snapshot.transaction(), prefix_, last_).read();
  } catch (const Error& error) {
    page.error = error;
    return page;
  }
  if (page.unusable_key) last_ = *page.unusable_key;
  if (!page.keys.empty()) last_ = page.keys.back();
  return page;
}

}  // namespace bytestore::lmdb_backend
