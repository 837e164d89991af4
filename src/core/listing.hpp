#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "bytestore/detail/completion.hpp"
#include "bytestore/options.hpp"
#include "core/backend.hpp"
#include "core/store.hpp"

namespace bytestore::core {

/// A listing under way, read by the blocking view or by the asynchronous stream. Reads nothing
/// before it is asked for keys, and holds one page at most.
class Listing {
 public:
  Listing(std::shared_ptr<Store> store, KeysOptions options);
  ~Listing();
  Listing(const Listing&) = delete;
  Listing& operator=(const Listing&) = delete;

  /// Blocks for the next keys; none is the end. One thread at a time.
  std::vector<std::string> read_page();

  /// \throws Error `cancelled` if the store is closed or the listing stopped, `unavailable` in a
  /// forked child.
  void check_live() const;

  /// Completes with the next keys; none is the end.
  static void start_page(const std::shared_ptr<Listing>& self, detail::PageCompletion completion);

  /// Completes with the next key; nothing is the end.
  static void start_next(const std::shared_ptr<Listing>& self, detail::KeyCompletion completion);

  /// Ends a step that is under way with `cancelled`.
  void stop() noexcept { stop_.request_stop(); }

  /// Where another listing goes on after `last_key`; after the beginning of this one if that is
  /// empty.
  [[nodiscard]] std::string cursor(std::string_view last_key) const;
  /// The same after the last key that the stream gave. Not during a step.
  [[nodiscard]] std::string cursor() const { return cursor(last_key_); }

  [[nodiscard]] const Store& store() const noexcept { return *store_; }

 private:
  class StepGuard;
  class ReadPage;
  class Step;
  class NextPage;
  class NextKey;

  struct RequestStop {
    std::stop_source& stop;
    void operator()() const noexcept { stop.request_stop(); }
  };

  [[nodiscard]] CallOptions call_options() const { return {.stop = stop_.get_token()}; }
  KeyScan& scan();

  std::shared_ptr<Store> store_;
  std::string prefix_;
  std::string start_cursor_;  // a cursor; empty: at the beginning
  std::stop_source stop_;
  std::stop_callback<RequestStop> caller_stops_;
  std::unique_ptr<KeyScan> scan_;

  // Of the asynchronous stream: whose turn it is, and what `next` has not handed out yet
  // (reversed).
  std::atomic<bool> busy_{false};
  std::vector<std::string> at_hand_;
  std::string last_key_;
};

}  // namespace bytestore::core
