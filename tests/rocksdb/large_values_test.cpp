/// Large values are kept in files of their own: listings do not read them, and they are as safe as
/// others.

#include "bytes_read.hpp"
#include "rocksdb_test.hpp"

namespace bytestore {
namespace {

constexpr std::size_t kValues = 200;
constexpr std::size_t kLarge = 100'000;
constexpr std::size_t kMedium = 50'000;

class LargeValues : public RocksDBTest {
 protected:
  void write(std::size_t bytes) {
    const auto store = open({.sync = false});
    for (std::size_t i = 0; i < kValues; ++i) {
      keys_.push_back("key" + std::to_string(1'000 + i));
      values_.emplace_back(noise(bytes, i));
      store->mset({{keys_.back(), *values_.back()}});
    }
    store->close();
  }

  [[nodiscard]] std::vector<std::filesystem::path> value_files() const {
    return files("", ".blob");
  }

  std::vector<std::string> keys_;
  ByteStore::Values values_;
};

TEST_F(LargeValues, AreReadAsTheyWereWritten) {
  write(kLarge);
  EXPECT_FALSE(value_files().empty());
  const auto store = open();
  EXPECT_EQ(store->mget(keys_), values_);
  for (std::size_t i = 0; i < kValues; i += 50) {
    EXPECT_EQ(store->mget({keys_[i]})[0], values_[i]);
  }
}

TEST_F(LargeValues, AreNotReadByAListing) {
  write(kLarge);
  const auto store = open();
  const auto before = bytes_read();
  EXPECT_EQ(walk(store->yield_keys()), keys_);
  EXPECT_LT(bytes_read() - before, kValues * kLarge / 20);
}

TEST_F(LargeValues, AreNotReadByAListingAfterThemselves) {
  write(kLarge);
  const auto store = open();
  EXPECT_EQ(store->mget(keys_), values_);  // their files are open now
  const auto before = bytes_read();
  EXPECT_EQ(walk(store->yield_keys()), keys_);
  EXPECT_LT(bytes_read() - before, kValues * kLarge / 20);
  EXPECT_EQ(store->mget(keys_), values_);
}

TEST_F(LargeValues, AreListedBetweenSmallOnes) {
  write(kLarge);
  const auto store = open();
  std::vector<std::string> expected = keys_;
  for (std::size_t i = 0; i < kValues; i += 3) {
    store->mset({{keys_[i] + "x", text("small")}});
    store->mdelete({keys_[i]});
    std::ranges::replace(expected, keys_[i], keys_[i] + "x");
  }
  EXPECT_EQ(walk(store->yield_keys()), expected);
  store->close();
  EXPECT_EQ(walk(open()->yield_keys()), expected);
}

TEST_F(LargeValues, OfMediumSizeAreReadInSmallPages) {
  write(kMedium);
  const auto store = open();
  const auto before = bytes_read();
  auto keys = store->yield_keys();
  EXPECT_EQ(*keys.begin(), keys_[0]);
  EXPECT_LT(bytes_read() - before, kValues * kMedium / 3);
}

TEST_F(LargeValues, OfAFolderThatHasThemInItsTables) {
  write(100);
  keys_.push_back("large");
  values_.emplace_back(noise(kLarge, 7));
  {
    const auto database = open_database();  // as version 0.1 writes them
    const auto stored = std::string("\x01\x00", 2) + std::string(values_.back()->view());
    ASSERT_TRUE(database->Put({}, keys_.back(), stored).ok());
    ASSERT_TRUE(database->Flush({}).ok());
  }
  EXPECT_TRUE(value_files().empty());
  const auto store = open();
  EXPECT_EQ(store->mget(keys_), values_);
  EXPECT_EQ(walk(store->yield_keys()), keys_);
}

TEST_F(LargeValues, ThatAreDamagedAreCorrupt) {
  write(kLarge);
  auto files = value_files();
  ASSERT_FALSE(files.empty());
  auto content = read_file(files[0]);
  content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 0x40);
  write_file(files[0], content);
  const auto store = open();
  const auto error = batch_error_of([&] { store->mget(keys_); });
  EXPECT_EQ(error.code(), ErrorCode::corrupt);
  ASSERT_EQ(error.failures().size(), 1U);
  values_[error.failures()[0].index].reset();
  EXPECT_EQ(error.values(), values_);
  EXPECT_EQ(walk(store->yield_keys()), keys_) << "so that the others can be exported";
}

TEST_F(LargeValues, WhoseFileIsGoneAreCorrupt) {
  write(kLarge);
  for (const auto& file : value_files()) std::filesystem::remove(file);
  const auto code = code_of([&] {
    const auto store = open();
    EXPECT_EQ(walk(store->yield_keys()), keys_);
    store->mget(keys_);
  });
  EXPECT_EQ(code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace bytestore
