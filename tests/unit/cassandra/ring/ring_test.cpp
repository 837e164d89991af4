#include "cassandra/ring/ring.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "cassandra/driver/types.hpp"
#include "unit/support/rings.hpp"

namespace bytestore::cassandra {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

const Partitioner kAll[] = {Partitioner::murmur3, Partitioner::random, Partitioner::byte_order};

TEST(PartitionerNames, AreThoseOfClasses) {
  EXPECT_EQ(partitioner_named("org.apache.cassandra.dht.Murmur3Partitioner"), Partitioner::murmur3);
  EXPECT_EQ(partitioner_named("Murmur3Partitioner"), Partitioner::murmur3);
  EXPECT_EQ(partitioner_named("a.b.RandomPartitioner"), Partitioner::random);
  EXPECT_EQ(partitioner_named("a.b.ByteOrderedPartitioner"), Partitioner::byte_order);
  for (const auto name : {"com.amazonaws.cassandra.DefaultPartitioner"sv, "NotMurmur3Partitioner"sv,
                          "a.OrderPreservingPartitioner"sv, ""sv}) {
    EXPECT_EQ(partitioner_named(name), Partitioner::other) << name;
    EXPECT_EQ(ring_of(partitioner_named(name)), nullptr);
  }
  EXPECT_EQ(ring_of(Partitioner::untold), nullptr);
}

// Tokens and bounds as Cassandra 5.0.9 has them.

TEST(RingTest, OfMurmur3) {
  const Ring& ring = murmur3_ring();
  EXPECT_EQ(ring.token_of("a"), ring.read("-8839064797231613815"));
  EXPECT_EQ(ring.token_of("\0"sv), ring.read("5048724184180415669"));
  EXPECT_EQ(ring.bound(ring.whole().after), "\x80\0\0\0\0\0\0\0"s);
  EXPECT_EQ(ring.bound(ring.whole().last), "\x7f\xff\xff\xff\xff\xff\xff\xff"s);
  EXPECT_EQ(ring.bound(murmur3_token(-2)), "\xff\xff\xff\xff\xff\xff\xff\xfe"s);
  EXPECT_EQ(ring.read("-9223372036854775808"), ring.whole().after);
  EXPECT_EQ(ring.read("9223372036854775807"), ring.whole().last);
  EXPECT_EQ(murmur3_number(murmur3_token(-42)), -42);
  for (const auto text : {""sv, "0f"sv, "1 "sv, "9223372036854775808"sv}) {
    EXPECT_EQ(ring.read(text), std::nullopt) << text;
  }
}

TEST(RingTest, OfTheRandomPartitioner) {
  const Ring& ring = random_ring();
  EXPECT_EQ(ring.token_of("a"), ring.read("16955237001963240173058271559858726497"));
  EXPECT_EQ(ring.token_of("\0"sv), ring.read("143927757573010354572009627285182898319"));
  const auto bound = [&](std::string_view number) { return ring.bound(ring.read(number).value()); };
  EXPECT_EQ(bound("-1"), "\xff"s);
  EXPECT_EQ(bound("0"), "\0"s);
  EXPECT_EQ(bound("1"), "\1"s);
  EXPECT_EQ(bound("127"), "\x7f"s);
  EXPECT_EQ(bound("128"), "\0\x80"s);
  EXPECT_EQ(bound("256"), "\1\0"s);
  EXPECT_EQ(bound("170141183460469231731687303715884105727"), "\x7f"s + std::string(15, '\xff'));
  EXPECT_EQ(bound("170141183460469231731687303715884105728"), "\0\x80"s + std::string(15, '\0'));
  EXPECT_EQ(ring.read("-1"), ring.whole().after);
  EXPECT_EQ(ring.read("170141183460469231731687303715884105728"), ring.whole().last);
  for (const auto text : {""sv, "-2"sv, "0f"sv, "1 "sv, "170141183460469231731687303715884105729"sv,
                          "340282366920938463463374607431768211456"sv,
                          "9999999999999999999999999999999999999999999"sv}) {
    EXPECT_EQ(ring.read(text), std::nullopt) << text;
  }
}

TEST(RingTest, OfTheByteOrderedPartitioner) {
  const Ring& ring = byte_order_ring();
  EXPECT_EQ(ring.token_of("key").bytes, "key");
  EXPECT_EQ(ring.bound(ring.whole().after), "");
  EXPECT_EQ(ring.bound(ring.token_of("key")), "key");
  EXPECT_EQ(ring.read("6b65790f"), ring.token_of("key\x0f"));
  EXPECT_EQ(ring.read(""), ring.whole().after);
  EXPECT_EQ(ring.read("6"), std::nullopt);
  EXPECT_EQ(ring.read("no"), std::nullopt);
  for (const auto key : {"\0"sv, "\0\0"sv, "\1"sv, "\xf4\x8f\xbf\xbf"sv}) {
    EXPECT_LT(ring.whole().after, ring.token_of(key));
    EXPECT_LT(ring.token_of(key), ring.whole().last);
  }
}

TEST(RingTest, WhereAListingGoesOn) {
  EXPECT_EQ(murmur3_ring().resume_point(murmur3_token(0)), murmur3_token(-1));
  EXPECT_EQ(murmur3_ring().resume_point(murmur3_token(-256)), murmur3_token(-257));
  EXPECT_EQ(random_ring().resume_point(random_ring().read("0").value_or(Token())),
            random_ring().whole().after);
  EXPECT_EQ(random_ring().resume_point(random_ring().read("65536").value_or(Token())),
            random_ring().read("65535"));
  EXPECT_EQ(byte_order_ring().resume_point({"key"}), Token{"key"});
}

TEST(RingTest, ARangeOfKeysThatBeginAlikeHasAMiddle) {
  const Ring& ring = byte_order_ring();
  const auto middle = [&](std::string after, std::string last) {
    return ring.middle({.after = {std::move(after)}, .last = {std::move(last)}});
  };
  const std::string alike(1'000, 'k');
  EXPECT_EQ(middle(alike + "a", alike + "c"), Token{alike + "b"});
  EXPECT_EQ(middle("", "\xff"), Token{"\x7f\x80"});
  EXPECT_EQ(middle("a", "a\x02"), Token{"a\x01"});
  EXPECT_EQ(middle("a", "a"), std::nullopt);
  EXPECT_EQ(middle("b", "a"), std::nullopt);
  EXPECT_EQ(middle("a", "a\0"s), std::nullopt) << "there is nothing in between";
}

Token arbitrary_token(const Ring& ring) {
  const auto bytes = rc::gen::element<char>('\0', '\1', 'a', '\x7f', '\xf4');
  return ring.token_of("k" + *rc::gen::container<std::string>(bytes));
}

TEST(RingProperties, AMiddleDividesItsRange) {
  const bool holds = rc::check("a middle lies inside its range", [] {
    for (const auto partitioner : kAll) {
      const Ring& ring = *ring_of(partitioner);
      TokenRange range{.after = arbitrary_token(ring), .last = arbitrary_token(ring)};
      RC_ASSERT(ring.whole().after < range.after && range.after <= ring.whole().last);
      if (range.last < range.after) std::swap(range.after, range.last);
      for (int halvings = 0; halvings < 100; ++halvings) {
        const auto middle = ring.middle(range);
        if (!middle) break;
        RC_ASSERT(range.after < *middle && *middle < range.last);
        RC_ASSERT(middle->bytes.size() == range.after.bytes.size() || !ring.share(range));
        (*rc::gen::arbitrary<bool>() ? range.after : range.last) = *middle;
      }
    }
  });
  EXPECT_TRUE(holds);
}

TEST(RingProperties, SharesOfPartsAddUp) {
  const bool holds = rc::check("shares of parts add up to that of the whole", [] {
    for (const auto partitioner : {Partitioner::murmur3, Partitioner::random}) {
      const Ring& ring = *ring_of(partitioner);
      const auto is_about = [](double one, double other) { return std::abs(one - other) < 1e-9; };
      RC_ASSERT(is_about(ring.share(ring.whole()).value(), 1));
      const Token one = arbitrary_token(ring);
      const Token other = arbitrary_token(ring);
      if (one == other) continue;
      RC_ASSERT(is_about(
          *ring.share({.after = one, .last = other}) + *ring.share({.after = other, .last = one}),
          1));
      const auto width = *rc::gen::inRange(1, 1'000) / 32'000.0;
      const auto end = ring.end_of(one, width);
      const double rest = *ring.share({.after = one, .last = ring.whole().last});
      RC_ASSERT(end.has_value() == (rest > width));
      if (end) RC_ASSERT(is_about(*ring.share({.after = one, .last = *end}), width));
    }
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace bytestore::cassandra
