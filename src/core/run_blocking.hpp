#pragma once

#include <utility>

#include "core/call.hpp"
#include "core/store.hpp"
#include "core/verbs.hpp"
#include "core/waiting_sink.hpp"

namespace bytestore::core {

/// Makes a call and waits for it; `AsyncCall` is the other form. What it returns or throws is what
/// the verb makes of the backend's result, or why the store did not take the call.
template <Verb V>
auto run_blocking(Store& store, V verb, const CallOptions& options) {
  refuse_in_completion(V::kName);
  const auto pass = store.gate().enter();
  const Call call(options, store.gate().stop_token());
  verb.check();
  if (verb.is_empty()) return verb.finish({});
  store.backend().check_ready();
  store.wait_for_writes(call);
  WaitingSink<typename V::Result> sink;
  verb.begin(store.backend(), call, sink);
  return verb.finish(sink.wait());
}

}  // namespace bytestore::core
