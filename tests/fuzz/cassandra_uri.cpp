// URIs of stores on Cassandra: parts that are percent-encoded come back, hosts are read as they
// were written, and whatever stands around a password, nobody repeats it.

#include "bytestore/cassandra_uri.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "bytestore/open.hpp"
#include "fuzz.hpp"
#include "open/store_uri.hpp"

namespace bytestore::fuzz {
namespace {

/// The password that must not be shown. No message has it by chance.
constexpr std::string_view kCanary = "5eCr3tCanary";

bool is_given(std::string_view part) {
  return !part.empty() && part.find('\0') == std::string_view::npos;
}

std::string encoded_uri(std::span<const std::string, 5> parts) {
  const auto& [user, password, keyspace, table, program] =
      std::array{encode_percent(parts[0]), encode_percent(parts[1]), encode_percent(parts[2]),
                 encode_percent(parts[3]), encode_percent(parts[4])};
  return "cassandra://" + user + ':' + password + "@node/" + keyspace + "?table=" + table +
         "&application_name=" + program;
}

/// Of a user, a password, a keyspace, a table and the name of a program.
void check_parts(std::span<const std::string, 5> parts) {
  const auto& [user, password, keyspace, table, program] =
      std::array{parts[0], parts[1], parts[2], parts[3], parts[4]};
  const auto uri = encoded_uri(parts);
  std::optional<CassandraTarget> target;
  const auto refusal = refusal_of([&] { target = cassandra_target(uri); });
  if (!target) {
    // Which names of tables there are is for the target of identifiers.
    const bool is_whole = is_given(user) && is_given(keyspace) && is_given(program) &&
                          password.find('\0') == std::string::npos;
    const bool is_plain =
        !table.empty() && table.size() <= 222 &&
        table.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
    require(!is_whole || !is_plain, "encoded parts are accepted");
    return;
  }
  require(target->session.username == user, "the user comes back");
  require(target->session.password == password, "the password comes back");
  require(target->session.keyspace == keyspace, "the keyspace comes back");
  require(target->session.application_name == program, "the name of the program comes back");
  require(target->session.contact_points == std::vector<std::string>{"node"},
          "the host comes back");
  require(target->table == table, "the table comes back");
}

bool is_host(std::string_view part, const std::string& point) {
  std::string decoded;
  if (part.starts_with('[') && part.ends_with(']')) part = part.substr(1, part.size() - 2);
  return decode_percent(part, decoded) && decoded == point && !point.empty();
}

void check_hosts(std::string_view hosts) {
  const bool is_plain = hosts.find_first_of("/?") == std::string_view::npos;
  const auto at = hosts.rfind('@');
  const auto uri = "cassandra://" + std::string(hosts) + "/app?table=kv";
  std::optional<CassandraTarget> target;
  refusal_of([&] { target = cassandra_target(uri); });
  if (!target || !is_plain) return;
  const auto parts = split(at == std::string_view::npos ? hosts : hosts.substr(at + 1), ',');
  require(std::ranges::equal(parts, target->session.contact_points, is_host),
          "hosts are those that were written");
}

/// Whether reading it would read a file, which may be any and without an end.
bool has_password_file(const std::string& text) {
  bool found = false;
  refusal_of([&] { found = open_uri::parse_store_uri(text).parameters.contains("password_file"); });
  return found;
}

void check_silence(const std::string& text) {
  if (has_password_file(text)) return;
  const auto is_silent = [](std::string_view shown) {
    return shown.find(kCanary) == std::string_view::npos;
  };
  require(is_silent(redacted(text)), "a password is redacted");
  require(is_silent(refusal_of([&] { static_cast<void>(cassandra_target(text)); })),
          "a refused cassandra: URI does not show its password");
  require(is_silent(refusal_of([&] { static_cast<void>(local_folder(text)); })),
          "a refused store URI does not show its password");
}

void check_passwords(const std::string& before, const std::string& after) {
  if ((before + after).find(kCanary) != std::string::npos) return;
  const std::string password(kCanary);
  const auto with_user = before + ':' + password + '@' + after;
  for (const auto* const scheme : {"cassandra://", "rocksdb://", "lmdb://", "redis://", "//", ""}) {
    check_silence(scheme + with_user);
  }
  // The @ is missing: a colon that no port follows is one before a password.
  if (before.find_first_of(":/?#,@[") != std::string::npos) return;
  if (after.find('@') != std::string::npos) return;
  check_silence("cassandra://" + before + ':' + password + "/app?table=" + after);
}

}  // namespace

void check(std::string_view input) {
  std::array<std::string, 5> parts;
  for (auto& part : parts) part = take_part(input, '\n');
  check_parts(parts);
  check_hosts(parts[0]);
  check_passwords(parts[0], parts[1]);
}

}  // namespace bytestore::fuzz
