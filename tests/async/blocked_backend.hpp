#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "bytestore/async.hpp"
#include "core/backend.hpp"
#include "core/store.hpp"

namespace bytestore::testing {

/// A backend whose requests stay in flight until they are interrupted or `release` is called: what
/// a slow disk or server would do, at a moment that the test chooses.
class BlockedBackend final : public core::Backend {
 public:
  /// Shared with the test, which may outlive the backend.
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    int waiting = 0;
    bool released = false;
    bool closed = false;

    void wait_until_waiting(int count) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return waiting >= count; });
    }
    void release() {
      const std::lock_guard lock(mutex);
      released = true;
      changed.notify_all();
    }
  };

  explicit BlockedBackend(std::shared_ptr<State> state) : state_(std::move(state)) {}

  [[nodiscard]] bool runs_inline() const noexcept override { return true; }

  void mget(std::span<const std::string_view> keys, const core::Call& call,
            core::Sink<core::ReadResult>& sink) override {
    core::ReadResult result;
    result.values.resize(keys.size());
    if (const auto code = wait(call)) fail(result.failures, keys.size(), *code);
    sink.done(std::move(result));
  }
  void write(const core::Writes& writes, const core::Call& call,
             core::Sink<core::WriteResult>& sink) override {
    core::WriteResult result;
    const auto size = std::visit([](const auto& of_kind) { return of_kind.size(); }, writes);
    if (const auto code = wait(call)) fail(result.failures, size, *code);
    sink.done(std::move(result));
  }

  class Scan final : public core::KeyScan {
   public:
    explicit Scan(BlockedBackend& backend) : backend_(backend) {}
    void next_page(const core::Call& call, core::Sink<core::PageResult>& sink) override {
      core::PageResult page;
      if (const auto code = backend_.wait(call)) page.error = Error(*code, "interrupted");
      sink.done(std::move(page));
    }

   private:
    BlockedBackend& backend_;
  };
  [[nodiscard]] core::KeyOrder key_order() const noexcept override { return core::KeyOrder::bytes; }
  std::unique_ptr<core::KeyScan> scan(std::string, std::string) override {
    return std::make_unique<Scan>(*this);
  }
  void estimate_keys(const core::Call& call, core::Sink<core::EstimateResult>& sink) override {
    core::EstimateResult result;
    if (const auto code = wait(call)) result.error = Error(*code, "interrupted");
    sink.done(std::move(result));
  }
  void close() override {
    const std::lock_guard lock(state_->mutex);
    state_->closed = true;
  }

 private:
  std::optional<ErrorCode> wait(const core::Call& call) {
    std::unique_lock lock(state_->mutex);
    ++state_->waiting;
    state_->changed.notify_all();
    // Polls as the contract of a backend allows; the interval is no condition of any test.
    while (!state_->released && !call.interruption()) {
      state_->changed.wait_for(lock, std::chrono::milliseconds(1));
    }
    --state_->waiting;
    return call.interruption();
  }

  static void fail(std::vector<KeyFailure>& failures, std::size_t count, ErrorCode code) {
    for (std::size_t i = 0; i < count; ++i) {
      failures.push_back({i, "key", code, Outcome::failed, "interrupted"});
    }
  }

  std::shared_ptr<State> state_;
};

/// A store whose requests block.
class BlockedByteStore final : public ByteStore {
 public:
  explicit BlockedByteStore(const std::shared_ptr<BlockedBackend::State>& state,
                            std::shared_ptr<const CallbackExecutor> executor = nullptr)
      : ByteStore(std::make_shared<core::Store>(std::make_unique<BlockedBackend>(state),
                                                std::move(executor))) {}
};

}  // namespace bytestore::testing
