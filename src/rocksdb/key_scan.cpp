#include "rocksdb/key_scan.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/keys.hpp"
#include "rocksdb/status.hpp"

namespace bytestore::rocksdb_backend {
namespace {

/// A page ends at either limit; a key has up to 64 KiB.
constexpr std::size_t kPageKeys = 1'000;
constexpr std::size_t kPageBytes = std::size_t{1} << 20;

std::string least_after(std::string key) { return std::move(key) + '\0'; }

}  // namespace

RocksDBKeyScan::RocksDBKeyScan(Database& database, std::string prefix, std::string after)
    : database_(database),
      from_(std::move(prefix)),
      until_(core::prefix_upper_bound(from_).value_or(std::string(kFirstInternalKey))) {
  until_ = std::min(until_, std::string(kFirstInternalKey));
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

core::PageResult RocksDBKeyScan::read_page() {
  core::PageResult page;
  const rocksdb::Slice bound(until_);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> keys(database_.db().NewIterator(options));
  std::size_t bytes = 0;
  for (keys->Seek(from_); keys->Valid(); keys->Next()) {
    bytes += page.keys.emplace_back(keys->key().ToStringView()).size();
    if (page.keys.size() >= kPageKeys || bytes >= kPageBytes) break;
  }
  if (!keys->status().ok()) {
    page.keys.clear();
    page.error = Error(code_of(keys->status()), describe("listing keys", keys->status()));
  } else if (!page.keys.empty()) {
    from_ = least_after(page.keys.back());
  }
  return page;
}

}  // namespace bytestore::rocksdb_backend
