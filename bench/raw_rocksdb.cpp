#include "raw_rocksdb.hpp"

#include <rocksdb/write_batch.h>

#include <memory>
#include <stdexcept>

#include "bytestore/bytes.hpp"
#include "rocksdb/marker.hpp"

namespace bench {
namespace {

void check(const rocksdb::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

rocksdb::Slice slice_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void RawRocksDB::mset(const std::vector<bytestore::EntryRef>& entries) {
  rocksdb::WriteBatch batch;
  for (const auto& [key, value] : entries) check(batch.Put(key, slice_of(value)));
  check(database_.db().Write({}, &batch));
}

bool RawRocksDB::mget(const std::vector<std::string_view>& keys,
                      std::optional<std::size_t> value_bytes) {
  const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  rocksdb::DB& db = database_.db();
  if (keys.size() == 1) {
    statuses[0] = db.Get({}, db.DefaultColumnFamily(), slices[0], values.data());
  } else {
    db.MultiGet({}, db.DefaultColumnFamily(), keys.size(), slices.data(), values.data(),
                statuses.data());
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!statuses[i].IsNotFound()) check(statuses[i]);
    if (statuses[i].ok() ? values[i].size() != value_bytes : value_bytes.has_value()) return false;
  }
  return true;
}

void RawRocksDB::mdelete(const std::vector<std::string_view>& keys) {
  rocksdb::WriteBatch batch;
  for (const std::string_view key : keys) check(batch.Delete(key));
  check(database_.db().Write({}, &batch));
}

std::size_t RawRocksDB::count(const std::string& prefix) {
  const std::unique_ptr<rocksdb::Iterator> keys(database_.db().NewIterator({}));
  std::size_t listed = 0;
  const rocksdb::Slice end(bytestore::rocksdb_backend::kInternalPrefix);
  for (keys->Seek(prefix); keys->Valid() && keys->key().compare(end) < 0; keys->Next()) {
    if (!keys->key().starts_with(prefix)) break;
    ++listed;
  }
  check(keys->status());
  return listed;
}

}  // namespace bench
