// Listings of keys that share a token, on a real server.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "cassandra/driver/port.hpp"
#include "cassandra_test.hpp"
#include "support/keys_of_token.hpp"

namespace bytestore {
namespace {

using ::testing::ElementsAreArray;
using testing::entries_of;

class EqualTokensTest : public CassandraTest {};

TEST_F(EqualTokensTest, AListingGoesOnAfterAnyOfTheirKeys) {
  std::vector<std::string> keys;
  for (const std::int64_t token : {std::numeric_limits<std::int64_t>::min() + 1, std::int64_t{0},
                                   std::numeric_limits<std::int64_t>::max()}) {
    std::vector<std::string> equal;
    for (std::uint64_t number = 0; equal.size() < 4;) {
      equal.push_back(testing::KeysOfToken::text(token, number));
      ASSERT_EQ(cassandra::token_of(as_bytes(equal.back())), token);
    }
    std::ranges::sort(equal);
    std::ranges::move(equal, std::back_inserter(keys));
  }
  auto kv = store();
  kv.mset(entries_of(keys));
  EXPECT_THAT(testing::walk(kv.yield_keys()), ElementsAreArray(keys));
  for (std::size_t given = 1; given <= keys.size(); ++given) {
    auto view = kv.yield_keys();
    std::size_t read = 0;
    for (auto key = view.begin(); ++read < given; ++key) EXPECT_EQ(*key, keys[read - 1]);
    EXPECT_THAT(testing::walk(kv.yield_keys({.cursor = view.cursor()})),
                ElementsAreArray(keys.begin() + static_cast<std::ptrdiff_t>(given), keys.end()));
  }
}

}  // namespace
}  // namespace bytestore
