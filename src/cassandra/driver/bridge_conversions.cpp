#include "cassandra/driver/bridge_conversions.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "cassandra/driver/bridge_crossings.hpp"

namespace bytestore::cassandra {
namespace {

bridge::Tls tls_of(const std::optional<TlsOptions>& tls) {
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

bridge::Compression compression_of(ProtocolCompression compression) noexcept {
  switch (compression) {
    case ProtocolCompression::lz4:
      return bridge::Compression::Lz4;
    case ProtocolCompression::snappy:
      return bridge::Compression::Snappy;
    case ProtocolCompression::none:
      break;
  }
  return bridge::Compression::None;
}

}  // namespace

std::uint32_t to_rust(std::chrono::milliseconds time) noexcept {
  using Limits = std::numeric_limits<std::uint32_t>;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(time.count(), 0, Limits::max()));
}

bridge::Config to_rust(const CassandraSessionOptions& options) {
  bridge::Config crossed{.contact_points = {},
                         .default_port = options.port,
                         .local_datacenter = to_rust(options.local_datacenter),
                         .username = to_rust(options.username),
                         .password = to_rust(options.password),
                         .asks_for_credentials = options.credentials != nullptr,
                         .tls = tls_of(options.tls),
                         .connect_timeout = to_rust(options.connect_timeout),
                         .attempt_timeout = to_rust(options.attempt_timeout),
                         .compression = compression_of(options.compression),
                         .worker_threads = options.worker_threads,
                         .application_name = to_rust(options.application_name),
                         .address_map = {},
                         .address_function = nullptr};
  for (const std::string& point : options.contact_points) {
    crossed.contact_points.push_back(to_rust(point));
  }
  for (const AddressMapping& mapping : options.address_map) {
    crossed.address_map.push_back(
        {.announced = to_rust(mapping.announced), .reachable = to_rust(mapping.reachable)});
  }
  if (options.address_function) {
    crossed.address_function = std::make_shared<AskedForAddresses>(options.address_function);
  }
  return crossed;
}

DriverReportKind to_port(bridge::ReportKind kind) noexcept {
  return kind == bridge::ReportKind::Connections ? DriverReportKind::connections
                                                 : DriverReportKind::credentials;
}

std::optional<Replication> to_port(const bridge::Replication& replication) {
  using enum bridge::Strategy;
  if (replication.strategy == Unknown) return std::nullopt;
  Replication crossed;
  if (replication.strategy == ByDatacenter) crossed.strategy = Replication::Strategy::by_datacenter;
  if (replication.strategy == Simple) crossed.strategy = Replication::Strategy::simple;
  for (const bridge::ReplicaCount& count : replication.counts) {
    crossed.replicas.emplace(to_string(count.datacenter), count.replicas);
  }
  return crossed;
}

DriverError to_port(const bridge::Failure& failure) {
  return {.code = failure.code,
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
