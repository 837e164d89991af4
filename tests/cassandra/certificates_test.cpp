// Certificates that are renewed under a session, on a server that asks for them. Its connections
// are cut, so that the session has to make new ones.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <thread>

#include "cassandra_test.hpp"
#include "driver/proxy.hpp"
#include "support/kept_log.hpp"
#include "support/mounted_files.hpp"

namespace bytestore {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::text;

/// Over this, something hangs.

std::string content_of(const std::filesystem::path& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

class CertificatesTest : public ::testing::Test {
 protected:
  CertificatesTest() {
    auto options = cassandra::through(proxy);
    options.keyspace = "bytestore_test";
    options.attempt_timeout = std::chrono::seconds{10};
    options.give_up_after = std::chrono::seconds{1};  // so that a call tells soon what is wrong
    options.tls->ca_file = mounted.file("ca");
    options.tls->certificate_file = mounted.file("certificate");
    options.tls->key_file = mounted.file("key");
    options.log = [log = log](std::string_view message) {
      if (message.starts_with("a file of TLS")) log->add(message);
    };
    store = std::make_unique<CassandraByteStore>(
        testing::new_table_name(), CassandraOptions{.session = CassandraSession::connect(options)});
  }

  /// Has the session make new connections with these files, until `is_wanted` of what a write says;
  /// nothing where it succeeds.
  void await(const std::function<bool(std::string_view)>& is_wanted) {
    proxy.hang_up();
    const auto end = std::chrono::steady_clock::now() + kPatience;
    for (std::string said;;) {
      said.clear();
      try {
        store->mset({{"key", text("value")}});
      } catch (const Error& error) {
        said = error.what();
      }
      if (is_wanted(said)) return;
      ASSERT_LT(std::chrono::steady_clock::now(), end) << said;
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
  }

  void await_success() {
    await([](std::string_view said) { return said.empty(); });
  }

  void await_refusal(std::string_view words) {
    await([&](std::string_view said) { return said.find(words) != std::string_view::npos; });
  }

  const testing::CassandraServer::Tls tls = testing::cassandra_server().tls.value();
  const std::filesystem::path untrusted = std::filesystem::path(tls.untrusted_ca).parent_path();
  const testing::MountedFiles::Contents good{{"ca", content_of(tls.ca)},
                                             {"certificate", content_of(tls.certificate)},
                                             {"key", content_of(tls.key)}};
  testing::MountedFiles mounted{good};
  cassandra::Proxy proxy = cassandra::proxied_server();
  std::shared_ptr<testing::KeptLog> log = std::make_shared<testing::KeptLog>();
  std::unique_ptr<CassandraByteStore> store;
};

TEST_F(CertificatesTest, NewConnectionsTrustWhomTheFileNamesNow) {
  auto other = good;
  other["ca"] = content_of(untrusted / "ca.pem");
  mounted.replace(other);
  await_refusal("certificate");
  mounted.replace(good);
  await_success();
}

TEST_F(CertificatesTest, NewConnectionsShowWhatIsInTheFilesNow) {
  auto other = good;
  other["certificate"] = content_of(untrusted / "client.pem");
  other["key"] = content_of(untrusted / "client.key");
  mounted.replace(other);
  // The server says why, or only hangs up.
  await([](std::string_view said) { return !said.empty(); });
  mounted.replace(good);
  await_success();
}

TEST_F(CertificatesTest, BrokenFilesLeaveTheLastOnesInForce) {
  auto broken = good;
  broken["certificate"] = good.at("certificate").substr(0, 100);
  mounted.replace(broken);
  await_success();
  EXPECT_THAT(log->first(),
              AllOf(HasSubstr("stays in force"), HasSubstr(mounted.file("certificate"))));

  // A certificate that came before its key.
  broken["certificate"] = content_of(untrusted / "client.pem");
  mounted.replace(broken);
  await_success();
}

}  // namespace
}  // namespace bytestore
