#include "cassandra/default_session.hpp"

#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "bytestore/error.hpp"

namespace bytestore {
namespace {

/// Never destroyed: user code may still use the session when static objects are.
struct Default {
  std::mutex mutex;
  std::shared_ptr<CassandraSession> session;
};

Default& the_default() {
  static auto* const instance = new Default;  // NOLINT(cppcoreguidelines-owning-memory)
  return *instance;
}

std::string environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): only read here
  return value == nullptr ? std::string{} : std::string(value);
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    const auto begin = part.find_first_not_of(' ');
    if (begin == std::string_view::npos) continue;
    parts.emplace_back(part.substr(begin, part.find_last_not_of(' ') - begin + 1));
  }
  return parts;
}

}  // namespace

namespace cassandra {

std::shared_ptr<CassandraSession> default_session() {
  Default& shared = the_default();
  const std::lock_guard lock(shared.mutex);
  if (shared.session) return shared.session;
  throw Error(ErrorCode::not_configured,
              "the store has no session: pass one in CassandraOptions, or call bytestore::init "
              "once, with options or with CASSANDRA_CONTACT_POINTS and CASSANDRA_KEYSPACE set");
}

CassandraSessionOptions with_environment(CassandraSessionOptions options) {
  if (options.contact_points.empty()) {
    options.contact_points = split(environment("CASSANDRA_CONTACT_POINTS"));
  }
  if (options.keyspace.empty()) options.keyspace = environment("CASSANDRA_KEYSPACE");
  if (options.credentials) return options;
  if (options.username.empty()) options.username = environment("CASSANDRA_USERNAME");
  if (options.password.empty() && !options.username.empty()) {
    options.password = environment("CASSANDRA_PASSWORD");
  }
  return options;
}

}  // namespace cassandra

void init(CassandraSessionOptions options) {
  auto session = CassandraSession::connect(cassandra::with_environment(std::move(options)));
  Default& shared = the_default();
  const std::lock_guard lock(shared.mutex);
  shared.session.swap(session);  // the one before goes after the lock
}

void shutdown() noexcept {
  std::shared_ptr<CassandraSession> session;
  Default& shared = the_default();
  const std::lock_guard lock(shared.mutex);
  shared.session.swap(session);
}

}  // namespace bytestore
