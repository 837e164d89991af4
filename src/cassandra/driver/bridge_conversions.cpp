#include "cassandra/driver/bridge_conversions.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

namespace bytestore::cassandra {
namespace {

// NOLINTNEXTLINE(readability-function-size): two lines for each code
DriverErrorCode code_of(bridge::Code code) noexcept {
  using enum bridge::Code;
  switch (code) {
    case Syntax:
      return DriverErrorCode::syntax;
    case Invalid:
      return DriverErrorCode::invalid;
    case UnknownTable:
      return DriverErrorCode::unknown_table;
    case AlreadyExists:
      return DriverErrorCode::already_exists;
    case Unauthorized:
      return DriverErrorCode::unauthorized;
    case BadCredentials:
      return DriverErrorCode::bad_credentials;
    case Config:
      return DriverErrorCode::config;
    case Unavailable:
      return DriverErrorCode::unavailable;
    case ReadTimeout:
      return DriverErrorCode::read_timeout;
    case WriteTimeout:
      return DriverErrorCode::write_timeout;
    case ReadFailure:
      return DriverErrorCode::read_failure;
    case WriteFailure:
      return DriverErrorCode::write_failure;
    case Overloaded:
      return DriverErrorCode::overloaded;
    case ReplicaOverloaded:
      return DriverErrorCode::replica_overloaded;
    case IsBootstrapping:
      return DriverErrorCode::is_bootstrapping;
    case Truncate:
      return DriverErrorCode::truncate;
    case Unprepared:
      return DriverErrorCode::unprepared;
    case TooLarge:
      return DriverErrorCode::too_large;
    case Server:
      return DriverErrorCode::server;
    case Protocol:
      return DriverErrorCode::protocol;
    case BadArgument:
      return DriverErrorCode::bad_argument;
    case AttemptTimeout:
      return DriverErrorCode::attempt_timeout;
    case ConnectTimeout:
      return DriverErrorCode::connect_timeout;
    case NoConnection:
      return DriverErrorCode::no_connection;
    case ConnectionBroken:
      return DriverErrorCode::connection_broken;
    case Tls:
      return DriverErrorCode::tls;
    case Datacenter:
      return DriverErrorCode::datacenter;
    case SchemaAgreement:
      return DriverErrorCode::schema_agreement;
    case Internal:
      return DriverErrorCode::internal;
  }
  return DriverErrorCode::internal;
}

bridge::Tls tls_of(const std::optional<TlsConfig>& tls) {
  if (!tls) return {};
  using enum bridge::TlsVerify;
  const bool by_name = tls->verify == TlsVerify::name;
  return {.enabled = true,
          .ca_file = to_rust(tls->ca_file),
          .certificate_file = to_rust(tls->certificate_file),
          .key_file = to_rust(tls->key_file),
          .verify = by_name ? Name : (tls->verify == TlsVerify::chain ? Chain : Ip),
          .name = to_rust(tls->name)};
}

bridge::Compression compression_of(Compression compression) noexcept {
  switch (compression) {
    case Compression::lz4:
      return bridge::Compression::Lz4;
    case Compression::snappy:
      return bridge::Compression::Snappy;
    case Compression::none:
      break;
  }
  return bridge::Compression::None;
}

}  // namespace

std::uint32_t to_rust(std::chrono::milliseconds time) noexcept {
  using Limits = std::numeric_limits<std::uint32_t>;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(time.count(), 0, Limits::max()));
}

bridge::Config to_rust(const SessionConfig& config) {
  bridge::Config crossed{.contact_points = {},
                         .default_port = config.default_port,
                         .local_datacenter = to_rust(config.local_datacenter),
                         .username = to_rust(config.username),
                         .password = to_rust(config.password),
                         .tls = tls_of(config.tls),
                         .connect_timeout = to_rust(config.connect_timeout),
                         .attempt_timeout = to_rust(config.attempt_timeout),
                         .compression = compression_of(config.compression),
                         .worker_threads = config.worker_threads,
                         .application_name = to_rust(config.application_name)};
  for (const std::string& point : config.contact_points) {
    crossed.contact_points.push_back(to_rust(point));
  }
  return crossed;
}

DriverError to_port(const bridge::Failure& failure) {
  return {.code = code_of(failure.code),
          .message = to_string(failure.message),
          .maybe_sent = failure.maybe_sent,
          .received = failure.received,
          .required = failure.required};
}

Rows to_port(rust::Box<bridge::Rows> rows) {
  if (rows->columns() == 0 && rows->warnings().empty()) return Rows{};
  Rows::Parts parts;
  parts.columns = rows->columns();
  const auto cells = rows->cells();
  parts.cells.reserve(cells.size());
  for (const bridge::Cell& cell : cells) {
    parts.cells.push_back({.offset = cell.offset, .length = cell.length});
  }
  const auto state = rows->paging_state();
  parts.paging_state.assign(state.begin(), state.end());
  for (const rust::String& warning : rows->warnings()) {
    parts.warnings.push_back(to_string(warning));
  }
  parts.frame = as_span(rows->frame());  // on the heap: it stays where it is
  parts.owner = std::make_shared<const rust::Box<bridge::Rows>>(std::move(rows));
  return Rows(std::move(parts));
}

}  // namespace bytestore::cassandra
