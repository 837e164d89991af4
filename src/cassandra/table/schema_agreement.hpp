#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cassandra/cql/identifiers.hpp"
#include "cassandra/driver/port.hpp"
#include "cassandra/session/session_use.hpp"
#include "core/timers.hpp"

namespace bytestore::cassandra {

/// Waits until the nodes know a table that one of them has made: until all that answer, and are of
/// that one's release, have the same version of the schema. The versions of other releases always
/// differ during an upgrade, so that nodes of newer ones are asked for the table itself; those of
/// older ones do not learn of it, and those that hang are not waited for. The nodes of other
/// datacenters, to which the session has no connections, are waited for by what the maker knows of
/// their versions. (A replica that is only just making the table acknowledges writes that it drops:
/// docs/decisions/067-tables-that-are-being-made.md.) Thread safe.
class SchemaAgreement : public std::enable_shared_from_this<SchemaAgreement> {
 public:
  using Clock = core::Timer::Clock;
  using Callback = std::function<void()>;

  /// How long a round is after the one before.
  static constexpr std::chrono::milliseconds kInterval{100};

  /// `done` is called once, by `until` or soon after, on a thread of the driver or the library;
  /// never if this is destroyed first.
  SchemaAgreement(SessionUse use, const TableName& table, const NodeId& maker,
                  Clock::time_point until, Callback done);

  /// Once.
  void start() noexcept { ask_for_versions(); }

 private:
  struct Version {
    NodeId node;
    std::string schema;
    std::string release;  // without what follows the second number
  };

  using Answered = void (SchemaAgreement::*)(const NodeId&, const Result<Rows>&) noexcept;

  void ask_for_versions() noexcept;
  void told_version(const NodeId& node, const Result<Rows>& result) noexcept;
  void compare_versions() noexcept;
  void told_table(const NodeId& node, const Result<Rows>& result) noexcept;
  /// Once the nodes here know it.
  void ask_for_others();
  void told_others(const NodeId& node, const Result<Rows>& result) noexcept;
  /// Each of them once; at least one.
  void ask(const std::vector<NodeId>& nodes, const std::string& cql, Answered answered);
  void next_round() noexcept;
  void finish() noexcept;

  SessionUse use_;
  std::string table_question_;
  NodeId maker_;
  Clock::time_point until_;
  Callback done_;
  std::mutex mutex_;
  std::size_t awaited_ = 0;
  std::vector<Version> versions_;  // of this round
  Version made_;                   // of the one that the others are compared to
  bool is_known_ = true;           // in this round, by those who were asked for the table
  std::unique_ptr<core::Timer> timer_;
};

}  // namespace bytestore::cassandra
