/// Damaged files are reported as `corrupt`, for as few keys as possible, and crash nothing.

#include "rocksdb_test.hpp"

namespace bytestore {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kValues = 50;
constexpr std::size_t kValueBytes = 16'384;
constexpr std::size_t kDamaged = 20;

class Corruption : public RocksDBTest {
 protected:
  Corruption() {
    for (std::size_t i = 0; i < kValues; ++i) {
      keys_.push_back("key" + std::to_string(100 + i));
      values_.emplace_back(noise(kValueBytes, i));
    }
    const auto store = open();
    for (std::size_t i = 0; i < kValues; ++i) store->mset({{keys_[i], *values_[i]}});
  }

  /// Has everything in the log again, as after the end of a process that did not close its store.
  void leave_unclosed() const {
    std::filesystem::remove_all(path());
    const auto store = open();
    for (std::size_t i = 0; i < kValues; ++i) store->mset({{keys_[i], *values_[i]}});
    const auto image = path().string() + ".image";
    std::filesystem::copy(path(), image);
    store->close();
    std::filesystem::remove_all(path());
    std::filesystem::rename(image, path());
  }

  [[nodiscard]] std::vector<std::filesystem::path> tables() const { return files("", ".sst"); }
  [[nodiscard]] std::vector<std::filesystem::path> logs() const { return files("", ".log"); }

  std::vector<std::string> keys_;
  ByteStore::Values values_;
};

TEST_F(Corruption, OfATableFailsItsKeysAndGivesTheOthers) {
  flush_to_table();
  damage(tables(), *values_[kDamaged]);
  const auto store = open();
  const auto error = batch_error_of([&] { store->mget(keys_); });
  EXPECT_EQ(error.code(), ErrorCode::corrupt);
  EXPECT_THAT(error.what(), HasSubstr("restore the folder"));
  ASSERT_EQ(error.failures().size(), 1U);
  EXPECT_EQ(error.failures()[0].index, kDamaged);
  EXPECT_EQ(error.failures()[0].key, keys_[kDamaged]);
  EXPECT_EQ(error.failures()[0].code, ErrorCode::corrupt);
  values_[kDamaged].reset();
  EXPECT_EQ(error.values(), values_);
}

TEST_F(Corruption, OfATableFailsEveryPositionOfADuplicate) {
  flush_to_table();
  damage(tables(), *values_[kDamaged]);
  const auto store = open();
  const auto& bad = keys_[kDamaged];
  const auto error = batch_error_of([&] { store->mget({bad, keys_[0], bad, "nope"}); });
  ASSERT_EQ(error.failures().size(), 2U);
  EXPECT_EQ(error.failures()[0].index, 0U);
  EXPECT_EQ(error.failures()[1].index, 2U);
  EXPECT_EQ(error.values(),
            (ByteStore::Values{std::nullopt, values_[0], std::nullopt, std::nullopt}));
}

TEST_F(Corruption, OfATableFailsAListing) {
  flush_to_table();
  damage(tables(), *values_[kDamaged]);
  const auto store = open();
  EXPECT_EQ(code_of([&] { walk(store->yield_keys()); }), ErrorCode::corrupt);
  EXPECT_EQ(walk(store->yield_keys({.prefix = keys_[0]})), std::vector<std::string>{keys_[0]});
}

TEST_F(Corruption, OfATableLeavesTheRestOfTheStoreUsable) {
  flush_to_table();
  damage(tables(), *values_[kDamaged]);
  const auto store = open();
  EXPECT_THROW(store->mget(keys_), BatchError);
  store->mset({{"new", text("1")}, {keys_[0], text("2")}});
  EXPECT_EQ(store->mget({"new", keys_[0]}), (ByteStore::Values{text("1"), text("2")}));
}

TEST_F(Corruption, OfTheEndOfATableIsNotACrash) {
  flush_to_table();
  for (const auto& table : tables()) {
    auto content = read_file(table);
    content.resize(content.size() - 60);
    write_file(table, content);
  }
  EXPECT_EQ(code_of([&] { walk(open()->yield_keys()); }), ErrorCode::corrupt);
}

TEST_F(Corruption, OfATableThatIsGone) {
  flush_to_table();
  for (const auto& table : tables()) std::filesystem::remove(table);
  EXPECT_EQ(code_of([&] { walk(open()->yield_keys()); }), ErrorCode::corrupt);
}

TEST_F(Corruption, InTheMiddleOfTheLog) {
  leave_unclosed();
  damage(logs(), *values_[kDamaged]);
  const auto error = error_of([&] { open(); });
  EXPECT_EQ(error.code(), ErrorCode::corrupt);
  EXPECT_THAT(error.what(), HasSubstr(path().string()));
  EXPECT_EQ(code_of([&] { open(); }), ErrorCode::corrupt) << "also the second time";
}

TEST_F(Corruption, ALogThatEndsInTheMiddleOfABatchOpensWithoutIt) {
  leave_unclosed();
  for (const auto& log : logs()) {
    auto content = read_file(log);
    if (content.size() < kValueBytes) continue;
    content.resize(content.size() - kValueBytes / 2);
    write_file(log, content);
  }
  values_.back().reset();
  EXPECT_EQ(open()->mget(keys_), values_);
}

TEST_F(Corruption, OfTheHeaderOfAValue) {
  {
    const auto database = open_database();
    ASSERT_TRUE(database->Put({}, keys_[3], "no header").ok());
    ASSERT_TRUE(database->Put({}, keys_[5], std::string("\x01\x01 a flag", 9)).ok());
    ASSERT_TRUE(database->Put({}, keys_[7], "").ok());
  }
  const auto store = open();
  const auto error = batch_error_of([&] { store->mget(keys_); });
  EXPECT_EQ(error.code(), ErrorCode::corrupt);
  ASSERT_EQ(error.failures().size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(error.failures()[i].index, 3 + 2 * i);
  EXPECT_EQ(error.values()[4], values_[4]);
  EXPECT_EQ(walk(store->yield_keys()).size(), kValues);
  store->mset({{keys_[3], text("1")}});
  EXPECT_EQ(store->mget({keys_[3]}), ByteStore::Values{text("1")});
}

TEST_F(Corruption, OfAnEnvelopeOfANewerVersion) {
  {
    const std::string envelope("\xB5ytestore\x00\xE2\x9C\x89\x0D\x0A\x1A\x01\x07\x59\x73\x7F\xE8",
                               22);
    const auto database = open_database();
    ASSERT_TRUE(database->Put({}, keys_[3], std::string("\x01\x00", 2) + envelope + "chunks").ok());
  }
  const auto error = batch_error_of([&] { open()->mget(keys_); });
  EXPECT_EQ(error.code(), ErrorCode::corrupt);
  EXPECT_THAT(error.what(), HasSubstr("newer version"));
  ASSERT_EQ(error.failures().size(), 1U);
  EXPECT_EQ(error.failures()[0].index, 3U);
}

TEST_F(Corruption, OfTheManifest) {
  flush_to_table();
  for (const auto& manifest : files("MANIFEST-", "")) {
    auto content = read_file(manifest);
    content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 0x40);
    write_file(manifest, content);
  }
  EXPECT_EQ(code_of([&] { open(); }), ErrorCode::corrupt);
}

TEST_F(Corruption, OfAManifestThatIsGone) {
  for (const auto& manifest : files("MANIFEST-", "")) std::filesystem::remove(manifest);
  const auto code = code_of([&] { open(); });
  EXPECT_TRUE(code == ErrorCode::corrupt || code == ErrorCode::io);
}

TEST_F(Corruption, OfTheCurrentFile) {
  for (const std::string content : {"", "MANIFEST-000001", "nonsense\n", "MANIFEST-999999\n"}) {
    write_file(path() / "CURRENT", content);
    const auto code = code_of([&] { open(); });
    EXPECT_TRUE(code == ErrorCode::corrupt || code == ErrorCode::io) << content;
  }
}

TEST_F(Corruption, OfACurrentFileThatIsGoneDestroysNothing) {
  flush_to_table();
  const auto current = read_file(path() / "CURRENT");
  std::filesystem::remove(path() / "CURRENT");
  EXPECT_EQ(code_of([&] { open(); }), ErrorCode::corrupt);
  EXPECT_EQ(code_of([&] { open({.create_if_missing = false}); }), ErrorCode::corrupt);
  write_file(path() / "CURRENT", current);
  EXPECT_EQ(open()->mget(keys_), values_);
}

}  // namespace
}  // namespace bytestore
