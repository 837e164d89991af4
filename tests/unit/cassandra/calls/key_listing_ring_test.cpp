/// What a listing knows of the ring of the servers, and when it asks.

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <variant>

#include "unit/support/key_listing_rig.hpp"

namespace bytestore::cassandra {
namespace {

using ::testing::ElementsAre;

class RingOfAListingTest : public KeyListingRig {};

TEST_F(RingOfAListingTest, APartitionerThatIsNotKnownIsRefusedBeforeAnyPageIsRead) {
  driver().is_plain_by_itself = false;
  for (int step = 0; step < 2; ++step) {
    const auto& page = ask();
    if (step == 0) check_table_out();
    const auto request = driver().take();
    EXPECT_EQ(request.cql, "SELECT partitioner FROM system.local");
    request.answer(make_rows({{"com.amazonaws.cassandra.DefaultPartitioner"}}));
    ASSERT_TRUE(page.is_done());
    EXPECT_EQ(page.result().error->code(), ErrorCode::schema);
    EXPECT_EQ(driver().waiting(), 0U);
  }
}

TEST_F(RingOfAListingTest, BoundsAreThoseOfTheRingThatTheServersHave) {
  driver().is_plain_by_itself = false;
  const auto& page = ask();
  check_table_out();
  driver().take().answer(make_rows({{"org.apache.cassandra.dht.ByteOrderedPartitioner"}}));
  const auto request = driver().take();
  EXPECT_EQ(std::get<std::string>(request.values.at(0)), "");
  EXPECT_EQ(std::get<std::string>(request.values.at(1)), "\xff");
  EXPECT_EQ(driver().waiting(), 0U) << "all of the ring is one part";
  request.answer(rows({"a"}));
  EXPECT_THAT(page.result().keys, ElementsAre("a"));
  EXPECT_EQ(session_->partitioner(), Partitioner::byte_order);
}

TEST_F(RingOfAListingTest, WhatWasToldWhileConnectingIsNotAskedForAgain) {
  connect({.partitioner = Partitioner::random});
  driver().is_plain_by_itself = false;
  table_ = make_table();
  table_->setup().skip();
  scan = std::make_unique<KeyListing>(table_, "", "");
  ask();
  check_table_out();
  const auto request = driver().take();
  EXPECT_THAT(request.cql, ::testing::StartsWith("SELECT DISTINCT row_id"));
  EXPECT_EQ(std::get<std::string>(request.values.at(0)), "\xff") << "-1 as a varint";
  request.answer();
  while (driver().waiting() > 0) driver().take().answer();
}

TEST_F(RingOfAListingTest, ACursorThatWasReadBeforeTheRingWasKnownMustBeOfIt) {
  driver().is_plain_by_itself = false;
  scan = std::make_unique<KeyListing>(table_, "", "key");
  for (int step = 0; step < 2; ++step) {
    const auto& page = ask();
    if (step == 0) {
      check_table_out();
      driver().take().answer(make_rows({{"org.apache.cassandra.dht.RandomPartitioner"}}));
    }
    ASSERT_TRUE(page.is_done());
    EXPECT_EQ(page.result().error->code(), ErrorCode::invalid_argument);
  }
  EXPECT_EQ(driver().waiting(), 0U);
  scan = std::make_unique<KeyListing>(table_, "", "key");
  ask();
  while (driver().waiting() > 0) driver().take().answer();
}

TEST_F(RingOfAListingTest, ThePartitionerIsAskedForOnceByAllListingsOfAStore) {
  driver().is_plain_by_itself = false;
  ask();
  check_table_out();
  driver().take().answer(make_rows({{"org.apache.cassandra.dht.Murmur3Partitioner"}}));
  driver().take().answer();  // of a range without keys
  KeyListing other(table_, "", "");
  KeepingSink<core::PageResult> page;
  other.next_page(call(), page);
  while (driver().waiting() > 0) {
    const auto request = driver().take();
    EXPECT_THAT(request.cql, ::testing::StartsWith("SELECT DISTINCT row_id"));
    request.answer();
  }
  EXPECT_TRUE(page.is_done());
}

}  // namespace
}  // namespace bytestore::cassandra
