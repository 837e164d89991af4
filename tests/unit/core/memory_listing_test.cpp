/// A page of the memory store is bounded in bytes, not in keys alone.

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/use_future.hpp>
#include <string>
#include <vector>

#include "bytestore/async.hpp"
#include "bytestore/keys.hpp"
#include "bytestore/memory_byte_store.hpp"

namespace bytestore {
namespace {

TEST(MemoryListing, APageOfLongKeysIsShort) {
  constexpr std::size_t kManyKeys = 50;
  constexpr std::size_t kMostBytes = (std::size_t{1} << 20) + kMaxKeyBytes;
  MemoryByteStore store;
  for (std::size_t i = 10; i < 10 + kManyKeys; ++i) {
    store.mset({{std::string(kMaxKeyBytes - 2, 'k') + std::to_string(i), {}}});
  }
  auto stream = store.ayield_keys();
  std::vector<std::string> seen;
  for (;;) {
    const auto page = stream.next_page(boost::asio::use_future).get();
    if (page.empty()) break;
    EXPECT_LE(page.size() * kMaxKeyBytes, kMostBytes);
    seen.insert(seen.end(), page.begin(), page.end());
  }
  EXPECT_EQ(seen.size(), kManyKeys);
  EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end()) << "each once, in order";
}

}  // namespace
}  // namespace bytestore
