#include "open/store_uri.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/errors.hpp"

namespace bytestore::open_uri {
namespace {

using testing::error_of;
using ::testing::HasSubstr;
using Parameters = std::map<std::string, std::string, std::less<>>;

TEST(StoreUri, HasASchemeAPathAndParameters) {
  const auto uri = parse_store_uri("rocksdb:./data?sync=false&other=1");
  EXPECT_EQ(uri.scheme, "rocksdb");
  EXPECT_EQ(uri.path, "./data");
  EXPECT_EQ(uri.parameters, (Parameters{{"other", "1"}, {"sync", "false"}}));
}

TEST(StoreUri, PathAndParametersMayBeAbsent) {
  const auto uri = parse_store_uri("memory:");
  EXPECT_EQ(uri.scheme, "memory");
  EXPECT_EQ(uri.path, "");
  EXPECT_TRUE(uri.parameters.empty());
  EXPECT_TRUE(parse_store_uri("rocksdb:data?").parameters.empty());
  EXPECT_EQ(parse_store_uri("rocksdb:data?a=").parameters, (Parameters{{"a", ""}}));
}

TEST(StoreUri, IsPercentDecoded) {
  EXPECT_EQ(parse_store_uri("rocksdb:a%20b%3Fc%25d").path, "a b?c%d");
  EXPECT_EQ(parse_store_uri("rocksdb:%C3%A9").path, "\xC3\xA9");
  EXPECT_EQ(parse_store_uri("rocksdb:d?a%3Db=c%26d").parameters, (Parameters{{"a=b", "c&d"}}));
}

TEST(StoreUri, LeavesOtherCharactersAsTheyAre) {
  EXPECT_EQ(parse_store_uri("rocksdb:/a b/c+d#e:f=g&h").path, "/a b/c+d#e:f=g&h");
  EXPECT_EQ(parse_store_uri("rocksdb:d?a=b?c=d+e").parameters, (Parameters{{"a", "b?c=d+e"}}));
  EXPECT_EQ(parse_store_uri("rocksdb://host/path").path, "//host/path");
}

TEST(StoreUri, WhatIsMalformedIsRefused) {
  const std::map<std::string, std::string> problems{
      {"", "scheme"},
      {"data", "scheme"},
      {"rocksdb:a%2", "%25"},
      {"rocksdb:a%zz", "%25"},
      {"rocksdb:a?sync=%", "%25"},
      {"rocksdb:a?sync", "sync=VALUE"},
      {"rocksdb:a%00b", "NUL"},
      {"rocksdb:a?sync=true%00", "NUL"},
      {"rocksdb:a?sync%00=true", "NUL"},
      {{"rocksdb:a\0b", 11}, "NUL"},
      {"rocksdb:a?sync=true&sync=false", "twice"},
  };
  for (const auto& [text, problem] : problems) {
    const auto error = error_of([&] { parse_store_uri(text); });
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument) << text;
    EXPECT_THAT(error.what(), HasSubstr(problem)) << text;
  }
}

TEST(StoreUri, ABackendThatABuildLacksIsTold) {
  EXPECT_NE(how_to_get("cassandra").find("-DBYTESTORE_CASSANDRA=ON"), std::string_view::npos);
  EXPECT_NE(how_to_get("rocksdb").find("-DBYTESTORE_ROCKSDB=ON"), std::string_view::npos);
  for (const auto* const scheme : {"memory", "redis", ""}) EXPECT_EQ(how_to_get(scheme), "");
}

}  // namespace
}  // namespace bytestore::open_uri
