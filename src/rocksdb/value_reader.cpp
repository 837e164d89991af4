#include "rocksdb/value_reader.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "rocksdb/status.hpp"
#include "rocksdb/stored_value.hpp"

namespace bytestore::rocksdb_backend {
namespace {

/// How many values ahead the memory of a value is prefetched.
constexpr std::size_t kPrefetchedValues = 4;

}  // namespace

ValueReader::ValueReader(Database& database, std::span<const std::string_view> keys,
                         core::ReadResult& result)
    : database_(database),
      keys_(keys),
      result_(result),
      statuses_(std::min(keys.size(), kStepKeys)) {}

void ValueReader::read(std::size_t begin, std::size_t end) {
  if (values_.empty()) values_ = std::vector<rocksdb::PinnableSlice>(statuses_.size());
  const std::span values = std::span(values_).first(end - begin);
  get(begin, values);
  take(begin, values, [&](rocksdb::PinnableSlice& stored, std::size_t key_bytes) {
    return take_value(stored, key_bytes, database_.block_cache());
  });
}

void ValueReader::read_pinned(std::size_t begin, std::size_t end) {
  const auto pinned = std::make_shared<PinnedValues>(end - begin, database_.block_cache());
  get(begin, pinned->values());
  take(begin, pinned->values(), [&](const rocksdb::PinnableSlice& stored, std::size_t) {
    return share_value(stored, pinned);
  });
}

void ValueReader::get(std::size_t begin, std::span<rocksdb::PinnableSlice> values) {
  rocksdb::DB& db = database_.db();
  auto* const family = db.DefaultColumnFamily();
  if (values.size() == 1) {
    statuses_.front() = db.Get({}, family, rocksdb::Slice(keys_[begin]), values.data());
    return;
  }
  const auto keys = keys_.subspan(begin, values.size());
  slices_.assign(keys.begin(), keys.end());
  db.MultiGet({}, family, values.size(), slices_.data(), values.data(), statuses_.data());
}

template <typename Own>
void ValueReader::take(std::size_t begin, std::span<rocksdb::PinnableSlice> values,
                       const Own& own) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    __builtin_prefetch(values[std::min(i + kPrefetchedValues, values.size() - 1)].data());
    const std::size_t index = begin + i;
    const rocksdb::Status& status = statuses_[i];
    if (status.IsNotFound()) continue;
    if (!status.ok()) {
      fail(index, code_of(status), describe("reading", status));
      continue;
    }
    result_.values[index] = own(values[i], keys_[index].size());
    if (!result_.values[index]) fail(index, ErrorCode::corrupt, std::string(kUnknownHeaderMessage));
  }
}

void ValueReader::fail(std::size_t index, ErrorCode code, std::string message) {
  result_.failures.push_back({.index = index,
                              .key = std::string(keys_[index]),
                              .code = code,
                              .outcome = Outcome::failed,
                              .message = std::move(message)});
}

}  // namespace bytestore::rocksdb_backend
