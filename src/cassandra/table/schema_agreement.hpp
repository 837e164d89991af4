#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cassandra/driver/port.hpp"
#include "cassandra/session/questions.hpp"
#include "cassandra/session/session_use.hpp"
#include "core/timers.hpp"

namespace bytestore::cassandra {

/// Has `questions` ask one of the reachable nodes that have the oldest release, where there are
/// several releases and they become known: during an upgrade, nodes learn of a table that an older
/// one makes, and do not understand what a newer one tells them of it. The sink gets no rows, and
/// never an error.
void prefer_oldest_node(const SessionUse& use, std::shared_ptr<Questions> questions,
                        std::chrono::milliseconds timeout, RowsSink& sink);

/// Waits until the nodes know a change of the schema: until all that answer, and are of the same
/// release as the node that made it, have the same version of the schema as that one. Nodes of
/// other releases learn of no change during an upgrade, and those that hang are not waited for.
/// Thread safe.
class SchemaAgreement : public std::enable_shared_from_this<SchemaAgreement> {
 public:
  using Clock = core::Timer::Clock;
  using Callback = std::function<void()>;

  /// How long a round is after the one before.
  static constexpr std::chrono::milliseconds kInterval{100};

  /// `done` is called once, by `until` or soon after, on a thread of the driver or the library;
  /// never if this is destroyed first.
  SchemaAgreement(SessionUse use, const NodeId& maker, Clock::time_point until, Callback done)
      : use_(std::move(use)), maker_(maker), until_(until), done_(std::move(done)) {}

  /// Once.
  void start() noexcept { ask_all(); }

 private:
  struct Version {
    NodeId node;
    std::string schema;
    std::string release;  // without what follows the second number
  };

  void ask_all() noexcept;
  void answered(const NodeId& node, const Result<Rows>& result) noexcept;
  void end_round() noexcept;
  [[nodiscard]] bool is_reached() const;
  void finish() noexcept;

  SessionUse use_;
  NodeId maker_;
  Clock::time_point until_;
  Callback done_;
  std::mutex mutex_;
  std::size_t awaited_ = 0;
  std::vector<Version> versions_;  // of this round
  std::unique_ptr<core::Timer> timer_;
};

}  // namespace bytestore::cassandra
