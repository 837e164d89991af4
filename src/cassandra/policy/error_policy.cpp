#include "cassandra/policy/error_policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <system_error>

namespace bytestore::cassandra {
namespace {

/// Whether a write that failed this way may have been applied.
enum class Applied {
  no,
  if_sent,  ///< unless the request certainly reached no server
};

struct Row {
  DriverErrorCode error;
  ErrorCode code;
  Applied applied;
  bool retry;
  std::string_view what;  ///< completes "reading failed: "
};

using enum Applied;
using In = DriverErrorCode;
using Out = ErrorCode;

constexpr std::string_view kDefect = "a statement of the library was refused; please report it";

// NOLINTBEGIN(modernize-use-designated-initializers): the columns of a table
constexpr auto kErrorRows = std::to_array<Row>({
    {In::syntax, Out::schema, no, false, kDefect},
    {In::invalid, Out::schema, no, false,
     "the server does not allow the request; check what it says, and whether the table has another "
     "layout"},
    {In::unknown_table, Out::schema, no, true,
     "the table or keyspace is missing; create it, or open the store with the set-up mode SYNC, "
     "which creates the table"},
    {In::already_exists, Out::schema, no, false, "it exists already, with another layout"},
    {In::unauthorized, Out::unauthorized, no, false,
     "a permission is missing; grant it to the role of this session"},
    {In::bad_credentials, Out::unauthorized, no, false,
     "the server does not accept these credentials; check the user and the password"},
    {In::roles_unavailable, Out::unavailable, no, true,
     "the server cannot look up passwords or permissions, as too few replicas of the keyspace "
     "system_auth answer it; wait for them, or have more nodes hold that keyspace"},
    {In::config, Out::schema, no, false, "the server's configuration forbids it"},
    {In::unavailable, Out::unavailable, no, true,
     "too few replicas are alive for the consistency level; wait for them, or lower it"},
    {In::no_local_replicas, Out::schema, no, false,
     "the consistency level counts replicas of the local datacenter only"},
    {In::read_timeout, Out::timeout, no, true,
     "too few replicas answered the coordinator in time; try again, or with less load"},
    {In::write_timeout, Out::timeout, if_sent, true,
     "too few replicas answered the coordinator in time; repeat the write"},
    {In::read_failure, Out::unavailable, no, true,
     "replicas failed while they read; look into their logs"},
    {In::write_failure, Out::unavailable, if_sent, true,
     "replicas failed while they wrote; look into their logs, and if the value is large store it "
     "in "
     "parts"},
    {In::overloaded, Out::overloaded, no, true, "the server asks for less load; slow down"},
    {In::replica_overloaded, Out::overloaded, if_sent, true,
     "a replica asks for less load; slow down"},
    {In::is_bootstrapping, Out::unavailable, no, true,
     "the node is still joining the cluster; try again"},
    {In::truncate, Out::io, if_sent, false, "truncating the table failed"},
    {In::unprepared, Out::unavailable, no, true,
     "the table was changed while it was used; try again"},
    {In::other_id, Out::unavailable, no, true,
     "nodes know the prepared statement by different ids, as while servers are "
     "upgraded; try again, or upgrade those that are left"},
    {In::too_large, Out::too_large, no, false,
     "the key or value is over a limit of the server; store it in parts"},
    {In::too_many_keys, Out::unauthorized, no, false,
     "a guardrail of the server forbids requests for so many keys; lower read_group_keys"},
    {In::refused_value, Out::invalid_argument, no, false,
     "the table does not allow the key or value, by a constraint or the type of a column, or wants "
     "more columns; use another one, or alter the table"},
    {In::refused_consistency, Out::schema, no, false,
     "the table does not allow this consistency level; set one that it does, for instance "
     "consistency=quorum, which transactional tables of Cassandra 6.0 take"},
    {In::guardrail, Out::unauthorized, no, false,
     "a guardrail of the server forbids the request; change what it names (a consistency level by "
     "the option consistency), or have the guardrail changed"},
    {In::server, Out::io, if_sent, true, "the server failed; look into its log"},
    {In::protocol, Out::io, if_sent, false, "the server answered what cannot be understood"},
    {In::bad_argument, Out::invalid_argument, no, false, "an option or value is wrong"},
    {In::attempt_timeout, Out::timeout, if_sent, true,
     "the server did not answer in time; try again, or allow more by attempt_timeout"},
    {In::node_hangs, Out::timeout, if_sent, true,
     "the node answers nothing while others do; look into its log"},
    {In::connect_timeout, Out::timeout, no, true,
     "no connection in time; check the contact points, the port and the network"},
    {In::no_connection, Out::unavailable, no, true,
     "no node can be reached; check the contact points, the port and whether the servers run"},
    {In::connection_broken, Out::unavailable, if_sent, true,
     "the connection ended before the answer; try again"},
    {In::tls, Out::unavailable, if_sent, false,
     "the encrypted connection could not be made; check whether both sides use TLS, the "
     "certificates, those to trust and the one to show, and what tls_verify asks for"},
    {In::datacenter, Out::invalid_argument, no, false,
     "the local datacenter is not known; name it by local_datacenter"},
    {In::datacenter_down, Out::unavailable, no, true,
     "the local datacenter cannot be reached, and another one can"},
    {In::schema_agreement, Out::timeout, if_sent, true,
     "the nodes did not agree on the schema in time; try again when all of them are up"},
    {In::session_ended, Out::cancelled, if_sent, false, "the session ended"},
    {In::internal, Out::io, if_sent, false, "the driver is out of memory or threads"},
});
// NOLINTEND(modernize-use-designated-initializers)

const Row& row_of(DriverErrorCode error) noexcept {
  const auto* const row = std::ranges::find(kErrorRows, error, &Row::error);
  return row != kErrorRows.end() ? *row : kErrorRows.back();
}

/// Whether `known` tells more than `error`, which came later.
bool hides(const DriverError& error, bool is_cut_short, const Cause& known) noexcept {
  switch (error.code) {
    case DriverErrorCode::attempt_timeout:
      return is_cut_short;
    case DriverErrorCode::connect_timeout:
    case DriverErrorCode::no_connection:
    case DriverErrorCode::datacenter_down:
    case DriverErrorCode::node_hangs:
      return known.lacks_roles;
    default:
      return false;
  }
}

}  // namespace

Verdict classify(const DriverError& error, Effect effect) noexcept {
  const Row& row = row_of(error.code);
  const bool applied = effect == Effect::write && row.applied == if_sent && error.maybe_sent;
  return {.code = row.code,
          .outcome = applied ? Outcome::unknown : Outcome::failed,
          .retry = row.retry};
}

Verdict classify_group(const DriverError& error, Effect effect) noexcept {
  Verdict verdict = classify(error, effect);
  switch (error.code) {
    case DriverErrorCode::unavailable:
    case DriverErrorCode::no_local_replicas:
    case DriverErrorCode::overloaded:
      if (effect == Effect::write && error.maybe_sent) verdict.outcome = Outcome::unknown;
      break;
    case DriverErrorCode::invalid:
    case DriverErrorCode::too_large:
    case DriverErrorCode::too_many_keys:
    case DriverErrorCode::refused_value:
    case DriverErrorCode::protocol:
      verdict.retry = true;
      break;
    default:
      break;
  }
  return verdict;
}

DriverError with_size(const DriverError& error, std::size_t bytes, std::size_t largest_write) {
  constexpr std::size_t kAddedToARow = 1'024;  // at most, by the server
  DriverError told = error;
  const bool is_refused = error.code == DriverErrorCode::write_failure && error.received == 0;
  if (is_refused && bytes + kAddedToARow >= largest_write) told.code = DriverErrorCode::too_large;
  return told;
}

bool concerns_all_keys(const DriverError& error) noexcept {
  switch (error.code) {
    case DriverErrorCode::unauthorized:
    case DriverErrorCode::no_local_replicas:
    case DriverErrorCode::refused_consistency:
    case DriverErrorCode::guardrail:
      return true;
    default:
      return false;
  }
}

bool is_congestion(const DriverError& error) noexcept {
  switch (error.code) {
    case DriverErrorCode::overloaded:
    case DriverErrorCode::replica_overloaded:
    case DriverErrorCode::read_timeout:
    case DriverErrorCode::write_timeout:
    case DriverErrorCode::attempt_timeout:
      return true;
    default:
      return false;
  }
}

bool needs_new_statement(const DriverError& error, std::size_t attempts,
                         std::size_t replicas) noexcept {
  return error.code == DriverErrorCode::unprepared ||
         (error.code == DriverErrorCode::other_id && attempts >= replicas);
}

std::optional<std::size_t> named_key_limit(std::string_view words) noexcept {
  // Cassandra's and ScyllaDB's.
  for (const std::string_view before : {"fail threshold of ", "greater than maximum "}) {
    const auto found = words.rfind(before);
    if (found == std::string_view::npos) continue;
    words.remove_prefix(found + before.size());
    std::size_t limit = 0;
    if (std::from_chars(words.begin(), words.end(), limit).ec == std::errc{}) return limit;
  }
  return std::nullopt;
}

std::string describe(const DriverError& error, std::string_view operation) {
  auto text = fmt::format("{} failed: {}", operation, row_of(error.code).what);
  if (error.required > 0) {
    text += fmt::format(" ({} of {} replicas)", error.received, error.required);
  }
  if (!error.message.empty()) text += fmt::format(" [{}]", error.message);
  return text;
}

CausePtr cause_of(const DriverError& error, std::string_view operation) {
  return std::make_shared<const Cause>(classify(error, Effect::read).code,
                                       describe(error, operation),
                                       error.code == DriverErrorCode::roles_unavailable);
}

CausePtr later_cause(const CausePtr& known, const DriverError& error, bool is_cut_short,
                     std::string_view operation) {
  if (known && hides(error, is_cut_short, *known)) return known;
  return cause_of(error, operation);
}

std::string silence_message(std::chrono::milliseconds patience) {
  return fmt::format(
      "no server has answered for {} ms, the time of give_up_after; check the network and whether "
      "the servers run",
      patience.count());
}

std::string with_cause(std::string_view message, const CausePtr& cause) {
  if (!cause) return std::string(message);
  return fmt::format("{} [last failure: {}]", message, cause->text);
}

Error to_error(const DriverError& error, std::string_view operation) {
  return {classify(error, Effect::read).code, describe(error, operation)};
}

}  // namespace bytestore::cassandra
