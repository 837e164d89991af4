/// Whatever stands for a URI, its password is neither shown nor repeated by an error.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <utility>
#include <vector>

#include "bytestore/cassandra_uri.hpp"
#include "bytestore/error.hpp"
#include "bytestore/open.hpp"
#include "support/errors.hpp"

namespace bytestore {
namespace {

using testing::error_of;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kSecret = "s3cret";

TEST(Redacted, ShowsWhatIsNoPassword) {
  const std::pair<const char*, const char*> shown[] = {
      {"cassandra://u:secret@h:9042/app?table=kv", "cassandra://u:***@h:9042/app?table=kv"},
      {"Cassandra://u:secret@h/app", "Cassandra://u:***@h/app"},
      {"  cassandra://u:secret@h/app", "  cassandra://u:***@h/app"},
      {"redis://u:secret@h", "redis:***@h"},
      {"//u:secret@h", "//u:***@h"},
      {"u://secret@h", "u:***@h"},
      {"u:secret@h", "u:***@h"},
      {"cassandra:u:secret@h", "cassandra:***@h"},
      {"cassandra://u%3Asecret@h/app", "cassandra://u%3A***@h/app"},
      {"cassandra://u:@h/app", "cassandra://u:***@h/app"},
      {"cassandra://u:sec//r@e:t@h/app", "cassandra://u:***@h/app"},
      {"cassandra://u:secret/app?table=kv", "cassandra://u:***"},
      {"cassandra://u:12secret%40h/app", "cassandra://u:***"},
      {"cassandra://a:9042,u:secret/app", "cassandra://a:9042,u:***"},
      {"cassandra://u:se:cret/app", "cassandra://u:***"},
      {"cassandra://[::1]:secret/app", "cassandra://[::1]:***"},
      {"rocksdb://u:secret@h", "rocksdb://u:***@h"},
      {"rocksdb:./a//b:c@d", "rocksdb:***@d"},
  };
  for (const auto& [uri, expected] : shown) EXPECT_EQ(redacted(uri), expected);
  for (const auto* const uri :
       {"cassandra://h:9042/app?table=kv", "cassandra://u@h:9042/app?table=kv",
        "cassandra://a,10.0.0.2:9043,[::1],[fe80::1]:9044,fe80::1/app?table=a:b", "rocksdb:./a:b@c",
        "ROCKSDB:/a:b@c", "rocksdb://a:b/c", "memory:", "", ":", "@", "//",
        "cassandra:", "cassandra", "u@h", "user:word"}) {
    EXPECT_EQ(redacted(uri), uri);
  }
}

/// Pieces of texts: what URIs are made of, with more of what takes them apart.
rc::Gen<std::string> junk() {
  const auto pieces = rc::gen::elementOf(std::vector<std::string>{
      ":",   "/",        "//",  "?",    "#",        "&",    "=",  "%", "%40",  "%3A",
      "%00", "@",        ",",   "[",    "]",        " ",    "\n", "a", "host", "9042",
      "::1", "table=kv", "app", "sync", "\xC3\xA9", "\xFF", "\"", "'", "\\"});
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(pieces),
                      [](const std::vector<std::string>& parts) {
                        std::string text;
                        for (const auto& part : parts) text += part;
                        return text;
                      });
}

std::string without(std::string text, const std::string& what) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what)) text.erase(at, 1);
  return text;
}

/// Something with the secret in it, between a colon and an `@`.
std::string secret_part() { return ':' + *junk() + kSecret + *junk() + '@'; }

std::string after_password() {
  const auto likely = rc::gen::element<std::string>("h/app?table=kv", "h:9042/app?table=kv&no=1");
  return without(*rc::gen::oneOf(junk(), likely), "@");
}

/// Calls what takes a URI. What it throws must not have the secret; returns whether it threw.
template <typename Take>
bool is_refused(const Take& take) {
  try {
    take();
  } catch (const Error& error) {
    RC_ASSERT(error.code() == ErrorCode::invalid_argument);
    RC_ASSERT(std::string(error.what()).find(kSecret) == std::string::npos);
    return true;
  }
  return false;
}

void is_hidden_everywhere(const std::string& text) {
  RC_LOG() << "the text: " << text << '\n';
  RC_ASSERT(redacted(text).find(kSecret) == std::string::npos);
  is_refused([&] { local_folder(text); });
  // One that is valid would be connected to.
  if (!is_refused([&] { cassandra_target(text); })) return;
  RC_ASSERT(is_refused([&] { open(text, {.create_if_missing = false}); }));
}

TEST(AnyPassword, AfterTwoSlashesIsHidden) {
  const bool holds = rc::check("a password after // is hidden", [] {
    const auto scheme = *rc::gen::oneOf(
        rc::gen::element<std::string>("cassandra:", "Cassandra:", " cassandra:", "\tCASSANDRA:",
                                      "cassandra", "rocksdb:", "RocksDB:", "memory:", "redis:", "",
                                      ":", "1:", "no scheme:", "cassandra:/"),
        rc::gen::map(junk(), [](const std::string& text) { return without(text, "//"); }));
    const auto user = without(*junk(), ":");
    is_hidden_everywhere(scheme + "//" + user + secret_part() + after_password());
  });
  EXPECT_TRUE(holds);
}

TEST(AnyPassword, WithoutTwoSlashesIsHidden) {
  const bool holds = rc::check("a password without // is hidden", [] {
    const auto scheme =
        *rc::gen::element<std::string>("", " ", "cassandra:", "Cassandra:", "/", "cassandra:/");
    is_hidden_everywhere(scheme + *rc::gen::element<std::string>("user", "", "u s") +
                         secret_part() + after_password());
  });
  EXPECT_TRUE(holds);
}

TEST(AnyPassword, WhoseAtIsMissingIsHidden) {
  for (const std::string after :
       {"", "/app?table=kv", "%40h/app?table=kv", "?table=kv", ",h/app"}) {
    for (const std::string before : {"", "9042", "a:", "[", "x?", "x/", "x/?a=1&"}) {
      const auto uri = "cassandra://u:" + before + kSecret + after;
      EXPECT_THAT(redacted(uri), Not(HasSubstr(kSecret))) << uri;
      const auto error = error_of([&] { open(uri); });
      EXPECT_EQ(error.code(), ErrorCode::invalid_argument) << uri;
      EXPECT_THAT(error.what(), Not(HasSubstr(kSecret))) << uri;
    }
  }
}

TEST(AnyPassword, InPlaceOfASchemeIsNotRepeated) {
  for (const auto* const uri : {"s3cret@h:9042", "//s3cret:9042", " s3cret:", "s3cret/h:a"}) {
    EXPECT_THAT(error_of([&] { open(uri); }).what(), Not(HasSubstr(kSecret))) << uri;
    EXPECT_THAT(error_of([&] { cassandra_target(uri); }).what(), Not(HasSubstr(kSecret))) << uri;
  }
}

TEST(AnyPassword, InAnotherUriIsRefusedAndTheReasonSaid) {
  for (const auto* const uri : {"rocksdb://u:s3cret@h/app", "redis://u:s3cret@h", "u:s3cret@h",
                                "memory://u:s3cret@h", "//u:s3cret@h"}) {
    const auto error = error_of([&] { open(uri, {.create_if_missing = false}); });
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument) << uri;
    EXPECT_THAT(error.what(), HasSubstr("cassandra://HOST")) << uri;
    EXPECT_THAT(error.what(), Not(HasSubstr(kSecret))) << uri;
  }
}

}  // namespace
}  // namespace bytestore
