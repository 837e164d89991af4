#include "rocksdb/log_state.hpp"

#include "rocksdb/folder_files.hpp"

namespace bytestore::rocksdb_backend {

void LogState::note_made(const std::string& file) noexcept {
  if (log_number(file)) state_ = State::usable;
}

void LogState::OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) {
  // Of other errors than a lack of space RocksDB does not recover, and takes no write.
  if (reason == rocksdb::BackgroundErrorReason::kWriteCallback && error->IsNoSpace()) {
    state_ = State::failed;
  }
}

void LogState::OnErrorRecoveryCompleted(rocksdb::Status error) {
  error.PermitUncheckedError();
  auto failed = State::failed;
  state_.compare_exchange_strong(failed, State::given_up);
}

}  // namespace bytestore::rocksdb_backend
