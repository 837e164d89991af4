#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <string_view>

#include "bytestore/byte_store.hpp"
#include "core/backend.hpp"
#include "core/call_order.hpp"
#include "core/gate.hpp"

namespace bytestore::core {

/// What is the same for the stores of all backends: letting calls in, their order, ending. The
/// verbs are in verbs.hpp. Held by shared pointers, since calls and streams may outlive the handle.
class Store {
 public:
  /// A null `executor` means the library's callback thread.
  Store(std::unique_ptr<Backend> backend, std::shared_ptr<const CallbackExecutor> executor);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  void close(std::chrono::milliseconds deadline);

  /// What the destructor of the handle does: `close` with no patience, errors dropped; nothing at
  /// all in a forked child.
  void abandon() noexcept;

  /// Has the backend release what it holds, once. Only when nobody is inside the gate.
  /// \throws Error if that failed, to the caller that did it.
  void release_backend();

  /// How an asynchronous call does its work: now, or on a thread that may block if the backend's
  /// requests do. There writes run one after another, as they were begun, and reads come after the
  /// writes that were begun before them. What this throws is thrown before the work, which then is
  /// never done.
  void dispatch(const CallOrder::Work& work);
  void dispatch_read(const CallOrder::Work& work);
  void dispatch_write(CallOrder::WriteWork work);

  /// For blocking calls: lets the asynchronous writes that were begun before go first.
  void wait_for_writes(const Call& call);

  [[nodiscard]] Backend& backend() noexcept { return *backend_; }
  [[nodiscard]] Gate& gate() noexcept { return gate_; }

  /// Where asynchronous closes are until their handlers are posted; the handle's destructor waits
  /// for them too.
  [[nodiscard]] Gate& closes() noexcept { return closes_; }
  [[nodiscard]] boost::asio::any_io_executor callback_executor() const;

 private:
  Gate gate_;
  Gate closes_;
  std::unique_ptr<Backend> backend_;
  std::shared_ptr<CallOrder> order_;  // null: the backend keeps it itself
  std::shared_ptr<const CallbackExecutor> executor_;
  std::once_flag backend_closed_;
};

/// \throws Error `invalid_argument` in a completion, where a blocking verb must not wait.
void refuse_in_completion(std::string_view verb);

}  // namespace bytestore::core
