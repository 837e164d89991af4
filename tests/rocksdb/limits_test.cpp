/// The largest value.

#include <sys/mman.h>

#include "rocksdb_test.hpp"

namespace bytestore {
namespace {

/// More than a value may have: memory that is promised, but never there.
class TooLarge {
 public:
  static constexpr std::size_t kBytes = (std::size_t{1} << 30) + 1;

  TooLarge()
      : memory_(::mmap(nullptr, kBytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
                       0)) {
    if (memory_ == MAP_FAILED) throw std::bad_alloc();
  }
  ~TooLarge() { ::munmap(memory_, kBytes); }
  TooLarge(const TooLarge&) = delete;
  TooLarge& operator=(const TooLarge&) = delete;

  [[nodiscard]] std::span<const std::byte> bytes() const {
    return {static_cast<const std::byte*>(memory_), kBytes};
  }

  /// How much of it has been read.
  [[nodiscard]] std::size_t pages_touched() const {
    std::vector<unsigned char> pages(kBytes / 4'096 + 1);
    if (::mincore(memory_, kBytes, pages.data()) != 0) throw std::runtime_error("mincore failed");
    return static_cast<std::size_t>(
        std::ranges::count_if(pages, [](unsigned char page) { return (page & 1U) != 0; }));
  }

 private:
  void* memory_;
};

class Limits : public RocksDBTest {};

TEST_F(Limits, AValueOverOneGiBIsRefusedUnreadAndTheOthersAreStored) {
  const auto store = open();
  const TooLarge large;
  const auto error = batch_error_of([&] {
    store->mset({{"a", text("1")}, {"b", large.bytes()}, {"c", text("3")}, {"b", large.bytes()}});
  });
  EXPECT_EQ(error.code(), ErrorCode::too_large);
  EXPECT_THAT(error.what(), ::testing::HasSubstr("1073741824"));
  ASSERT_EQ(error.failures().size(), 2U);
  EXPECT_EQ(error.failures()[0].index, 1U);
  EXPECT_EQ(error.failures()[0].key, "b");
  EXPECT_EQ(error.failures()[0].outcome, Outcome::failed);
  EXPECT_EQ(error.failures()[1].index, 3U);
  EXPECT_LE(large.pages_touched(), 1U) << "but for the place of a magic";
  EXPECT_EQ(store->mget({"a", "b", "c"}), (ByteStore::Values{text("1"), std::nullopt, text("3")}));
}

}  // namespace
}  // namespace bytestore
