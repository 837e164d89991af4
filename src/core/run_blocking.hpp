#pragma once

#include <memory>
#include <utility>

#include "core/backend.hpp"
#include "core/blocking_call.hpp"
#include "core/call.hpp"
#include "core/gate.hpp"
#include "core/store.hpp"
#include "core/verbs.hpp"
#include "core/waiting_sink.hpp"

namespace bytestore::core {

/// A call whose thread waits in `run_blocking`.
template <Verb V>
class WaitedCall final : public BlockingCall {
 public:
  WaitedCall(Backend& backend, V& verb, const Call& call, Gate::Pass pass)
      : backend_(backend), verb_(verb), call_(call), sink_(std::move(pass)) {}

  void begin() override { verb_.begin(backend_, call_, sink_); }
  [[nodiscard]] bool is_done() noexcept override { return sink_.arrival().has_happened(); }
  void wake_by(std::shared_ptr<const Waker> waker) noexcept override {
    sink_.arrival().wake_by(std::move(waker));
  }

  [[nodiscard]] V::Result wait() { return sink_.wait(); }

 private:
  Backend& backend_;
  V& verb_;
  const Call& call_;
  WaitingSink<typename V::Result> sink_;
};

/// Makes a call and waits for it; `AsyncCall` is the other form. What it returns or throws is what
/// the verb makes of the backend's result, or why the store did not take the call.
template <Verb V>
auto run_blocking(Store& store, V verb, const CallOptions& options) {
  refuse_in_completion(V::kName);
  auto pass = store.gate().enter();
  const Call call(options, store.gate().stop_token());
  verb.check();
  if (verb.is_empty()) return verb.finish({});
  store.backend().check_ready();
  store.wait_for_writes(call);
  WaitedCall waited(store.backend(), verb, call, std::move(pass));
  store.backend().begin_blocking(waited);
  return verb.finish(waited.wait());
}

}  // namespace bytestore::core
