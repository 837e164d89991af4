// Passwords that change under a session, on a server that asks for them. Its connections are cut,
// so that the session has to log in again.

#include <fmt/format.h>

#include <boost/asio/use_future.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <latch>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include "bytestore/cassandra_async.hpp"
#include "cassandra_test.hpp"
#include "driver/proxy.hpp"
#include "support/kept_log.hpp"
#include "support/mounted_files.hpp"
#include "support/temporary_folder.hpp"

namespace bytestore {
namespace {

namespace fs = std::filesystem;
using boost::asio::use_future;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::text;

/// Over this, something hangs.

/// Credentials of a function, which counts how often it was asked.
class Vault {
 public:
  explicit Vault(Credentials first) : credentials_(std::move(first)) {}

  Credentials ask() {
    std::unique_lock lock(mutex_);
    ++asked_;
    if (blocks_) {
      lock.unlock();
      release_.wait();
      lock.lock();
    }
    if (fails_) throw std::runtime_error("the vault is sealed");
    return credentials_;
  }

  void set(Credentials credentials) {
    change([&] { credentials_ = std::move(credentials); });
  }
  void fail() {
    change([&] { fails_ = true; });
  }
  void block() {
    change([&] { blocks_ = true; });
  }
  void release() { release_.count_down(); }

  [[nodiscard]] int asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  template <typename Change>
  void change(Change change) {
    const std::lock_guard lock(mutex_);
    change();
  }

  std::mutex mutex_;
  std::latch release_{1};
  Credentials credentials_;
  bool fails_ = false;
  bool blocks_ = false;
  int asked_ = 0;
};

/// With a role of its own.
class CredentialsTest : public ::testing::Test {
 protected:
  CredentialsTest() {
    superusers("CREATE ROLE {} WITH LOGIN = true AND PASSWORD = 'first'");
    superusers("GRANT ALL ON KEYSPACE bytestore_test TO {}");
  }
  ~CredentialsTest() override { superusers("DROP ROLE {}"); }
  CredentialsTest(const CredentialsTest&) = delete;
  CredentialsTest& operator=(const CredentialsTest&) = delete;

  void change_password() { superusers("ALTER ROLE {} WITH PASSWORD = 'second'"); }

  [[nodiscard]] CassandraSessionOptions options(CredentialsFunction credentials) {
    auto options = cassandra::through(proxy);
    options.keyspace = "bytestore_test";
    options.username.clear();
    options.password.clear();
    options.credentials = std::move(credentials);
    options.log = [log = log](std::string_view message) {
      if (!message.starts_with("tried again")) log->add(message);
    };
    return options;
  }

  [[nodiscard]] CassandraSessionOptions options(const std::shared_ptr<Vault>& vault) {
    return options([vault] { return vault->ask(); });
  }

  CassandraByteStore store(const CassandraSessionOptions& options) const {
    return CassandraByteStore(table, {.session = CassandraSession::connect(options)});
  }

  /// Returns when the store has made new connections and works. A server that has just refused a
  /// login may refuse the next ones too.
  static void await(CassandraByteStore& store) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
      try {
        store.mset({{"key", text("value")}});
        return;
      } catch (const Error& error) {
        ASSERT_LT(std::chrono::steady_clock::now(), end) << error.what();
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
      }
    }
  }

  static void use(CassandraByteStore& store) {
    store.mset({{"other", text("value")}});
    EXPECT_EQ(store.amget({"other"}, use_future).get()[0], text("value"));
    EXPECT_NO_THROW(store.mdelete({"other"}));
  }

  cassandra::Proxy proxy = cassandra::proxied_server();
  std::shared_ptr<testing::KeptLog> log = std::make_shared<testing::KeptLog>();
  std::string table = testing::new_table_name();
  std::string role = "role_" + table;

 private:
  void superusers(fmt::format_string<std::string&> cql) {
    auto options = cassandra::server();
    options.username = testing::cassandra_server().superuser;
    options.password = testing::cassandra_server().superuser_password;
    const auto session = cassandra::connected(options);
    cassandra::value_of(cassandra::query(*session, fmt::format(cql, role)));
  }
};

TEST_F(CredentialsTest, ANewPasswordFileIsUsedByASessionUnderWay) {
  testing::MountedFiles mounted(testing::MountedFiles::Contents{{"password", "first\n"}});
  const auto chosen = options(credentials_from_file(role, mounted.file("password")));
  auto store = this->store(chosen);
  use(store);
  change_password();
  mounted.replace({{"password", "second\n"}});
  proxy.hang_up();
  await(store);
  use(store);

  auto old = options(CredentialsFunction());
  old.username = role;
  old.password = "first";
  EXPECT_EQ(testing::code_of([&] { this->store(old); }), ErrorCode::unauthorized);
}

/// The order of docs/operations.md: the server has the new password before the file has it.
TEST_F(CredentialsTest, APasswordFileIsReadAgainAlsoAfterItWasRefused) {
  testing::MountedFiles mounted(testing::MountedFiles::Contents{{"password", "first\n"}});
  auto store = this->store(options(credentials_from_file(role, mounted.file("password"))));
  use(store);
  change_password();
  const auto end = std::chrono::steady_clock::now() + kPatience;
  for (bool is_refused = false; !is_refused;) {  // servers remember a password for a while
    ASSERT_LT(std::chrono::steady_clock::now(), end);
    proxy.hang_up();
    try {
      store.mset({{"key", text("value")}});
    } catch (const Error& error) {
      is_refused = error.code() == ErrorCode::unauthorized;
    }
  }
  mounted.replace({{"password", "second\n"}});
  await(store);
  use(store);
}

TEST_F(CredentialsTest, AFunctionIsAskedAgain) {
  const auto vault = std::make_shared<Vault>(Credentials{.username = role, .password = "first"});
  auto store = this->store(options(vault));
  use(store);
  change_password();
  vault->set({.username = role, .password = "second", .warning = "everybody knows it"});
  proxy.hang_up();
  await(store);
  use(store);
  EXPECT_GE(vault->asked(), 2);
  EXPECT_THAT(log->first(), HasSubstr("everybody knows it"));
}

TEST_F(CredentialsTest, TheLastOnesServeWhileTheFunctionFails) {
  const auto vault = std::make_shared<Vault>(Credentials{.username = role, .password = "first"});
  auto store = this->store(options(vault));
  vault->fail();
  for (const int before = vault->asked(); vault->asked() == before;) {
    proxy.hang_up();
    await(store);
  }
  use(store);
  EXPECT_THAT(log->first(), HasSubstr("the vault is sealed"));
  EXPECT_THAT(log->first(), Not(HasSubstr("first")));
}

TEST_F(CredentialsTest, AFunctionThatBlocksHoldsUpNoRequest) {
  const auto vault = std::make_shared<Vault>(Credentials{.username = role, .password = "first"});
  auto store = this->store(options(vault));
  vault->block();
  for (const int before = vault->asked(); vault->asked() == before;) {
    proxy.hang_up();
    await(store);
  }
  use(store);
  proxy.hang_up();
  await(store);
  use(store);
  vault->release();
}

TEST_F(CredentialsTest, WithoutAnyConnectingFails) {
  const auto vault = std::make_shared<Vault>(Credentials{});
  const auto nobody = testing::error_of([&] { store(options(vault)); });
  EXPECT_EQ(nobody.code(), ErrorCode::unauthorized);
  EXPECT_THAT(nobody.what(), HasSubstr("no user"));
  vault->fail();
  const auto failed = testing::error_of([&] { store(options(vault)); });
  EXPECT_EQ(failed.code(), ErrorCode::unauthorized);
  EXPECT_THAT(failed.what(), HasSubstr("the vault is sealed"));
}

TEST_F(CredentialsTest, AFileThatOthersCanReadIsAWarning) {
  const testing::TemporaryFolder folder;
  const auto file = folder.path() / "password";
  std::ofstream(file) << "first";
  const auto warnings = [&](fs::perms permissions) {
    fs::permissions(file, permissions);
    return CassandraSession::connect(options(credentials_from_file(role, file.string())))
        ->warnings();
  };
  using enum fs::perms;
  EXPECT_THAT(warnings(owner_read | owner_write), IsEmpty());
  for (const auto more : {group_read, others_read}) {
    EXPECT_THAT(warnings(owner_read | more), ::testing::ElementsAre(HasSubstr(file.string())));
  }
  EXPECT_THAT(log->first(), HasSubstr("other users can read the password file"));
}

}  // namespace
}  // namespace bytestore
