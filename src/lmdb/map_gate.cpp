#include "lmdb/map_gate.hpp"

namespace bytestore::lmdb_backend {

void MapGate::enter() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !closed_; });
  ++inside_;
}

void MapGate::leave() {
  const std::lock_guard lock(mutex_);
  if (--inside_ == 0 && closed_) changed_.notify_all();
}

void MapGate::close() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !closed_; });
  closed_ = true;
  changed_.wait(lock, [&] { return inside_ == 0; });
}

void MapGate::open() {
  const std::lock_guard lock(mutex_);
  closed_ = false;
  changed_.notify_all();
}

}  // namespace bytestore::lmdb_backend
