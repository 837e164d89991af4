#include "rocksdb/key_scan.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include "core/keys.hpp"
#include "rocksdb/environment.hpp"
#include "rocksdb/marker.hpp"
#include "rocksdb/status.hpp"
#include "rocksdb/uncounted.hpp"

namespace bytestore::rocksdb_backend {
namespace {

/// A page ends at either limit; a key has up to 64 KiB. The first page is small, for who wants a
/// few keys; each later one may be four times as large, up to the last of these numbers.
constexpr std::size_t kFirstPageKeys = 32;
constexpr std::size_t kPageGrowth = 4;
constexpr std::size_t kPageKeys = 2'048;
constexpr std::size_t kPageBytes = std::size_t{1} << 20;

/// How many bytes of keys and values a page comes past: it reads them from the disk, unless the
/// values are large enough to have files of their own. A slow disk takes tens of milliseconds.
constexpr std::size_t kPassedBytes = std::size_t{4} << 20;

/// How many deleted keys a page skips before it gives the thread back. That takes about a
/// millisecond; and a run of so many is worth to be compacted away.
constexpr std::uint64_t kSkippedKeys = kDenseDeletedKeys;

std::string least_after(std::string key) { return std::move(key) + '\0'; }

/// Returns the key at which an iterator stopped, although it is not valid.
std::string position(rocksdb::Iterator& keys) {
  std::string key;
  check("listing keys", keys.GetProperty("rocksdb.iterator.internal-key", &key));
  return key;
}

}  // namespace

RocksDBKeyScan::RocksDBKeyScan(Database& database, std::string prefix, std::string after)
    : database_(database),
      from_(std::move(prefix)),
      until_(core::prefix_upper_bound(from_)),
      page_keys_(kFirstPageKeys) {
  if (!after.empty()) from_ = std::max(from_, least_after(std::move(after)));
}

void RocksDBKeyScan::next_page(const core::Call& call, core::Sink<core::PageResult>& sink) {
  core::PageResult page;
  if (const auto code = call.interruption()) {
    page.error = Error(*code, "the listing was stopped, or its store was closed");
  } else {
    page = read_page();  // its iterator is destroyed before the database may be closed
  }
  sink.done(std::move(page));
}

rocksdb::ReadOptions RocksDBKeyScan::read_options() const {
  rocksdb::ReadOptions options;
  options.max_skippable_internal_keys = kSkippedKeys;
  // A long listing must not drive everything else out of the cache.
  options.fill_cache = page_keys_ == kFirstPageKeys;
  return options;
}

core::PageResult RocksDBKeyScan::read_page() {
  const Uncounted uncounted;
  core::PageResult page;
  rocksdb::Slice bound;
  auto options = read_options();
  if (until_) {
    bound = *until_;
    options.iterate_upper_bound = &bound;
  }
  const std::unique_ptr<rocksdb::Iterator> keys(database_.db().NewIterator(options));
  try {
    read_keys(*keys, page);
    page_keys_ = std::min(page_keys_ * kPageGrowth, kPageKeys);
  } catch (Error& error) {
    page = {.keys = {}, .error = std::move(error)};
  }
  return page;
}

/// The whole run is told at once: one compaction for it costs less than several.
void RocksDBKeyScan::end_deleted_run(std::string last) {
  if (!deleted_from_) return;
  database_.note_deleted({.first = std::move(*deleted_from_), .last = std::move(last)});
  deleted_from_.reset();
}

void RocksDBKeyScan::read_keys(rocksdb::Iterator& keys, core::PageResult& page) {
  std::size_t bytes = 0;
  std::size_t passed = 0;
  std::string goes_on;
  const KeysOnly keys_only;
  const auto give = [&](std::string_view key) {
    if (deleted_from_) end_deleted_run(std::string(key));
    if (core::key_fault(key)) {  // it comes alone
      if (page.keys.empty()) page.unusable_key = key;
      return false;
    }
    bytes += page.keys.emplace_back(key).size();
    passed += key.size();
    return page.keys.size() < page_keys_ && bytes < kPageBytes && passed < kPassedBytes;
  };
  for (keys.Seek(from_);;) {
    if (keys.Valid() && keys.key().starts_with(rocksdb::Slice(kInternalPrefix))) {
      keys.Seek(rocksdb::Slice(kAfterInternalKeys));
    } else if (keys.Valid()) {
      passed += keys.value().size();
      if (!give(keys.key().ToStringView())) break;
      keys.Next();
    } else if (keys.status().ok()) {
      end_deleted_run(from_);
      break;
    } else if (KeysOnly::has_left_out()) {
      if (!give(position(keys))) break;
      keys.Seek(least_after(page.keys.back()));
    } else if (keys.status().IsIncomplete()) {
      goes_on = position(keys);
      if (!deleted_from_) deleted_from_ = page.keys.empty() ? from_ : page.keys.back();
      page.is_unfinished = page.keys.empty();
      break;
    } else {
      check("listing keys", keys.status());
    }
  }
  if (!goes_on.empty()) {
    from_ = std::move(goes_on);
  } else if (page.unusable_key) {
    from_ = least_after(*page.unusable_key);
  } else if (!page.keys.empty()) {
    from_ = least_after(page.keys.back());
  }
}

}  // namespace bytestore::rocksdb_backend
