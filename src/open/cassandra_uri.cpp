#include "open/cassandra_uri.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "bytestore/detail/cassandra_names.hpp"
#include "bytestore/error.hpp"
#include "open/password.hpp"
#include "open/uri_values.hpp"

namespace bytestore::open_uri {
namespace {

constexpr std::string_view kScheme = "cassandra";
constexpr std::string_view kShape = "cassandra://HOST[:PORT][,HOST...]/KEYSPACE?table=TABLE";

constexpr std::span kSetupModeNames = std::span(detail::kSetupModeNames).first<2>();
static_assert(detail::kSetupModeNames.back().second == SetupMode::async);

constexpr std::array<detail::Named<bool>, 2> kFlagNames{{{"true", true}, {"false", false}}};

/// The parameters of a URI, by name.
class Parameters {
 public:
  explicit Parameters(const StoreUri& uri) : uri_(uri) {
    for (const auto& [name, value] : uri.parameters) {
      if (value.empty()) refuse(fmt::format("the parameter {} of the store URI is empty", name));
    }
  }

  /// Returns the value, or an empty one if the parameter is not given.
  [[nodiscard]] std::string text(std::string_view name) const {
    const auto found = uri_.parameters.find(name);
    return found == uri_.parameters.end() ? std::string{} : found->second;
  }

  template <typename T>
  [[nodiscard]] std::optional<T> one_of(std::string_view name,
                                        std::span<const detail::Named<T>> choices) const {
    const auto found = uri_.parameters.find(name);
    if (found == uri_.parameters.end()) return std::nullopt;
    const auto choice = std::ranges::find_if(choices, [&](const detail::Named<T>& named) {
      return is_in_any_case(found->second, named.first);
    });
    if (choice != choices.end()) return choice->second;
    std::string valid;
    for (const auto& [text, value] : choices) valid += fmt::format(" {}", text);
    refuse(fmt::format("the parameter {} of the store URI is {:?}; valid:{}", name, found->second,
                       valid));
  }

  /// Returns a time, which is written as `10s` or `500ms`.
  [[nodiscard]] std::chrono::milliseconds time(std::string_view name,
                                               std::chrono::milliseconds unless_given) const {
    const auto text = this->text(name);
    if (text.empty()) return unless_given;
    if (const auto time = parse_time(text)) return *time;
    refuse(
        fmt::format("the parameter {} of the store URI is {:?}; write a time such as 500ms or 10s",
                    name, text));
  }

  template <typename Count>
  [[nodiscard]] Count count(std::string_view name, Count unless_given,
                            Count most = std::numeric_limits<Count>::max()) const {
    const auto text = this->text(name);
    if (text.empty()) return unless_given;
    if (const auto count = parse_count(text, most)) return *count;
    refuse(fmt::format("the parameter {} of the store URI is {:?}; write a number from 1 to {}",
                       name, text, most));
  }

 private:
  const StoreUri& uri_;
};

/// Returns a contact point in decoded form: `host`, `host:port`, `[IPv6]` or `[IPv6]:port`, as
/// contact points are written.
std::string contact_point(std::string_view part) {
  if (part.starts_with('[') != (part.find(']') != std::string_view::npos)) {
    refuse(
        "an IPv6 address among the hosts of the store URI lacks a bracket; write [ADDRESS] or "
        "[ADDRESS]:PORT");
  }
  if (part.starts_with('[') && part.ends_with(']')) part = part.substr(1, part.size() - 2);
  auto point = percent_decoded(part);
  if (point.empty()) refuse(fmt::format("a host of the store URI is empty; write {}", kShape));
  // The host is not shown, since it may be a password whose @ is missing or encoded.
  if (point.find('@') != std::string::npos || colon_without_port(point)) {
    refuse(
        fmt::format("a host of the store URI has a port that is not a number, or an encoded @; "
                    "write {}, and USER:PASSWORD@ before the hosts",
                    kShape));
  }
  return point;
}

void set_credentials(std::string_view user_part, const Parameters& parameters,
                     CassandraSessionOptions& session) {
  const auto colon = user_part.find(':');
  auto user = percent_decoded(user_part.substr(0, colon));
  const auto file = parameters.text("password_file");
  if (colon != std::string_view::npos) {
    if (!file.empty()) refuse("the store URI has a password and a password_file; give one of them");
    session.username = std::move(user);
    session.password = percent_decoded(user_part.substr(colon + 1));
    return;
  }
  if (!file.empty()) {
    if (user.empty()) {
      refuse("the store URI has a password_file but no user; write cassandra://USER@HOST...");
    }
    session.credentials = credentials_from_file(std::move(user), file);
    static_cast<void>(session.credentials());  // a file that cannot be read is told at once
    return;
  }
  if (user.empty()) return;
  session.username = std::move(user);
  const char* const value = std::getenv("CASSANDRA_PASSWORD");  // NOLINT(concurrency-mt-unsafe)
  if (value != nullptr) session.password = value;
}

std::optional<TlsOptions> tls_of(const Parameters& parameters) {
  TlsOptions tls{.ca_file = parameters.text("tls_ca"),
                 .certificate_file = parameters.text("tls_certificate"),
                 .key_file = parameters.text("tls_key")};
  const auto verify = parameters.text("tls_verify");
  if (tls.ca_file.empty()) {
    if (tls.certificate_file.empty() && tls.key_file.empty() && verify.empty()) return std::nullopt;
    refuse("the store URI has TLS parameters but no tls_ca, the file of the certificates to trust");
  }
  constexpr std::string_view kName = "name:";
  if (verify == "chain") {
    tls.verify = TlsVerify::chain;
  } else if (verify.starts_with(kName) && verify.size() > kName.size()) {
    tls.verify = TlsVerify::name;
    tls.name = verify.substr(kName.size());
  } else if (!verify.empty() && verify != "ip") {
    refuse(fmt::format(
        "the parameter tls_verify of the store URI is {:?}; valid: ip chain name:DNS_NAME",
        verify));
  }
  return tls;
}

std::vector<std::string> contact_points(std::string_view hosts) {
  std::vector<std::string> points;
  for (;;) {
    const auto comma = hosts.find(',');
    points.push_back(contact_point(hosts.substr(0, comma)));
    if (comma == std::string_view::npos) return points;
    hosts.remove_prefix(comma + 1);
  }
}

/// Returns the entries of `ANNOUNCED=REACHABLE[,ANNOUNCED=REACHABLE...]`; connecting checks them.
std::vector<AddressMapping> address_map(std::string_view text) {
  std::vector<AddressMapping> entries;
  while (!text.empty()) {
    const auto entry = text.substr(0, text.find(','));
    text.remove_prefix(std::min(entry.size() + 1, text.size()));
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos) {
      refuse(
          fmt::format("entry {} of the parameter address_map of the store URI is {:?}; write "
                      "ANNOUNCED=REACHABLE, for instance 172.17.0.3=127.0.0.1:19043",
                      entries.size() + 1, entry));
    }
    entries.push_back({.announced = std::string(entry.substr(0, equals)),
                       .reachable = std::string(entry.substr(equals + 1))});
  }
  return entries;
}

void set_hosts_and_keyspace(std::string_view text, CassandraSessionOptions& session) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos || slash + 1 == text.size()) {
    refuse(fmt::format("the store URI names no keyspace; write {}", kShape));
  }
  session.keyspace = percent_decoded(text.substr(slash + 1));
  session.contact_points = contact_points(text.substr(0, slash));
}

}  // namespace

CassandraTarget parse_cassandra_uri(const StoreUri& uri) {
  std::string_view rest = uri.raw_path;
  if (!rest.starts_with("//")) {
    refuse(fmt::format("a cassandra: URI names hosts; write {}", kShape));
  }
  rest.remove_prefix(2);
  const Parameters parameters(uri);
  CassandraTarget target;
  CassandraSessionOptions& session = target.session;
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
    set_credentials(rest.substr(0, at), parameters, session);
    if (session.username.empty() && !session.credentials) {
      refuse("the store URI has no user before its @; write cassandra://USER@HOST...");
    }
    rest.remove_prefix(at + 1);
  } else {
    set_credentials({}, parameters, session);
  }
  set_hosts_and_keyspace(rest, session);
  target.table = parameters.text("table");
  if (target.table.empty()) {
    refuse(fmt::format("the store URI names no table; write {}", kShape));
  }
  session.local_datacenter = parameters.text("local_dc");
  session.address_map = address_map(parameters.text("address_map"));
  session.application_name = parameters.text("application_name");
  session.tls = tls_of(parameters);
  session.connect_timeout = parameters.time("connect_timeout", session.connect_timeout);
  session.attempt_timeout = parameters.time("attempt_timeout", session.attempt_timeout);
  session.give_up_after = parameters.time("give_up_after", session.give_up_after);
  session.allow_clock_difference = parameters.one_of<bool>("allow_clock_difference", kFlagNames)
                                       .value_or(session.allow_clock_difference);
  session.worker_threads = parameters.count("worker_threads", session.worker_threads);
  session.consistency = parameters.one_of<Consistency>("consistency", detail::kConsistencyNames)
                            .value_or(session.consistency);
  session.compression =
      parameters.one_of<ProtocolCompression>("compression", detail::kCompressionNames)
          .value_or(session.compression);
  CassandraOptions& store = target.store;
  store.setup_mode =
      parameters.one_of<SetupMode>("setup", kSetupModeNames).value_or(store.setup_mode);
  store.grouping =
      parameters.one_of<Grouping>("grouping", detail::kGroupingNames).value_or(store.grouping);
  store.read_group_keys =
      parameters.count("read_group_keys", store.read_group_keys, detail::kMostGroupKeys);
  store.write_group_rows =
      parameters.count("write_group_rows", store.write_group_rows, detail::kMostGroupKeys);
  store.write_group_bytes = parameters.count("write_group_bytes", store.write_group_bytes);
  store.timestamps = parameters.one_of<Timestamps>("timestamps", detail::kTimestampsNames)
                         .value_or(store.timestamps);
  return target;
}

void check_shape(std::string_view text) {
  if (!has_scheme(text, kScheme)) {
    if (!password_place(text)) return;
    refuse(
        fmt::format("the store URI seems to have a user and a password, which only cassandra: URIs "
                    "have; write {}, with USER:PASSWORD@ before the hosts, or, if it names a "
                    "folder, %40 for @",
                    kShape));
  }
  text.remove_prefix(kScheme.size() + 1);
  const bool has_hosts = text.starts_with("//");
  if (has_hosts) text.remove_prefix(2);
  const auto at = text.rfind('@');
  const auto user_part = text.substr(0, at == std::string_view::npos ? 0 : at);
  if (user_part.find_first_of("/?@") == std::string_view::npos &&
      std::ranges::count(user_part, ':') <= 1) {
    // An `@` that is missing: all that follows may be the password.
    if (has_hosts) {
      text.remove_prefix(at == std::string_view::npos ? 0 : at + 1);
      static_cast<void>(contact_points(text.substr(0, text.find_first_of("/?"))));
    }
    return;
  }
  refuse(
      "the user and password of a store URI must be percent-encoded: write %40 for @, %3A for "
      ":, "
      "%2F for / and %3F for ?; and %40 for an @ after the hosts");
}

}  // namespace bytestore::open_uri
