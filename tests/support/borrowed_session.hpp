#pragma once

#include <memory>

#include "cassandra/driver/port.hpp"

namespace bytestore::cassandra {

/// For what holds on to a session: one that the test has, and keeps for longer.
inline std::shared_ptr<DriverSession> borrowed(DriverSession& session) {
  return {std::shared_ptr<void>(), &session};
}

}  // namespace bytestore::cassandra
