/// Which folders can be opened, and what is kept in them.

#include <rocksdb/table_properties.h>

#include <boost/asio/use_future.hpp>

#include "bytestore/async.hpp"
#include "bytestore/open.hpp"
#include "helper_process.hpp"
#include "rocksdb_test.hpp"

namespace bytestore {
namespace {

using ::testing::HasSubstr;

class Opening : public RocksDBTest {};

/// Brings the process back to the folder that it works in.
class WorkingFolder {
 public:
  WorkingFolder() = default;
  ~WorkingFolder() { std::filesystem::current_path(before_); }
  WorkingFolder(const WorkingFolder&) = delete;
  WorkingFolder& operator=(const WorkingFolder&) = delete;

 private:
  std::filesystem::path before_ = std::filesystem::current_path();
};

TEST_F(Opening, FindsWhatWasWrittenBefore) {
  for (const bool sync : {true, false}) {
    const auto key = sync ? "synced" : "not synced";
    open({.sync = sync})->mset({{key, text("1")}});
    EXPECT_EQ(open()->mget({key}), ByteStore::Values{text("1")});
  }
  open()->mdelete({"synced"});
  EXPECT_EQ(walk(open()->yield_keys()), std::vector<std::string>{"not synced"});
}

TEST_F(Opening, NeedsNoLogOfAStoreThatWasClosed) {
  open({.sync = false})->mset({{"a", text("1")}});
  for (const auto& log : files("", ".log")) std::filesystem::remove(log);
  EXPECT_EQ(open()->mget({"a"}), ByteStore::Values{text("1")});
}

TEST_F(Opening, OverAndOverLeavesNoFilesBehind) {
  open()->mset({{"a", text("1")}});
  std::size_t most = 0;
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(open()->mget({"a"}), ByteStore::Values{text("1")});
    most = std::max(most, files("", "").size());
  }
  EXPECT_LT(most, 25U);
}

TEST_F(Opening, FindsWhatWasWrittenWithoutSyncAfterTheProcessWasKilled) {
  HelperProcess writer({"write", path().string(), "0", "async"});
  EXPECT_EQ(writer.read_line(), "0");
  writer.kill();
  EXPECT_FALSE(walk(open()->yield_keys()).empty());
}

TEST_F(Opening, CreatesFoldersAboveItsOwn) {
  const auto deep = path() / "a" / "b";
  RocksDBByteStore(deep).mset({{"a", text("1")}});
  EXPECT_EQ(RocksDBByteStore(deep).mget({"a"}), ByteStore::Values{text("1")});
}

TEST_F(Opening, CreatesNothingIfItMustNot) {
  const RocksDBOptions existing_only{.create_if_missing = false};
  EXPECT_EQ(code_of([&] { open(existing_only); }), ErrorCode::unavailable);
  EXPECT_FALSE(std::filesystem::exists(path()));
  std::filesystem::create_directories(path());
  EXPECT_EQ(code_of([&] { open(existing_only); }), ErrorCode::unavailable);
  EXPECT_TRUE(std::filesystem::is_empty(path()));
  open();
  EXPECT_NO_THROW(open(existing_only));
}

TEST_F(Opening, OfAFileIsRefusedAndTheFileIsKept) {
  write_file(path(), "content");
  for (const bool create : {true, false}) {
    const auto error = error_of([&] { open({.create_if_missing = create}); });
    EXPECT_EQ(error.code(), ErrorCode::schema);
    EXPECT_THAT(error.what(), HasSubstr("it is a file, not a folder"));
  }
  EXPECT_EQ(read_file(path()), "content");
}

TEST_F(Opening, OfWhatCannotBeReachedIsNotAStoreThatIsMissing) {
  std::filesystem::create_symlink(path(), path());
  for (const bool create : {true, false}) {
    EXPECT_EQ(code_of([&] { open({.create_if_missing = create}); }), ErrorCode::io);
  }
}

TEST_F(Opening, WhileAnotherStoreOfThisProcessHoldsTheFolderIsUnavailable) {
  auto holder = open();
  const auto error = error_of([&] { open(); });
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  EXPECT_THAT(error.what(), HasSubstr(path().string()));
  EXPECT_THAT(error.what(), HasSubstr("holds the folder"));
  holder->mset({{"a", text("1")}});
  holder->close();
  EXPECT_EQ(open()->mget({"a"}), ByteStore::Values{text("1")});
}

TEST_F(Opening, OfAHeldFolderIsUnavailableHoweverItsPathIsSpelled) {
  auto holder = open();
  const auto link = path().parent_path() / "link";
  std::filesystem::create_directory_symlink(path(), link);
  for (const auto& spelling : {path() / "", path().parent_path() / "." / "store", link,
                               std::filesystem::proximate(path())}) {
    EXPECT_EQ(code_of([&] { RocksDBByteStore{spelling}; }), ErrorCode::unavailable) << spelling;
  }
  holder->mset({{"a", text("1")}});
  holder->close();
  EXPECT_EQ(RocksDBByteStore(link).mget({"a"}), ByteStore::Values{text("1")});
}

TEST_F(Opening, HoldsTheFolderWhileItIsCopied) {
  auto holder = open();
  holder->mset({{"a", text("1")}});
  std::filesystem::copy(path(), path().parent_path() / "copy");  // opens and closes each file
  HelperProcess other({"hold", path().string()});
  EXPECT_THAT(other.read_line(), HasSubstr("holds the folder"));
  holder->mset({{"b", text("2")}});
  holder->close();
  EXPECT_THAT(walk(open()->yield_keys()), ::testing::UnorderedElementsAre("a", "b"));
}

TEST_F(Opening, KeepsToItsFolderWhereverTheProcessGoes) {
  const WorkingFolder back;
  for (const auto* const folder : {"one", "two"}) {
    std::filesystem::create_directories(path() / folder);
    std::filesystem::current_path(path() / folder);
    RocksDBByteStore("store").mset({{folder, text("1")}});
  }
  std::filesystem::current_path(path() / "one");
  auto store = std::make_unique<RocksDBByteStore>("store");
  store->mset({{"more", text("1")}});
  std::filesystem::current_path(path() / "two");
  EXPECT_THAT(walk(RocksDBByteStore("store").yield_keys()), ::testing::ElementsAre("two"));
  store->mset({{"still more", text("1")}});
  store.reset();
  EXPECT_THAT(walk(RocksDBByteStore(path() / "one" / "store").yield_keys()),
              ::testing::UnorderedElementsAre("one", "more", "still more"));
}

TEST_F(Opening, WhileAnotherProcessHoldsTheFolderIsUnavailable) {
  HelperProcess holder({"hold", path().string()});
  EXPECT_EQ(holder.read_line(), "open");
  const auto error = error_of([&] { open(); });
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  EXPECT_THAT(error.what(), HasSubstr(path().string()));
  EXPECT_THAT(error.what(), HasSubstr("process " + std::to_string(holder.id())));
  holder.kill();
  EXPECT_NO_THROW(open());
}

TEST_F(Opening, RefusesAFormatOfANewerVersion) {
  open()->mset({{"a", text("1")}});
  ASSERT_TRUE(open_database()
                  ->Put({},
                        "\xFF"
                        "bytestore.format",
                        "2")
                  .ok());
  const auto error = error_of([&] { open(); });
  EXPECT_EQ(error.code(), ErrorCode::schema);
  EXPECT_THAT(error.what(), HasSubstr("newer version"));
}

TEST_F(Opening, ItsMarkerIsNoKeyOfTheUser) {
  const auto store = open();
  EXPECT_TRUE(walk(store->yield_keys()).empty());
  EXPECT_TRUE(walk(store->yield_keys({.prefix = "\xFF"
                                                "bytestore.format"}))
                  .empty());
}

TEST_F(Opening, StoresKeysAsTheyAreAndValuesBehindTheirHeader) {
  open()->mset({{"key", text("value")}});
  std::string stored;
  ASSERT_TRUE(open_database()->Get({}, "key", &stored).ok());
  EXPECT_EQ(stored, std::string("\x01\x00value", 7));
}

TEST_F(Opening, CompressesItsTables) {
  open()->mset({{"a", text(std::string(60'000, 'x'))}});
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::OpenForReadOnly({}, path().string(), &opened).ok());
  const std::unique_ptr<rocksdb::DB> database(opened);
  rocksdb::TablePropertiesCollection tables;
  ASSERT_TRUE(database->GetPropertiesOfAllTables(&tables).ok());
  ASSERT_FALSE(tables.empty());
  for (const auto& [file, properties] : tables) {
    EXPECT_EQ(properties->compression_name, "LZ4");
    EXPECT_LT(properties->data_size, properties->raw_value_size / 10);
  }
}

TEST_F(Opening, CompressesItsFilesOfLargeValues) {
  open()->mset({{"a", text(std::string(100'000, 'x'))}});
  const auto values = files("", ".blob");
  ASSERT_EQ(values.size(), 1U);
  EXPECT_LT(std::filesystem::file_size(values[0]), 10'000U);
}

TEST_F(Opening, IsNotHinderedByAListingThatWasNotFinished) {
  open()->mset(entries_of(numbered_keys("k", 5'000)));
  for (const bool closed : {true, false}) {
    auto store = open();
    auto view = store->yield_keys();
    auto key = view.begin();
    auto stream = store->ayield_keys();
    EXPECT_TRUE(stream.next(boost::asio::use_future).get());
    if (closed) {
      store->close();
    } else {
      store.reset();
    }
    EXPECT_NO_THROW(open());
    EXPECT_EQ(code_of([&] { ++key; }), ErrorCode::cancelled);
  }
}

}  // namespace
}  // namespace bytestore
