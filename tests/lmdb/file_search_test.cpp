/// Our own reading of LMDB's files finds what LMDB finds.

#include "lmdb/file_search.hpp"

#include "lmdb/marker.hpp"
#include "lmdb_test.hpp"

namespace bytestore::lmdb_backend {
namespace {

class FileSearch : public LmdbTest {
 protected:
  FileSearch() { std::filesystem::create_directories(path()); }

  [[nodiscard]] FileContents search(std::string_view key) const {
    return search_file(path() / "data.mdb", key);
  }

  void fill(std::size_t count) const {
    change(path(), [&](MDB_txn* transaction, MDB_dbi database) {
      for (std::size_t i = 0; i < count; ++i) {
        put(transaction, database, "key" + std::to_string(i), std::string(i % 300, 'v'));
      }
    });
  }
};

TEST_F(FileSearch, FindsEachKeyOfSmallAndDeepTrees) {
  for (const std::size_t count : {1U, 10U, 2'000U}) {
    fill(count);
    for (std::size_t i = 0; i < count; i += 1 + count / 50) {
      EXPECT_EQ(search("key" + std::to_string(i)), FileContents::with_key) << count;
      EXPECT_EQ(search("key" + std::to_string(i) + "x"), FileContents::without_key) << count;
    }
    EXPECT_EQ(search("a"), FileContents::without_key);
    EXPECT_EQ(search(kMarkerKey), FileContents::without_key);
  }
  change(path(), [&](MDB_txn* transaction, MDB_dbi database) {
    put(transaction, database, kMarkerKey, kMarker);
  });
  EXPECT_EQ(search(kMarkerKey), FileContents::with_key);
}

TEST_F(FileSearch, TakesWhatNobodyWroteToForNothing) {
  write_file(path() / "data.mdb", "");
  EXPECT_EQ(search("a"), FileContents::nothing);
  change(path(), [](MDB_txn*, MDB_dbi) {});
  EXPECT_EQ(search("a"), FileContents::nothing);
  change(path(),
         [](MDB_txn* transaction, MDB_dbi database) { put(transaction, database, "a", "1"); });
  EXPECT_EQ(search("a"), FileContents::with_key);
}

TEST_F(FileSearch, KnowsWhatIsNotOfLmdb) {
  for (const Bytes& content : {text("text"), text(std::string(10'000, '\0')), noise(100'000, 1)}) {
    write_file(path() / "data.mdb", std::string(content.view()));
    EXPECT_EQ(search("a"), FileContents::not_lmdb);
  }
}

TEST_F(FileSearch, OfDamagedFilesEnds) {
  fill(2'000);
  std::ifstream in(path() / "data.mdb", std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  for (std::size_t seed = 1; seed < 200; ++seed) {
    auto content = whole;
    const auto damage = noise(64, seed);
    const std::size_t page = 4'096 * (2 + seed % (whole.size() / 4'096 - 2));
    content.replace(page + (seed % 3) * 8, damage.size(), damage.view());
    write_file(path() / "data.mdb", content);
    static_cast<void>(search("key77"));  // whatever it finds
  }
}

TEST_F(FileSearch, DoesNotFindWhatIsBeyondTheEndOfEveryFile) {
  constexpr std::size_t kRoot = 128;  // in each of the first two pages
  fill(10);
  std::ifstream in(path() / "data.mdb", std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(in), {}};
  // In bytes, 2^63 and 2^64.
  for (const std::uint64_t root : {std::uint64_t{1} << 51U, std::uint64_t{1} << 52U}) {
    for (const std::size_t page : {0U, 4'096U}) {
      content.replace(page + kRoot, sizeof root, reinterpret_cast<const char*>(&root), sizeof root);
    }
    write_file(path() / "data.mdb", content);
    EXPECT_EQ(search("key1"), FileContents::without_key);
  }
}

TEST_F(FileSearch, OfWhatCannotBeReadIsAnError) {
  EXPECT_EQ(code_of([&] { static_cast<void>(search("a")); }), ErrorCode::io);
}

}  // namespace
}  // namespace bytestore::lmdb_backend
