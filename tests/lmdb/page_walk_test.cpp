// Looking keys up in pages, without LMDB, and beside it.

#include "lmdb/page_walk.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <random>

#include "lmdb/entries.hpp"
#include "lmdb/snapshot_tree.hpp"
#include "lmdb_test.hpp"

namespace bytestore {
namespace {

using lmdb_backend::as_mdb_val;
using lmdb_backend::as_view;
using lmdb_backend::EnvironmentHandle;
using lmdb_backend::kMainDatabase;
using lmdb_backend::MapPlace;
using lmdb_backend::PageWalk;
using lmdb_backend::TransactionHandle;
using Answer = PageWalk::Answer;

constexpr std::string_view kKnown = "\xFF known";

class PageWalkTest : public LmdbTest {
 protected:
  /// Opens it with LMDB itself, with the known key alone.
  void SetUp() override {
    std::filesystem::create_directory(path());
    MDB_env* made = nullptr;
    ASSERT_EQ(::mdb_env_create(&made), MDB_SUCCESS);
    environment_.reset(made);
    ASSERT_EQ(::mdb_env_set_mapsize(made, 256 * kMiB), MDB_SUCCESS);
    ASSERT_EQ(::mdb_env_open(made, path().c_str(), MDB_NOTLS | MDB_NOSYNC, 0644), MDB_SUCCESS);
    write([](MDB_txn* transaction) {
      MDB_dbi database = 0;
      ASSERT_EQ(::mdb_dbi_open(transaction, nullptr, 0, &database), MDB_SUCCESS);
      ASSERT_EQ(database, kMainDatabase);
      put(transaction, database, kKnown, "");
    });
  }

  void write(const std::function<void(MDB_txn*)>& body) {
    MDB_txn* begun = nullptr;
    ASSERT_EQ(::mdb_txn_begin(environment_.get(), nullptr, 0, &begun), MDB_SUCCESS);
    body(begun);
    ASSERT_EQ(::mdb_txn_commit(begun), MDB_SUCCESS);
  }

  [[nodiscard]] TransactionHandle snapshot() {
    MDB_txn* begun = nullptr;
    EXPECT_EQ(::mdb_txn_begin(environment_.get(), nullptr, MDB_RDONLY, &begun), MDB_SUCCESS);
    return TransactionHandle(begun);
  }

  [[nodiscard]] std::optional<PageWalk> walk_of(const TransactionHandle& transaction) {
    const auto tree = tree_of(transaction.get(), kKnown, place_);
    return tree ? std::optional<PageWalk>(*tree) : std::nullopt;
  }

  static PageWalk::Sought sought(const PageWalk& walk, std::string_view key) {
    std::array<PageWalk::Sought, 1> answer{};
    const std::array keys{key};
    walk.look_up(keys, answer);
    return answer.front();
  }

  void overwrite(const void* at, std::string_view bytes) {
    int file = -1;
    MDB_val value{};
    ASSERT_EQ(::mdb_env_get_fd(environment_.get(), &file), MDB_SUCCESS);
    const auto transaction = snapshot();
    MDB_val key = as_mdb_val(kKnown);
    ASSERT_EQ(::mdb_get(transaction.get(), kMainDatabase, &key, &value), MDB_SUCCESS);
    // Pages begin with their numbers.
    const auto* const page = reinterpret_cast<const char*>(
        reinterpret_cast<std::uintptr_t>(value.mv_data) & ~std::uintptr_t{4'095});
    std::size_t number = 0;
    std::ranges::copy_n(page, sizeof(number), reinterpret_cast<char*>(&number));
    const auto offset = static_cast<const char*>(at) - page + static_cast<off_t>(number * 4'096);
    ASSERT_EQ(::pwrite(file, bytes.data(), bytes.size(), offset),
              static_cast<ssize_t>(bytes.size()));
  }

  EnvironmentHandle environment_;
  MapPlace place_;
};

std::string some_key(std::mt19937& random) {
  constexpr std::array<std::size_t, 4> kLengths{3, 20, 60, 493};
  std::string key(1 + random() % kLengths.at(random() % kLengths.size()), 'k');
  for (std::size_t i = 0; i < std::min<std::size_t>(key.size(), 4); ++i) {
    key.at(random() % key.size()) = static_cast<char>(random() % 0xF0);
  }
  return key;
}

TEST_F(PageWalkTest, AnswersAsLmdbDoes) {
  constexpr std::array<std::size_t, 6> kSizes{0, 2, 900, 1'026, 4'096, 70'000};
  std::mt19937 random(1);
  std::vector<std::string> keys(6'000);
  std::ranges::generate(keys, [&] { return some_key(random); });
  for (int round = 0; round < 10; ++round) {
    write([&](MDB_txn* transaction) {
      for (int i = 0; i < 300; ++i) {
        const auto& key = keys.at(random() % keys.size());
        const auto value = std::string(kSizes.at(random() % kSizes.size()), 'v') + key;
        put(transaction, kMainDatabase, key, value);
        MDB_val gone = as_mdb_val(keys.at(random() % keys.size()));
        ::mdb_del(transaction, kMainDatabase, &gone, nullptr);
      }
    });
    const auto transaction = snapshot();
    const auto walk = walk_of(transaction);
    ASSERT_TRUE(walk);
    std::size_t found = 0;
    for (std::size_t begin = 0; begin < keys.size(); begin += PageWalk::kKeysAtOnce) {
      const std::size_t count = std::min(PageWalk::kKeysAtOnce, keys.size() - begin);
      std::vector<std::string_view> some(keys.begin() + static_cast<std::ptrdiff_t>(begin),
                                         keys.begin() + static_cast<std::ptrdiff_t>(begin + count));
      std::vector<PageWalk::Sought> answers(count);
      walk->look_up(some, answers);
      for (std::size_t i = 0; i < count; ++i) {
        MDB_val key = as_mdb_val(some[i]);
        MDB_val value{};
        const int status = ::mdb_get(transaction.get(), kMainDatabase, &key, &value);
        ASSERT_EQ(answers[i].answer, status == MDB_SUCCESS ? Answer::found : Answer::absent);
        if (status == MDB_SUCCESS) {
          ASSERT_EQ(answers[i].stored.data(), value.mv_data);
          ASSERT_EQ(answers[i].stored.size(), value.mv_size);
          ++found;
        }
      }
    }
    EXPECT_GT(found, 0);
  }
}

TEST_F(PageWalkTest, FindsInAnEmptyDatabaseWhatIsKnown) {
  const auto transaction = snapshot();
  const auto walk = walk_of(transaction);
  ASSERT_TRUE(walk);
  EXPECT_EQ(sought(*walk, kKnown).answer, Answer::found);
  EXPECT_EQ(sought(*walk, "a").answer, Answer::absent);
}

TEST_F(PageWalkTest, DoesNotBeginOnceOthersHaveCommitted) {
  const auto transaction = snapshot();
  const auto set = [](MDB_txn* writer) { put(writer, kMainDatabase, "a", "1"); };
  EXPECT_TRUE(walk_of(transaction));
  write(set);
  EXPECT_FALSE(walk_of(transaction));
  write(set);
  EXPECT_FALSE(walk_of(transaction));
}

TEST_F(PageWalkTest, GoesOnWhileOthersCommit) {
  const auto set = [](const std::string& value) {
    return [value](MDB_txn* writer) { put(writer, kMainDatabase, "a", value); };
  };
  write(set("old"));
  const auto transaction = snapshot();
  const auto walk = walk_of(transaction);
  ASSERT_TRUE(walk);
  for (int i = 0; i < 10; ++i) write(set("new"));
  EXPECT_EQ(sought(*walk, "a").stored, "old");
}

TEST_F(PageWalkTest, TrustsNoPageWhereTheMapBegins) {
  const auto transaction = snapshot();
  MDB_val key = as_mdb_val(kKnown);
  MDB_val value{};
  ASSERT_EQ(::mdb_get(transaction.get(), kMainDatabase, &key, &value), MDB_SUCCESS);
  const auto* const page = reinterpret_cast<const char*>(
      reinterpret_cast<std::uintptr_t>(value.mv_data) & ~std::uintptr_t{4'095});
  overwrite(page + 1, "\x02");  // the second byte of its number: it would be page 512 and more
  place_.forget();
  const auto walk = walk_of(transaction);
  ASSERT_TRUE(walk);
  EXPECT_EQ(sought(*walk, kKnown).answer, Answer::found);
}

TEST_F(PageWalkTest, SearchesNoPageAfterTheLastOne) {
  const auto transaction = snapshot();
  auto tree = tree_of(transaction.get(), kKnown, place_);
  ASSERT_TRUE(tree);
  tree->root = tree->last_page + 1;
  EXPECT_EQ(sought(PageWalk(*tree), kKnown).answer, Answer::unsure);
}

TEST_F(PageWalkTest, DoesNotGuessWhereAPageIsDamaged) {
  write([](MDB_txn* transaction) {
    for (const auto& key : numbered_keys("key", 1'000)) {
      put(transaction, kMainDatabase, key, std::string(1'000, 'v'));
    }
    put(transaction, kMainDatabase, "large", std::string(10'000, 'v'));
  });
  const auto transaction = snapshot();
  const auto walk = walk_of(transaction);
  ASSERT_TRUE(walk);
  const auto key = numbered_keys("key", 1).front();
  const auto* const value = sought(*walk, key).stored.data();
  const auto* const page = reinterpret_cast<const char*>(reinterpret_cast<std::uintptr_t>(value) &
                                                         ~std::uintptr_t{4'095});
  const std::string offsets(page + 16, 8);
  overwrite(page + 16, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF");
  EXPECT_EQ(sought(*walk, key).answer, Answer::unsure) << "offsets of nodes";
  overwrite(page + 16, offsets);
  EXPECT_EQ(sought(*walk, key).answer, Answer::found);
  overwrite(page + 10, "\x01");
  EXPECT_EQ(sought(*walk, key).answer, Answer::unsure) << "a branch in place of a leaf";
  overwrite(page + 10, "\x02");
  overwrite(value - key.size() - 8, "\xFF\xFF");
  EXPECT_EQ(sought(*walk, key).answer, Answer::unsure) << "a value beyond its page";
  const auto* const large = sought(*walk, "large").stored.data();
  overwrite(large - 4, "\x01");
  EXPECT_EQ(sought(*walk, "large").answer, Answer::unsure) << "a value beyond its pages";
}

}  // namespace
}  // namespace bytestore
