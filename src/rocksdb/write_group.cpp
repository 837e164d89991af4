#include "rocksdb/write_group.hpp"

#include <algorithm>
#include <utility>

#include "rocksdb/uncounted.hpp"

namespace bytestore::rocksdb_backend {

void RocksDBWriteGroup::write(const core::Writes& writes, const core::Call& call,
                              core::Sink<core::WriteResult>& sink) {
  const Uncounted uncounted;
  auto writer = std::make_unique<BatchWriter>(log_, true, call);
  members_.reserve(members_.size() + 1);  // this may throw, so it comes before the writes
  writer->add(writes);
  writer->write_all();
  members_.push_back({.writer = std::move(writer), .sink = &sink});
}

void RocksDBWriteGroup::end() noexcept {
  rocksdb::Status synced;
  if (std::ranges::any_of(members_, [](auto& member) { return member.writer->needs_sync(); })) {
    synced = log_.sync();
  }
  for (auto& [writer, sink] : members_) sink->done({.failures = writer->finish(synced)});
}

}  // namespace bytestore::rocksdb_backend
