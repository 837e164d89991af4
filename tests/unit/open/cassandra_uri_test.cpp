#include "bytestore/cassandra_uri.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "bytestore/open.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

namespace bytestore {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string problem_of(std::string_view text) {
  return testing::error_of([&] { static_cast<void>(cassandra_target(text)); }).what();
}

TEST(CassandraUri, HasDefaults) {
  const auto target = cassandra_target("cassandra://localhost/app?table=kv");
  EXPECT_THAT(target.session.contact_points, ElementsAre("localhost"));
  EXPECT_EQ(target.session.keyspace, "app");
  EXPECT_EQ(target.table, "kv");
  EXPECT_EQ(target.session.consistency, Consistency::local_quorum);
  EXPECT_EQ(target.store.setup_mode, SetupMode::sync);
  EXPECT_FALSE(target.session.tls);
  EXPECT_TRUE(target.session.username.empty());
}

TEST(CassandraUri, HasASchemeInAnyCase) {
  for (const auto* const scheme : {"Cassandra", "CASSANDRA"}) {
    const auto target = cassandra_target(std::string(scheme) + "://u:pass@Host/app?table=kv");
    EXPECT_THAT(target.session.contact_points, ElementsAre("Host"));
    EXPECT_EQ(target.session.password, "pass");
  }
}

TEST(CassandraUri, OfAnotherStoreIsRefused) {
  EXPECT_THAT(problem_of("rocksdb:./data"), HasSubstr("is not on Cassandra"));
}

TEST(CassandraUri, NamesSeveralHosts) {
  EXPECT_THAT(cassandra_target("cassandra://a,10.0.0.2:9043,[::1],[fe80::1]:9044/app?table=kv")
                  .session.contact_points,
              ElementsAre("a", "10.0.0.2:9043", "::1", "[fe80::1]:9044"));
}

TEST(CassandraUri, HasParameters) {
  const auto target = cassandra_target(
      "cassandra://h/"
      "app?table=%22KV%22&consistency=one&local_dc=dc1"
      "&compression=lz4&setup=off&grouping=off&application_name=mine&tls_ca=/"
      "ca.pem&tls_certificate=/c.pem"
      "&tls_key=/k.pem&tls_verify=name:db.example");
  EXPECT_EQ(target.table, "\"KV\"");
  EXPECT_EQ(target.session.consistency, Consistency::one);
  EXPECT_EQ(target.session.local_datacenter, "dc1");
  EXPECT_EQ(target.session.compression, ProtocolCompression::lz4);
  EXPECT_EQ(target.session.application_name, "mine");
  EXPECT_EQ(target.store.setup_mode, SetupMode::off);
  EXPECT_EQ(target.store.grouping, Grouping::off);
  ASSERT_TRUE(target.session.tls);
  EXPECT_EQ(target.session.tls->ca_file, "/ca.pem");
  EXPECT_EQ(target.session.tls->certificate_file, "/c.pem");
  EXPECT_EQ(target.session.tls->key_file, "/k.pem");
  EXPECT_EQ(target.session.tls->verify, TlsVerify::name);
  EXPECT_EQ(target.session.tls->name, "db.example");
}

TEST(CassandraUri, TellsWhereNodesAreReached) {
  const auto map = cassandra_target(
                       "cassandra://h/app?table=kv&address_map=172.17.0.3=127.0.0.1:19043,"
                       "%5Bfd00::4%5D:9042=[::1]:19044")
                       .session.address_map;
  ASSERT_EQ(map.size(), 2U);
  EXPECT_EQ(map[0].announced, "172.17.0.3");
  EXPECT_EQ(map[0].reachable, "127.0.0.1:19043");
  EXPECT_EQ(map[1].announced, "[fd00::4]:9042");
  EXPECT_EQ(map[1].reachable, "[::1]:19044");
  const auto error = testing::error_of([] {
    static_cast<void>(cassandra_target("cassandra://h/app?table=kv&address_map=10.0.0.1=a:1,b"));
  });
  EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
  EXPECT_THAT(error.what(), HasSubstr("entry 2 of the parameter address_map"));
}

TEST(CassandraUri, HasTimesAndThreads) {
  const auto session = cassandra_target(
                           "cassandra://h/app?table=kv&connect_timeout=500ms"
                           "&attempt_timeout=2s&give_up_after=3000ms&worker_threads=2")
                           .session;
  EXPECT_EQ(session.connect_timeout, std::chrono::milliseconds{500});
  EXPECT_EQ(session.attempt_timeout, std::chrono::seconds{2});
  EXPECT_EQ(session.give_up_after, std::chrono::seconds{3});
  EXPECT_EQ(session.worker_threads, 2);
}

TEST(CassandraUri, HasTheSizesOfGroups) {
  const auto store = cassandra_target(
                         "cassandra://h/app?table=kv&read_group_keys=20&write_group_rows=30"
                         "&write_group_bytes=40000")
                         .store;
  EXPECT_EQ(store.read_group_keys, 20U);
  EXPECT_EQ(store.write_group_rows, 30U);
  EXPECT_EQ(store.write_group_bytes, 40'000U);
  const auto unset = cassandra_target("cassandra://h/app?table=kv").store;
  EXPECT_EQ(unset.read_group_keys, CassandraOptions{}.read_group_keys);
  EXPECT_EQ(unset.write_group_rows, CassandraOptions{}.write_group_rows);
  EXPECT_EQ(unset.write_group_bytes, CassandraOptions{}.write_group_bytes);
  for (const std::string name : {"read_group_keys", "write_group_rows"}) {
    for (const auto* const number : {"0", "101", "-1", "two", "2x"}) {
      EXPECT_THAT(problem_of("cassandra://h/app?table=kv&" + name + "=" + number),
                  ::testing::AllOf(HasSubstr(name), HasSubstr("from 1 to 100")))
          << number;
    }
  }
  EXPECT_THAT(problem_of("cassandra://h/app?table=kv&write_group_bytes=0"), HasSubstr("from 1 to"));
}

TEST(CassandraUri, HasWhatIsSaidOfClocks) {
  EXPECT_FALSE(cassandra_target("cassandra://h/app?table=kv").session.allow_clock_difference);
  for (const bool allows : {true, false}) {
    const auto* const value = allows ? "true" : "false";
    const auto target = cassandra_target(
        std::string("cassandra://h/app?table=kv&timestamps=server&allow_clock_difference=") +
        value);
    EXPECT_EQ(target.session.allow_clock_difference, allows);
    EXPECT_EQ(target.store.timestamps, Timestamps::server);
  }
  EXPECT_THAT(problem_of("cassandra://h/app?table=kv&allow_clock_difference=1"),
              HasSubstr("valid: true false"));
}

TEST(CassandraUri, TimesAndNumbersThatAreNoneAreRefused) {
  for (const auto* const time : {"10", "s", "0s", "-1s", "1m", "1.5s", "9223372036854775807s"}) {
    EXPECT_THAT(problem_of(std::string("cassandra://h/app?table=kv&attempt_timeout=") + time),
                HasSubstr("such as 500ms or 10s"))
        << time;
  }
  for (const auto* const number : {"0", "-1", "two", "2x", "65536"}) {
    EXPECT_THAT(problem_of(std::string("cassandra://h/app?table=kv&worker_threads=") + number),
                HasSubstr("from 1 to 65535"))
        << number;
  }
}

TEST(CassandraUri, ABracketThatIsMissingIsNamed) {
  for (const auto* const host : {"[::1", "::1]", "[::1:9042", "a]"}) {
    EXPECT_THAT(problem_of(std::string("cassandra://") + host + "/app?table=kv"),
                HasSubstr("lacks a bracket"))
        << host;
  }
}

TEST(CassandraUri, ATableNameIsCheckedBeforeAnyIo) {
  const auto error = testing::error_of(
      [] { bytestore::open("cassandra://host.invalid/app?table=a-b&connect_timeout=100ms"); });
  EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
  EXPECT_THAT(error.what(), HasSubstr("name of a table"));
}

TEST(CassandraUri, ValuesHaveNamesInAnyCase) {
  const auto target =
      cassandra_target("cassandra://h/app?table=kv&consistency=Local_ONE&compression=LZ4");
  EXPECT_EQ(target.session.consistency, Consistency::local_one);
  EXPECT_EQ(target.session.compression, ProtocolCompression::lz4);
}

TEST(CassandraUri, ValuesThatAreNotValidAreRefusedWithThoseThatAre) {
  EXPECT_THAT(problem_of("cassandra://h/app?table=kv&consistency=most"), HasSubstr("local_quorum"));
  EXPECT_THAT(problem_of("cassandra://h/app?table=kv&compression=zip"), HasSubstr("snappy"));
  EXPECT_THAT(problem_of("cassandra://h/app?table=kv&setup=async"), HasSubstr("sync off"));
  EXPECT_THAT(problem_of("cassandra://h/app?table=kv&tls_ca=a&tls_verify=no"), HasSubstr("chain"));
  EXPECT_THAT(problem_of("cassandra://h/app?table=kv&tls_verify=ip"), HasSubstr("tls_ca"));
}

TEST(CassandraUri, WhatMayBeAPasswordAmongTheHostsIsRefusedUnseen) {
  for (const auto* const uri :
       {"cassandra://u:s3cret%40h/app?table=kv", "cassandra://u:s3cret/app?table=kv",
        "cassandra://[::1]:s3cret/app?table=kv", "cassandra://s3cret%40h/app?table=kv"}) {
    const auto problem = problem_of(uri);
    EXPECT_THAT(problem, HasSubstr("USER:PASSWORD@"));
    EXPECT_THAT(problem, ::testing::Not(HasSubstr("s3cret")));
  }
}

TEST(CassandraUri, UnknownParametersAreRefused) {
  for (const auto* const parameter : {"consistancy=one", "serial_consistency=serial"}) {
    const auto error =
        testing::error_of([&] { open(std::string("cassandra://h/app?table=kv&") + parameter); });
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    EXPECT_THAT(error.what(), HasSubstr("consistency"));
  }
}

TEST(CassandraUri, HasToBeComplete) {
  for (const auto* const text :
       {"cassandra:", "cassandra:h/app?table=kv", "cassandra://h?table=kv",
        "cassandra://h/?table=kv", "cassandra:///app?table=kv", "cassandra://a,,b/app?table=kv",
        "cassandra://h/app", "cassandra://h/app?table=%", "cassandra://h/app?table=",
        "cassandra://h/app?table=kv&local_dc=", "cassandra://h/app?table=kv&tls_verify=",
        "cassandra://@h/app?table=kv", "cassandra://:secret@h/app?table=kv"}) {
    EXPECT_EQ(testing::code_of([&] { static_cast<void>(cassandra_target(text)); }),
              ErrorCode::invalid_argument)
        << text;
  }
}

class Password : public ::testing::Test {
 protected:
  void SetUp() override { ::setenv("CASSANDRA_PASSWORD", "from the environment", 1); }
  void TearDown() override { ::unsetenv("CASSANDRA_PASSWORD"); }
};

TEST_F(Password, IsTakenFromTheUri) {
  const auto target = cassandra_target("cassandra://a%40b:s%3Ae%2Fc%3Fr%40t@h/app?table=kv");
  EXPECT_EQ(target.session.username, "a@b");
  EXPECT_EQ(target.session.password, "s:e/c?r@t");
}

TEST_F(Password, OfAFileIsReadEachTime) {
  const testing::TemporaryFolder folder;
  const auto file = folder.path() / "password";
  std::ofstream(file) << "the first";
  const auto session =
      cassandra_target("cassandra://u@h/app?table=kv&password_file=" + file.string()).session;
  EXPECT_EQ(session.credentials().username, "u");
  std::ofstream(file) << "another";
  EXPECT_EQ(session.credentials().password, "another");
}

TEST_F(Password, OfAFileThatOthersCanReadIsAWarning) {
  const testing::TemporaryFolder folder;
  const auto file = folder.path() / "password";
  std::ofstream(file) << "secret";
  const auto session =
      cassandra_target("cassandra://u@h/app?table=kv&password_file=" + file.string()).session;
  using enum std::filesystem::perms;
  for (const auto others : {none, group_read, others_read, group_write}) {
    std::filesystem::permissions(file, owner_read | others);
    const bool is_read = others == group_read || others == others_read;
    const auto warning = session.credentials().warning;
    EXPECT_EQ(warning.empty(), !is_read) << warning;
    EXPECT_EQ(warning.find("secret"), std::string::npos);
  }
}

TEST_F(Password, IsTakenFromTheFile) {
  const testing::TemporaryFolder folder;
  const auto file = folder.path() / "password";
  std::ofstream(file) << "from the file\nand no more\n";
  EXPECT_EQ(cassandra_target("cassandra://u@h/app?table=kv&password_file=" + file.string())
                .session.credentials()
                .password,
            "from the file");
  EXPECT_THAT(problem_of("cassandra://u@h/app?table=kv&password_file=/no/such/file"),
              HasSubstr("/no/such/file"));
  EXPECT_THAT(problem_of("cassandra://h/app?table=kv&password_file=/file"), HasSubstr("no user"));
  EXPECT_THAT(problem_of("cassandra://u:secret@h/app?table=kv&password_file=/file"),
              Not(HasSubstr("secret")));
}

TEST_F(Password, IsTakenFromTheEnvironmentForAUser) {
  EXPECT_EQ(cassandra_target("cassandra://u@h/app?table=kv").session.password,
            "from the environment");
  EXPECT_EQ(cassandra_target("cassandra://h/app?table=kv").session.password, "");
}

TEST_F(Password, IsNeverShown) {
  for (const auto* const text : {
           "cassandra://u:secret@h?table=kv",
           "cassandra://u:secret@h/app",
           "cassandra://u:sec?secret@h/app?table=kv",
           "cassandra://u:sec/secret@h/app?table=kv",
           "cassandra://u:sec@secret@h/app?table=kv",
           "cassandra://u:sec:secret@h/app?table=kv",
           "cassandra://u:sec&secret=1@h/app?table=kv",
           "cassandra://u:secret%@h/app?table=kv",
           "cassandra://u:secret@h/app?table=kv&no=1",
           "cassandra:u:secret@h/app?table=kv",
       }) {
    EXPECT_THAT(testing::error_of([&] { open(text); }).what(), Not(HasSubstr("secret"))) << text;
    EXPECT_THAT(redacted(text), Not(HasSubstr("secret")));
  }
}

}  // namespace
}  // namespace bytestore
