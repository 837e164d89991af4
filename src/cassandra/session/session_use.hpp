#pragma once

#include <memory>

#include "core/gate.hpp"

namespace bytestore::cassandra {

class SharedSession;

/// A store's use of a session: what each of its requests holds on to.
struct SessionUse {
  std::shared_ptr<SharedSession> session;
  std::shared_ptr<core::Gate> requests;  ///< those at the driver are inside
};

/// Keeps a store open while it lives: who closes the store waits, also if what was begun meanwhile
/// has ended, as a call does that is cancelled while it starts.
class KeepOpen {
 public:
  /// \throws Error if the store is closed already, or in a forked child.
  explicit KeepOpen(const SessionUse& use) : requests_(use.requests), pass_(requests_->enter()) {}

 private:
  std::shared_ptr<core::Gate> requests_;  // outlives the pass
  core::Gate::Pass pass_;
};

}  // namespace bytestore::cassandra
