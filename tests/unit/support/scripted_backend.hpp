#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "bytestore/byte_store.hpp"
#include "core/backend.hpp"
#include "core/store.hpp"

namespace bytestore::testing {

/// What a `ScriptedStore` does when it is asked: nothing, successfully, unless a test sets it.
struct Script {
  using Keys = std::span<const std::string_view>;
  using Entries = std::span<const EntryRef>;

  bool runs_inline = false;
  std::function<void(Keys, const core::Call&, core::Sink<core::ReadResult>&)> mget =
      [](Keys keys, const core::Call&, auto& sink) {
        sink.done({ByteStore::Values(keys.size()), {}});
      };
  std::function<void(Entries, const core::Call&, core::Sink<core::WriteResult>&)> mset =
      [](Entries, const core::Call&, auto& sink) { sink.done({}); };
  std::function<void(Keys, const core::Call&, core::Sink<core::WriteResult>&)> mdelete =
      [](Keys, const core::Call&, auto& sink) { sink.done({}); };
  std::function<void(const core::Call&, core::Sink<core::PageResult>&)> next_page =
      [](const core::Call&, auto& sink) { sink.done({}); };
  std::function<void(const core::Call&, core::Sink<core::EstimateResult>&)> estimate_keys =
      [](const core::Call&, auto& sink) { sink.done({}); };
  std::function<void()> close = [] {};

  // How often it was asked.
  std::atomic<int> requests = 0;
  std::atomic<int> scans = 0;
  std::atomic<int> pages = 0;
  std::atomic<int> closes = 0;
};

/// Follows a script, which must outlive it.
class ScriptedBackend final : public core::Backend {
 public:
  explicit ScriptedBackend(Script& script) : script_(script) {}

  [[nodiscard]] bool runs_inline() const noexcept override { return script_.runs_inline; }

  void mget(std::span<const std::string_view> keys, const core::Call& call,
            core::Sink<core::ReadResult>& sink) override {
    ++script_.requests;
    script_.mget(keys, call, sink);
  }
  void write(const core::Writes& writes, const core::Call& call,
             core::Sink<core::WriteResult>& sink) override {
    ++script_.requests;
    if (const auto* entries = std::get_if<Script::Entries>(&writes)) {
      return script_.mset(*entries, call, sink);
    }
    script_.mdelete(std::get<Script::Keys>(writes), call, sink);
  }
  [[nodiscard]] core::KeyOrder key_order() const noexcept override { return core::KeyOrder::bytes; }
  std::unique_ptr<core::KeyScan> scan(std::string /*prefix*/, std::string /*after*/) override {
    ++script_.scans;
    return std::make_unique<Scan>(script_);
  }
  void estimate_keys(const core::Call& call, core::Sink<core::EstimateResult>& sink) override {
    ++script_.requests;
    script_.estimate_keys(call, sink);
  }
  void close() override {
    ++script_.closes;
    script_.close();
  }

 private:
  class Scan final : public core::KeyScan {
   public:
    explicit Scan(Script& script) : script_(script) {}
    void next_page(const core::Call& call, core::Sink<core::PageResult>& sink) override {
      ++script_.pages;
      script_.next_page(call, sink);
    }

   private:
    Script& script_;
  };

  Script& script_;
};

class ScriptedStore final : public ByteStore {
 public:
  explicit ScriptedStore(Script& script)
      : ByteStore(
            std::make_shared<core::Store>(std::make_unique<ScriptedBackend>(script), nullptr)) {}
};

/// Holds requests up, on threads of its own, until it is told to let them go on or until their call
/// is interrupted.
class Turnstile {
 public:
  /// Calls `then` on another thread once `open` was called or `call` has to end. `call` must live
  /// until then.
  void hold(const core::Call& call, std::function<void()> then) {
    threads_.emplace_back([this, &call, then = std::move(then)] {
      ++held_;
      while (!open_ && !call.interruption()) nap();
      then();
    });
  }

  void open() { open_ = true; }

  void wait_until_held(int requests) const {
    while (held_ < requests) nap();
  }

 private:
  /// Sleeps rather than spins: a test that forks waits until all other threads sleep.
  static void nap() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }

  std::atomic<bool> open_ = false;
  std::atomic<int> held_ = 0;
  std::vector<std::jthread> threads_;
};

/// Every key of a write, failed for the reason for which its call was interrupted, if it was.
inline core::WriteResult write_result(Script::Entries entries, const core::Call& call) {
  core::WriteResult result;
  const auto code = call.interruption();
  if (!code) return result;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    result.failures.push_back({i, std::string(entries[i].key), *code, Outcome::unknown, "held up"});
  }
  return result;
}

}  // namespace bytestore::testing
