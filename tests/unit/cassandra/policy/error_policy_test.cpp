#include "cassandra/policy/error_policy.hpp"

#include <gtest/gtest.h>

#include <set>

#include "support/errors.hpp"

namespace bytestore::cassandra {
namespace {

using In = DriverErrorCode;
using Out = ErrorCode;

/// What becomes of a write whose request may have been sent, and of one that certainly was not; and
/// of a key of a request for several that may have been sent.
struct Expected {
  In error;
  Out code;
  Outcome sent;
  Outcome not_sent;
  bool retry;
  Outcome group_sent;
  bool group_retry;
};

constexpr auto kFailed = Outcome::failed;
constexpr auto kUnknown = Outcome::unknown;

const std::vector<Expected> kRows{
    {In::syntax, Out::schema, kFailed, kFailed, false, kFailed, false},
    {In::invalid, Out::schema, kFailed, kFailed, false, kFailed, true},
    {In::unknown_table, Out::schema, kFailed, kFailed, true, kFailed, true},
    {In::already_exists, Out::schema, kFailed, kFailed, false, kFailed, false},
    {In::unauthorized, Out::unauthorized, kFailed, kFailed, false, kFailed, false},
    {In::bad_credentials, Out::unauthorized, kFailed, kFailed, false, kFailed, false},
    {In::roles_unavailable, Out::unavailable, kFailed, kFailed, true, kFailed, true},
    {In::config, Out::schema, kFailed, kFailed, false, kFailed, false},
    {In::unavailable, Out::unavailable, kFailed, kFailed, true, kUnknown, true},
    {In::no_local_replicas, Out::schema, kFailed, kFailed, false, kUnknown, false},
    {In::read_timeout, Out::timeout, kFailed, kFailed, true, kFailed, true},
    {In::write_timeout, Out::timeout, kUnknown, kFailed, true, kUnknown, true},
    {In::read_failure, Out::unavailable, kFailed, kFailed, true, kFailed, true},
    {In::write_failure, Out::unavailable, kUnknown, kFailed, true, kUnknown, true},
    {In::overloaded, Out::overloaded, kFailed, kFailed, true, kUnknown, true},
    {In::replica_overloaded, Out::overloaded, kUnknown, kFailed, true, kUnknown, true},
    {In::is_bootstrapping, Out::unavailable, kFailed, kFailed, true, kFailed, true},
    {In::truncate, Out::io, kUnknown, kFailed, false, kUnknown, false},
    {In::unprepared, Out::unavailable, kFailed, kFailed, true, kFailed, true},
    {In::other_id, Out::unavailable, kFailed, kFailed, true, kFailed, true},
    {In::too_large, Out::too_large, kFailed, kFailed, false, kFailed, true},
    {In::too_many_keys, Out::unauthorized, kFailed, kFailed, false, kFailed, true},
    {In::refused_value, Out::invalid_argument, kFailed, kFailed, false, kFailed, true},
    {In::refused_consistency, Out::schema, kFailed, kFailed, false, kFailed, false},
    {In::guardrail, Out::unauthorized, kFailed, kFailed, false, kFailed, false},
    {In::server, Out::io, kUnknown, kFailed, true, kUnknown, true},
    {In::protocol, Out::io, kUnknown, kFailed, false, kUnknown, true},
    {In::bad_argument, Out::invalid_argument, kFailed, kFailed, false, kFailed, false},
    {In::attempt_timeout, Out::timeout, kUnknown, kFailed, true, kUnknown, true},
    {In::node_hangs, Out::timeout, kUnknown, kFailed, true, kUnknown, true},
    {In::connect_timeout, Out::timeout, kFailed, kFailed, true, kFailed, true},
    {In::no_connection, Out::unavailable, kFailed, kFailed, true, kFailed, true},
    {In::connection_broken, Out::unavailable, kUnknown, kFailed, true, kUnknown, true},
    {In::tls, Out::unavailable, kUnknown, kFailed, false, kUnknown, false},
    {In::datacenter, Out::invalid_argument, kFailed, kFailed, false, kFailed, false},
    {In::datacenter_down, Out::unavailable, kFailed, kFailed, true, kFailed, true},
    {In::schema_agreement, Out::timeout, kUnknown, kFailed, true, kUnknown, true},
    {In::session_ended, Out::cancelled, kUnknown, kFailed, false, kUnknown, false},
    {In::internal, Out::io, kUnknown, kFailed, false, kUnknown, false},
};

TEST(Outcomes, EveryErrorHasARow) {
  std::set<In> seen;
  for (const Expected& row : kRows) seen.insert(row.error);
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(In::no_local_replicas) + 1);
}

TEST(Outcomes, OfWrites) {
  for (const Expected& row : kRows) {
    for (const bool sent : {true, false}) {
      SCOPED_TRACE(describe({.code = row.error}, "writing"));
      const Verdict verdict = classify({.code = row.error, .maybe_sent = sent}, Effect::write);
      EXPECT_EQ(verdict.code, row.code);
      EXPECT_EQ(verdict.outcome, sent ? row.sent : row.not_sent);
      EXPECT_EQ(verdict.retry, row.retry);
    }
  }
}

TEST(Outcomes, OfGroupsOfWrites) {
  for (const Expected& row : kRows) {
    for (const bool sent : {true, false}) {
      SCOPED_TRACE(describe({.code = row.error}, "writing"));
      const Verdict verdict =
          classify_group({.code = row.error, .maybe_sent = sent}, Effect::write);
      EXPECT_EQ(verdict.code, row.code);
      EXPECT_EQ(verdict.outcome, sent ? row.group_sent : row.not_sent);
      EXPECT_EQ(verdict.retry, row.group_retry);
    }
  }
}

TEST(Outcomes, GroupsOfReadsLeaveNothingUnknown) {
  for (const Expected& row : kRows) {
    const Verdict verdict = classify_group({.code = row.error, .maybe_sent = true}, Effect::read);
    EXPECT_EQ(verdict.outcome, Outcome::failed);
    EXPECT_EQ(verdict.code, row.code);
    EXPECT_EQ(verdict.retry, row.group_retry);
  }
}

TEST(Outcomes, OnlyTooMuchWorkIsCongestion) {
  const std::set<In> congested{In::overloaded, In::replica_overloaded, In::read_timeout,
                               In::write_timeout, In::attempt_timeout};
  for (const Expected& row : kRows) {
    EXPECT_EQ(is_congestion({.code = row.error}), congested.contains(row.error))
        << describe({.code = row.error}, "writing");
  }
}

TEST(Outcomes, AStatementServesAsLongAsAReplicaMayKnowIt) {
  for (const Expected& row : kRows) {
    const auto needed = [&](std::size_t attempts, std::size_t replicas) {
      return needs_new_statement({.code = row.error}, attempts, replicas);
    };
    const bool unprepared = row.error == In::unprepared;
    EXPECT_EQ(needed(1, 3), unprepared);
    EXPECT_EQ(needed(2, 3), unprepared);
    EXPECT_EQ(needed(3, 3), unprepared || row.error == In::other_id);
    EXPECT_EQ(needed(1, 0), unprepared || row.error == In::other_id);
  }
}

TEST(Outcomes, ReadsLeaveNothingUnknown) {
  for (const Expected& row : kRows) {
    const Verdict verdict = classify({.code = row.error, .maybe_sent = true}, Effect::read);
    EXPECT_EQ(verdict.outcome, Outcome::failed);
    EXPECT_EQ(verdict.code, row.code);
    EXPECT_EQ(verdict.retry, row.retry);
  }
}

TEST(Outcomes, AreDescribedWithWhatTheServerSaid) {
  const DriverError error{.code = In::unavailable,
                          .message = "Cannot achieve consistency",
                          .received = 1,
                          .required = 2};
  const auto text = describe(error, "reading");
  EXPECT_TRUE(text.starts_with("reading failed: "));
  EXPECT_NE(text.find("(1 of 2 replicas)"), std::string::npos) << text;
  EXPECT_NE(text.find("[Cannot achieve consistency]"), std::string::npos) << text;
  EXPECT_EQ(to_error(error, "reading").code(), Out::unavailable);
  const DriverError level{.code = In::refused_consistency, .message = "words"};
  EXPECT_NE(describe(level, "writing").find("consistency=quorum"), std::string::npos);
}

TEST(KeyLimits, AreReadFromTheWordsOfServers) {
  EXPECT_EQ(named_key_limit("Guardrail partition_keys_in_select violated: Aborting query with "
                            "partition keys in IN clause on table kv, number of partition keys 32 "
                            "exceeds fail threshold of 20."),
            20U);
  EXPECT_EQ(named_key_limit("partition key cartesian product size 105 is greater than maximum 100"),
            100U);
  EXPECT_EQ(named_key_limit("too many keys, the fail threshold of a server"), std::nullopt);
  EXPECT_EQ(named_key_limit(""), std::nullopt);
}

TEST(Outcomes, AWriteThatNoOldServerTakesIsTooLarge) {
  for (const std::size_t limit : {kUsualLargestWrite, std::size_t{2} << 20}) {
    const DriverError failed{.code = In::write_failure, .message = "words", .maybe_sent = true};
    EXPECT_EQ(with_size(failed, limit, limit).code, In::too_large);
    EXPECT_EQ(with_size(failed, limit, limit).message, "words");
    EXPECT_EQ(with_size(failed, limit - 200, limit).code, In::too_large)
        << "servers add to a value";
    EXPECT_EQ(with_size(failed, limit / 2, limit).code, In::write_failure);
    EXPECT_EQ(with_size({.code = In::write_timeout, .maybe_sent = true}, limit, limit).code,
              In::write_timeout);
    const DriverError partly{.code = In::write_failure, .maybe_sent = true, .received = 1};
    EXPECT_EQ(with_size(partly, limit, limit).code, In::write_failure) << "a replica has taken it";
  }
}

}  // namespace
}  // namespace bytestore::cassandra
