#include "rocksdb/write_ahead_log.hpp"

namespace bytestore::rocksdb_backend {

rocksdb::Status WriteAheadLog::refusal() const {
  switch (state_->get()) {
    case LogState::State::usable:
      break;
    case LogState::State::failed:
      return rocksdb::Status::NoSpace("an earlier write did not fit into the write-ahead log");
    case LogState::State::given_up:
      return rocksdb::Status::IOError(
          "an earlier write did not fit into the write-ahead log, which cannot go on");
  }
  return rocksdb::Status::OK();
}

WriteAheadLog::Written WriteAheadLog::write(rocksdb::WriteBatch& batch, bool sync) {
  if (auto refused = refusal(); !refused.ok()) {
    return {.status = std::move(refused), .was_tried = false};
  }
  rocksdb::WriteOptions options;
  options.sync = sync;
  return {.status = db_.Write(options, &batch)};
}

rocksdb::Status WriteAheadLog::sync() {
  if (auto refused = refusal(); !refused.ok()) return refused;
  return db_.SyncWAL();
}

}  // namespace bytestore::rocksdb_backend
