/// A plan gives each key of any table once and in order, whatever the servers answer.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <ostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "support/keys_of_token.hpp"
#include "unit/support/rings.hpp"
#include "unit/support/scan_walk.hpp"

namespace bytestore::cassandra {
namespace {

using testing::KeysOfToken;

constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
constexpr auto kMost = std::numeric_limits<std::int64_t>::max();

/// Failures and pages without keys of a walk: the narrower its parts are, the more steps it takes.
constexpr int kMostTroubles = 300;

/// A table, and how its servers and its reader behave. Chances are in percent.
struct Listing {
  std::vector<std::pair<std::int64_t, std::uint64_t>> keys;  // their tokens, and numbers
  std::size_t page_rows{};
  int empty_page{};
  int too_much{};
  int failure{};     // another one
  int delay{};       // of a retry, and of the reader
  int resumption{};  // that the reader goes on with another plan
  bool with_prefix{};
  std::uint32_t seed{};
};

std::ostream& operator<<(std::ostream& out, const Listing& listing) {
  out << "keys ";
  rc::show(listing.keys, out);
  return out << " rows " << listing.page_rows << " empty " << listing.empty_page << " too much "
             << listing.too_much << " failure " << listing.failure << " delay " << listing.delay
             << " resumption " << listing.resumption << " prefix " << listing.with_prefix
             << " seed " << listing.seed;
}

/// Tokens that keys often share: the ends of the ring, that of no bytes, their neighbours, and any.
rc::Gen<std::int64_t> tokens() {
  const std::vector<std::int64_t> meeting{kLeast, kLeast + 1, kLeast + 2, -1,   0,
                                          1,      2,          kMost - 1,  kMost};
  return rc::gen::weightedOneOf<std::int64_t>(
      {{3, rc::gen::elementOf(meeting)},
       {2, rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::int64_t>())}});
}

rc::Gen<Listing> listings() {
  // Few and many: parts of which nothing else is told than that they are too much are rare else.
  const auto chance = rc::gen::element(0, 10, 50, 80);
  const auto key = rc::gen::pair(tokens(), rc::gen::inRange<std::uint64_t>(0, 30));
  return rc::gen::mapcat(rc::gen::inRange<std::size_t>(0, 60), [=](std::size_t count) {
    return rc::gen::build<Listing>(
        rc::gen::set(
            &Listing::keys,
            rc::gen::container<std::vector<std::pair<std::int64_t, std::uint64_t>>>(count, key)),
        rc::gen::set(&Listing::page_rows, rc::gen::inRange<std::size_t>(1, 6)),
        rc::gen::set(&Listing::empty_page, chance), rc::gen::set(&Listing::too_much, chance),
        rc::gen::set(&Listing::failure, chance),
        rc::gen::set(&Listing::delay, rc::gen::element(0, 30, 90)),
        rc::gen::set(&Listing::resumption, rc::gen::element(0, 5, 20)),
        rc::gen::set(&Listing::with_prefix, rc::gen::element(false, false, true)),
        rc::gen::set(&Listing::seed, rc::gen::arbitrary<std::uint32_t>()));
  });
}

/// Chosen at random, as often as a listing says.
class RandomChoices final : public ScanChoices {
 public:
  explicit RandomChoices(const Listing& listing) : listing_(listing), random_(listing.seed) {}

  PageEnd page_end() override {
    if (has_trouble(listing_.failure)) {
      constexpr PageEnd kFailures[] = {PageEnd::silence, PageEnd::busy, PageEnd::refused};
      return kFailures[random_() % std::size(kFailures)];
    }
    if (has_trouble(listing_.too_much)) return PageEnd::too_much;
    return has_trouble(listing_.empty_page) ? PageEnd::empty_page : PageEnd::page;
  }
  std::size_t request(std::size_t count) override { return random_() % count; }
  bool is_due() override { return !happens(listing_.delay); }
  bool takes() override { return !happens(listing_.delay); }
  std::optional<std::size_t> leaves_after(std::size_t count) override {
    if (!has_trouble(listing_.resumption)) return std::nullopt;
    return 1 + random_() % count;
  }

 private:
  bool happens(int percent) { return std::bernoulli_distribution(percent / 100.0)(random_); }
  bool has_trouble(int percent) {
    return troubles_ < kMostTroubles && happens(percent) && ++troubles_ > 0;
  }

  const Listing& listing_;
  std::mt19937 random_;
  int troubles_ = 0;
};

void expect_all(const Ring& ring, const ScanTable& table, const Listing& listing) {
  const bool has_prefix = listing.with_prefix && !table.empty();
  RandomChoices choices(listing);
  ScanWalk walk(ring, table, listing.page_rows,
                has_prefix ? table.begin()->second.substr(0, 1) : std::string(), choices);
  RC_ASSERT(walk.keys() == walk.expected());
}

TEST(ScanPlanProperties, EachKeyIsGivenOnceInTheOrderOfTheRing) {
  const bool holds = rc::check("each key is given once, in the order of the ring", [] {
    const auto listing = *listings();
    ScanTable table;
    for (const auto& [token, number] : listing.keys) {
      std::string key = KeysOfToken::key(token, number);
      const Token expected = murmur3_token(token == kLeast ? kMost : token);
      RC_ASSERT(murmur3_ring().token_of(key) == expected);
      table.emplace(expected, std::move(key));
    }
    expect_all(murmur3_ring(), table, listing);
  });
  EXPECT_TRUE(holds);
}

/// Keys that have prefixes, zeros and lengths in common, as texts do.
rc::Gen<std::string> similar_keys() {
  const auto bytes = rc::gen::element<char>('\0', '\x01', 'k', '\x7f', '\xf4');
  return rc::gen::map(
      rc::gen::pair(rc::gen::element<std::string>("", "doc:", std::string(9, '\0'), "documents/1"),
                    rc::gen::nonEmpty(rc::gen::container<std::string>(bytes))),
      [](const auto& parts) { return parts.first + parts.second; });
}

TEST(ScanPlanProperties, AndOnRingsOfOtherPartitioners) {
  const bool holds = rc::check("each key is given once, in the order of other rings", [] {
    auto listing = *listings();
    for (const auto partitioner : {Partitioner::random, Partitioner::byte_order}) {
      const Ring& ring = *ring_of(partitioner);
      ScanTable table;
      for (const auto& key : *rc::gen::container<std::vector<std::string>>(similar_keys())) {
        table.emplace(ring.token_of(key), key);
      }
      expect_all(ring, table, listing);
    }
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace bytestore::cassandra
