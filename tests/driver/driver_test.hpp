#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include "cassandra/driver/port.hpp"
#include "core/waiting_sink.hpp"
#include "proxy.hpp"
#include "support/cassandra_server.hpp"

namespace bytestore::cassandra {

/// The server of the tests.
inline CassandraSessionOptions server() {
  const testing::CassandraServer& told = testing::cassandra_server();
  CassandraSessionOptions config;
  config.contact_points = {told.contact_points.at(0)};
  config.port = told.port;
  config.username = told.username;
  config.password = told.password;
  // A server that has just started, on a busy machine, needs more than the default.
  config.connect_timeout = std::chrono::minutes{2};
  config.attempt_timeout = std::chrono::minutes{2};
  if (told.tls) {
    config.tls = TlsOptions{.ca_file = told.tls->ca,
                            .certificate_file = told.tls->certificate,
                            .key_file = told.tls->key,
                            .verify = TlsVerify::chain,
                            .name = {}};
  }
  return config;
}

/// The server behind a proxy.
inline CassandraSessionOptions through(const Proxy& proxy) {
  CassandraSessionOptions config = server();
  config.port = proxy.port();
  return config;
}

inline Proxy proxied_server() { return {server().contact_points[0], server().port}; }

template <typename T>
T value_of(Result<T> result) {
  if (auto* error = std::get_if<DriverError>(&result)) {
    throw std::runtime_error("unexpected driver error: " + error->message);
  }
  return std::move(std::get<T>(result));
}

template <typename T>
DriverError error_of(const Result<T>& result) {
  if (const auto* error = std::get_if<DriverError>(&result)) return *error;
  throw std::runtime_error("a driver error was expected");
}

/// A request that each server answers.
constexpr std::string_view kQuery = "SELECT release_version FROM system.local";
inline const RequestOptions kOne{.consistency = Consistency::one};

/// Waits for the one result that `start` asks for.
template <typename T>
Result<T> wait_for(const std::function<void(core::Sink<Result<T>>&)>& start) {
  core::WaitingSink<Result<T>> sink;
  start(sink);
  return sink.wait();
}

inline Result<std::unique_ptr<DriverSession>> try_connect(const CassandraSessionOptions& config) {
  return wait_for<std::unique_ptr<DriverSession>>([&](auto& sink) { connect(config, sink); });
}

inline std::unique_ptr<DriverSession> connected(const CassandraSessionOptions& config = server()) {
  return value_of(try_connect(config));
}

inline Result<Rows> query(DriverSession& session, std::string_view cql,
                          const RequestOptions& options = {}) {
  return wait_for<Rows>([&](auto& sink) { session.query(cql, options, sink); });
}

inline std::shared_ptr<const Statement> prepared(DriverSession& session, std::string_view cql) {
  return value_of(
      wait_for<std::shared_ptr<const Statement>>([&](auto& sink) { session.prepare(cql, sink); }));
}

inline Result<Rows> execute(DriverSession& session, const Statement& statement,
                            const std::vector<Value>& values, const RequestOptions& options = {}) {
  return wait_for<Rows>([&](auto& sink) { session.execute(statement, values, options, sink); });
}

inline Result<Rows> execute_batch(DriverSession& session, const Statement& statement,
                                  const std::vector<Value>& values,
                                  const RequestOptions& options = {}) {
  return wait_for<Rows>(
      [&](auto& sink) { session.execute_batch(statement, values, options, sink); });
}

/// With a session and a table of the store's layout, "bytestore_driver"."kv".
class TableTest : public ::testing::Test {
 protected:
  void SetUp() override {
    session = connected();
    value_of(query(*session,
                   "CREATE KEYSPACE IF NOT EXISTS bytestore_driver WITH replication = "
                   "{'class': 'NetworkTopologyStrategy', '" +
                       session->local_datacenter() + "': 1}"));
    value_of(query(*session,
                   "CREATE TABLE IF NOT EXISTS bytestore_driver.kv "
                   "(row_id TEXT, body_blob BLOB, PRIMARY KEY (row_id))"));
  }

  void TearDown() override {
    if (session) value_of(query(*session, "TRUNCATE bytestore_driver.kv"));
  }

  std::shared_ptr<const Statement> insert() {
    return prepared(*session, "INSERT INTO bytestore_driver.kv (row_id, body_blob) VALUES (?, ?)");
  }

  std::shared_ptr<const Statement> select() {
    return prepared(*session, "SELECT body_blob FROM bytestore_driver.kv WHERE row_id = ?");
  }

  std::unique_ptr<DriverSession> session;
};

}  // namespace bytestore::cassandra
