#include "bytestore/open.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <span>

#include "bytestore/memory_byte_store.hpp"
#include "open/cassandra_uri.hpp"
#include "open/password.hpp"
#include "open/store_uri.hpp"
#include "open/uri_values.hpp"
#ifdef BYTESTORE_CASSANDRA
#include "bytestore/cassandra_byte_store.hpp"
#include "bytestore/cassandra_uri.hpp"
#include "cassandra/cql/identifiers.hpp"
#endif
#ifdef BYTESTORE_LMDB
#include "bytestore/lmdb_byte_store.hpp"
#endif
#ifdef BYTESTORE_ROCKSDB
#include "bytestore/rocksdb_byte_store.hpp"
#endif

namespace bytestore {
namespace {

using open_uri::StoreUri;

/// Returns what a message says of a scheme. What cannot be one is not shown: it may be anything.
std::string scheme_text(const std::string& scheme) {
  if (scheme.find_first_not_of(open_uri::kSchemeCharacters) != std::string::npos) {
    return "what the store URI has before its colon as its scheme";
  }
  return fmt::format("the URI scheme {:?}", scheme);
}

void check_parameters(const StoreUri& uri, std::span<const std::string_view> valid) {
  for (const auto& [name, value] : uri.parameters) {
    if (std::ranges::find(valid, name) != valid.end()) continue;
    throw Error(ErrorCode::invalid_argument,
                fmt::format("a {}: URI has no parameter {:?}; {}", uri.scheme, name,
                            valid.empty() ? std::string("it has none")
                                          : fmt::format("valid: {}", fmt::join(valid, ", "))));
  }
}

[[maybe_unused]] bool flag(const StoreUri& uri, std::string_view name, bool unless_given) {
  const auto parameter = uri.parameters.find(name);
  if (parameter == uri.parameters.end()) return unless_given;
  if (const auto flag = open_uri::parse_flag(parameter->second)) return *flag;
  throw Error(ErrorCode::invalid_argument,
              fmt::format("the parameter {} of the store URI is {:?}; valid: true, false", name,
                          parameter->second));
}

[[maybe_unused]] std::size_t size(const StoreUri& uri, std::string_view name,
                                  std::size_t unless_given) {
  const auto parameter = uri.parameters.find(name);
  if (parameter == uri.parameters.end()) return unless_given;
  if (const auto size = open_uri::parse_size(parameter->second)) return *size;
  throw Error(ErrorCode::invalid_argument,
              fmt::format("the parameter {} of the store URI is {:?}; write a size such as 64MiB, "
                          "1GiB, or a number of bytes",
                          name, parameter->second));
}

std::unique_ptr<ByteStore> open_memory(const StoreUri& uri, const OpenOptions& options) {
  check_parameters(uri, {});
  if (!uri.path.empty()) {
    throw Error(ErrorCode::invalid_argument, "a memory: URI has no path; write memory:");
  }
  return std::make_unique<MemoryByteStore>(MemoryOptions{.executor = options.executor});
}

#ifdef BYTESTORE_ROCKSDB
std::unique_ptr<ByteStore> open_rocksdb(const StoreUri& uri, const OpenOptions& options) {
  static constexpr std::array<std::string_view, 3> kParameters{"sync", "read_only", "cache"};
  check_parameters(uri, kParameters);
  if (uri.path.empty()) {
    throw Error(ErrorCode::invalid_argument,
                "a rocksdb: URI names a folder, for instance rocksdb:./data");
  }
  const RocksDBOptions defaults;
  return std::make_unique<RocksDBByteStore>(
      uri.path, RocksDBOptions{.sync = flag(uri, "sync", defaults.sync),
                               .create_if_missing = options.create_if_missing,
                               .read_only = flag(uri, "read_only", defaults.read_only),
                               .block_cache_bytes = size(uri, "cache", defaults.block_cache_bytes),
                               .executor = options.executor});
}
#endif

#ifdef BYTESTORE_LMDB
std::unique_ptr<ByteStore> open_lmdb(const StoreUri& uri, const OpenOptions& options) {
  static constexpr std::array<std::string_view, 1> kParameters{"sync"};
  check_parameters(uri, kParameters);
  if (uri.path.empty()) {
    throw Error(ErrorCode::invalid_argument,
                "an lmdb: URI names a folder, for instance lmdb:./data");
  }
  const LmdbOptions defaults;
  return std::make_unique<LmdbByteStore>(uri.path,
                                         LmdbOptions{.sync = flag(uri, "sync", defaults.sync),
                                                     .create_if_missing = options.create_if_missing,
                                                     .executor = options.executor});
}
#endif

#ifdef BYTESTORE_CASSANDRA
CassandraTarget target_of(const StoreUri& uri) {
  check_parameters(uri, open_uri::kCassandraParameters);
  auto target = open_uri::parse_cassandra_uri(uri);
  static_cast<void>(cassandra::folded_table(target.table));
  return target;
}

std::unique_ptr<ByteStore> open_cassandra(const StoreUri& uri, const OpenOptions& options) {
  auto target = target_of(uri);
  if (options.deadline.count() < 0) {
    throw Error(ErrorCode::invalid_argument, "the deadline of open is negative; use 0 for none");
  }
  const auto begun = std::chrono::steady_clock::now();
  if (options.deadline.count() > 0) {
    target.session.connect_timeout = std::min(target.session.connect_timeout, options.deadline);
  }
  target.store.session = CassandraSession::connect(target.session);
  if (options.warn) {
    for (const std::string& warning : target.store.session->warnings()) options.warn(warning);
  }
  if (options.deadline.count() > 0) {
    const auto spent = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begun);
    target.store.setup_deadline = std::max(options.deadline - spent, std::chrono::milliseconds{1});
  }
  target.store.create_if_missing = options.create_if_missing;
  target.store.executor = options.executor;
  return std::make_unique<CassandraByteStore>(target.table, target.store);
}
#endif

/// This is the only place that knows every backend.
struct Scheme {
  std::string_view name;
  std::unique_ptr<ByteStore> (*open)(const StoreUri&, const OpenOptions&);
};

constexpr auto kSchemes = std::to_array<Scheme>({
    {.name = "memory", .open = open_memory},
#ifdef BYTESTORE_ROCKSDB
    {.name = "rocksdb", .open = open_rocksdb},
#endif
#ifdef BYTESTORE_LMDB
    {.name = "lmdb", .open = open_lmdb},
#endif
#ifdef BYTESTORE_CASSANDRA
    {.name = "cassandra", .open = open_cassandra},
#endif
});

}  // namespace

std::unique_ptr<ByteStore> open(std::string_view uri, const OpenOptions& options) {
  open_uri::check_shape(uri);
  const auto parsed = open_uri::parse_store_uri(uri);
  const auto scheme = std::ranges::find(kSchemes, parsed.scheme, &Scheme::name);
  if (scheme != kSchemes.end()) return scheme->open(parsed, options);

  if (const auto remedy = open_uri::how_to_get(parsed.scheme); !remedy.empty()) {
    throw Error(ErrorCode::invalid_argument,
                fmt::format("this build of bytestore has no backend for {}: URIs; {}",
                            parsed.scheme, remedy));
  }
  std::array<std::string_view, kSchemes.size()> valid;
  std::ranges::transform(kSchemes, valid.begin(), &Scheme::name);
  throw Error(ErrorCode::invalid_argument,
              fmt::format("no store has {}; valid in this build: {}", scheme_text(parsed.scheme),
                          fmt::join(valid, ", ")));
}

#ifdef BYTESTORE_CASSANDRA
CassandraTarget cassandra_target(std::string_view uri) {
  open_uri::check_shape(uri);
  const auto parsed = open_uri::parse_store_uri(uri);
  if (parsed.scheme == "cassandra") return target_of(parsed);
  throw Error(ErrorCode::invalid_argument,
              fmt::format("a store with {} is not on Cassandra; write cassandra:",
                          scheme_text(parsed.scheme)));
}
#endif

std::optional<std::filesystem::path> local_folder(std::string_view uri) {
  open_uri::check_shape(uri);
  const auto parsed = open_uri::parse_store_uri(uri);
  if (!open_uri::is_of_folder(parsed.scheme)) return std::nullopt;
  return parsed.path;
}

std::string redacted(std::string_view uri) { return open_uri::without_password(uri); }

}  // namespace bytestore
