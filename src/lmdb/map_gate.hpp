#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>

namespace bytestore::lmdb_backend {

/// Keeps transactions and changes of the map apart: any number of threads may be inside, or one
/// that changes the map. Who wants to change it comes before those who are not inside yet, so that
/// a steady stream of readers does not keep it waiting. Thread safe.
class MapGate {
 public:
  MapGate() = default;
  ~MapGate() = default;
  MapGate(const MapGate&) = delete;
  MapGate& operator=(const MapGate&) = delete;

  /// Being inside. A thread must not ask for a change meanwhile.
  class Pass {
   public:
    explicit Pass(MapGate& gate) : gate_(&gate) { gate.enter(); }
    Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Pass& operator=(Pass&&) = delete;
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    ~Pass() {
      if (gate_ != nullptr) gate_->leave();
    }

   private:
    MapGate* gate_;
  };

  /// Calls `change` when nobody is inside, and lets nobody in before it has returned.
  template <typename Change>
  void alone(const Change& change) {
    const Closed closed(*this);
    change();
  }

 private:
  class Closed {
   public:
    explicit Closed(MapGate& gate) : gate_(gate) { gate.close(); }
    ~Closed() { gate_.open(); }
    Closed(const Closed&) = delete;
    Closed& operator=(const Closed&) = delete;

   private:
    MapGate& gate_;
  };

  void enter();
  void leave();
  void close();
  void open();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t inside_ = 0;
  bool closed_ = false;
};

}  // namespace bytestore::lmdb_backend
