/// Keys that no store accepts, which another program put into the database.

#include <boost/asio/use_future.hpp>

#include "bytestore/async.hpp"
#include "bytestore/keys.hpp"
#include "rocksdb_test.hpp"

namespace bytestore {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class UnusableKeys : public RocksDBTest {
 protected:
  /// Puts keys into the store, past it.
  void put_past_the_store(const std::vector<std::string>& keys) const {
    open()->close();
    const auto database = open_database();
    for (const auto& key : keys) ASSERT_TRUE(database->Put({}, key, "v").ok());
    ASSERT_TRUE(database->Flush({}).ok());
  }

  struct Walked {
    std::vector<std::string> keys;
    std::vector<std::string> unusable;
  };

  /// Walks all keys, past those.
  static Walked walk_past(KeyView view) {
    Walked walked;
    const auto step = [&](const auto& take) {
      while (true) {
        try {
          return take();
        } catch (const UnusableKeyError& error) {
          EXPECT_EQ(error.code(), ErrorCode::corrupt);
          walked.unusable.push_back(error.key());
        }
      }
    };
    auto key = step([&] { return view.begin(); });
    while (key != view.end()) {
      walked.keys.push_back(*key);
      step([&] { ++key; });
    }
    return walked;
  }
};

TEST_F(UnusableKeys, AreAnErrorOfTheListingThatNamesThem) {
  put_past_the_store({"a", "b\xE9", "c"});
  const auto error = error_of<UnusableKeyError>([&] { walk(open()->yield_keys()); });
  EXPECT_EQ(error.key(), "b\xE9");
  EXPECT_EQ(error.code(), ErrorCode::corrupt);
  EXPECT_THAT(error.what(), HasSubstr(R"("b\xe9")"));
  EXPECT_THAT(error.what(), HasSubstr("is not valid UTF-8 at byte 1"));
  EXPECT_THAT(error.what(), HasSubstr("another program put it there"));
}

TEST_F(UnusableKeys, ArePassedByRepeatingTheStep) {
  const std::string too_long(kMaxKeyBytes + 1, 'x');
  put_past_the_store({"", "\x80", "a", "b\xE9", "b\xEA", "c", too_long, "y", "\xF0"});
  const auto [keys, unusable] = walk_past(open()->yield_keys());
  EXPECT_THAT(keys, ElementsAre("a", "c", "y"));
  EXPECT_THAT(unusable, ElementsAre("", "b\xE9", "b\xEA", too_long, "\x80", "\xF0"));
}

TEST_F(UnusableKeys, AreFoundOnBothSidesOfTheStoresOwnKeys) {
  const std::string top = "\xFF";
  const std::vector<std::string> theirs = {top, top + "bytestore", top + "bytestore/", top + top};
  put_past_the_store(theirs);
  const auto [keys, unusable] = walk_past(open()->yield_keys());
  EXPECT_THAT(keys, ElementsAre());
  EXPECT_EQ(unusable, theirs);
}

TEST_F(UnusableKeys, ArePassedByAnAsynchronousListingToo) {
  put_past_the_store({"a", "b\xE9", "c"});
  const auto store = open();
  auto keys = store->ayield_keys();
  const auto next = [&] { return keys.next(boost::asio::use_future).get(); };
  EXPECT_EQ(next(), "a");
  EXPECT_EQ(error_of<UnusableKeyError>(next).key(), "b\xE9");
  EXPECT_EQ(next(), "c");
  EXPECT_EQ(next(), std::nullopt);
}

TEST_F(UnusableKeys, ArePassedByACursorOfAKeyAfterThem) {
  put_past_the_store({"a", "b\xE9", "c", "d"});
  const auto store = open();
  auto view = store->yield_keys();
  auto key = view.begin();
  EXPECT_THROW(++key, UnusableKeyError);
  ++key;
  EXPECT_EQ(*key, "c");
  EXPECT_EQ(walk(store->yield_keys({.cursor = view.cursor()})), std::vector<std::string>{"d"});
}

TEST_F(UnusableKeys, AreNoErrorOfAListingThatDoesNotComeToThem) {
  put_past_the_store({"a", "b\xE9", "c"});
  const auto store = open();
  EXPECT_EQ(walk(store->yield_keys({.prefix = "c"})), std::vector<std::string>{"c"});
  EXPECT_EQ(error_of<UnusableKeyError>([&] { walk(store->yield_keys({.prefix = "b"})); }).key(),
            "b\xE9");
}

TEST_F(UnusableKeys, OfLargeValuesArePassedToo) {
  open()->mset({{"a", noise(std::size_t{1} << 20, 1)}});
  {
    rocksdb::Options options;
    options.enable_blob_files = true;
    const auto database = open_database(options);
    ASSERT_TRUE(database->Put({}, "b\xE9", std::string(std::size_t{1} << 20, 'v')).ok());
    ASSERT_TRUE(database->Flush({}).ok());
  }
  const auto [keys, unusable] = walk_past(open()->yield_keys());
  EXPECT_THAT(keys, ElementsAre("a"));
  EXPECT_THAT(unusable, ElementsAre("b\xE9"));
}

}  // namespace
}  // namespace bytestore
