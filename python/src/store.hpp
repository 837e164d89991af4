#pragma once

#include <nanobind/nanobind.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "bytestore/byte_store.hpp"
#include "promise.hpp"

namespace bytestore::python {

/// A longer time than the library has counts as unlimited. \throws nanobind::value_error for NaN.
std::chrono::milliseconds to_time(double seconds);

/// The verbs of a store as Python calls them. `mget` waits; `amget` passes its outcome to an event
/// loop (see `Promise`) and returns at once. The other verbs work in the same way. Times are in
/// seconds. A deadline of None means that there is no deadline.
class Store {
 public:
  /// Where the work of a blocking verb is done.
  enum class Work {
    here,       ///< on the calling thread: embedded stores
    elsewhere,  ///< on servers, which a call waits for
  };

  Store(std::shared_ptr<ByteStore> store, Work work) : store_(std::move(store)), work_(work) {}
  virtual ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  using Seconds = std::optional<double>;
  using OperationPtr = std::shared_ptr<Operation>;

  ValueList mget(nanobind::handle keys, Seconds deadline);
  void mset(nanobind::handle entries, Seconds deadline);
  void mdelete(nanobind::handle keys, Seconds deadline);
  std::uint64_t estimate_keys(Seconds deadline);
  /// Raises what a blocking verb would raise now if it must not wait.
  void refuse_if_pending() const;
  void close(double seconds);
  /// Also closes the store and cancels the calls in flight, but does not wait.
  void interrupt();

  OperationPtr amget(nanobind::handle keys, Seconds deadline, nanobind::handle loop,
                     nanobind::handle settle);
  OperationPtr amset(nanobind::handle entries, Seconds deadline, nanobind::handle loop,
                     nanobind::handle settle);
  OperationPtr amdelete(nanobind::handle keys, Seconds deadline, nanobind::handle loop,
                        nanobind::handle settle);
  OperationPtr aestimate_keys(Seconds deadline, nanobind::handle loop, nanobind::handle settle);
  void aclose(double seconds, nanobind::handle loop, nanobind::handle settle);

  [[nodiscard]] const std::shared_ptr<ByteStore>& get() const noexcept { return store_; }
  [[nodiscard]] Work work() const noexcept { return work_; }
  /// Must be called before a verb that waits, without the interpreter lock. \throws Error if the
  /// verb must not wait.
  virtual void check_ready() const {}

 private:
  /// Returns whether a batch is for a blocking verb of the library: where the calling thread does
  /// the work, only a batch that takes so little time that a signal may wait for its end.
  [[nodiscard]] bool waits_here(std::size_t keys, std::size_t bytes = 0) const noexcept;
  /// Returns how many bytes a read of `keys` keys is likely to return.
  [[nodiscard]] std::size_t likely_bytes(std::size_t keys) const noexcept;
  void remember_sizes(const ByteStore::Values& values) noexcept;

  std::shared_ptr<ByteStore> store_;
  Work work_;
  int forks_ = Interpreter::forks();  // of the process that made the store
  /// The average size of a value in the last read. Before the first read it is assumed to be large,
  /// so that only reads of few keys are brief.
  std::atomic<std::size_t> value_bytes_{std::size_t{1} << 20};
};

void define_store(const nanobind::module_& module);

}  // namespace bytestore::python
