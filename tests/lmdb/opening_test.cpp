/// What is kept in a folder, and how often it may be open.

#include "bytestore/open.hpp"
#include "lmdb/marker.hpp"
#include "lmdb_test.hpp"

namespace bytestore {
namespace {

using ::testing::HasSubstr;

class LmdbOpening : public LmdbTest {};

TEST_F(LmdbOpening, FindsWhatWasWrittenBefore) {
  for (const bool sync : {true, false}) {
    const auto key = sync ? "synced" : "not synced";
    open({.sync = sync})->mset({{key, text("1")}});
    EXPECT_EQ(open()->mget({key}), ByteStore::Values{text("1")});
  }
  open()->mdelete({"synced"});
  EXPECT_EQ(walk(open()->yield_keys()), std::vector<std::string>{"not synced"});
}

TEST_F(LmdbOpening, StoresKeysAsTheyAreAndValuesBehindTheirHeader) {
  open()->mset({{"key", text("value")}});
  const auto value = stored(path(), "key");
  EXPECT_EQ(value.substr(0, 2), "\x01\x02");
  EXPECT_EQ(value.substr(6), "value");
  EXPECT_EQ(stored(path(), lmdb_backend::kMarkerKey), "1");
}

TEST_F(LmdbOpening, ItsMarkerIsNoKeyOfTheUser) {
  const auto store = open();
  EXPECT_TRUE(walk(store->yield_keys()).empty());
  EXPECT_TRUE(walk(store->yield_keys({.prefix = std::string(lmdb_backend::kMarkerKey)})).empty());
  EXPECT_EQ(store->estimate_keys(), 0U);
}

TEST_F(LmdbOpening, OfOneFolderManyTimesInOneProcessSharesIt) {
  const auto first = open();
  const auto link = path().parent_path() / "link";
  std::filesystem::create_directory_symlink(path(), link);
  for (const auto& spelling : {path(), path() / "", path().parent_path() / "." / "store", link,
                               std::filesystem::proximate(path())}) {
    auto other = std::make_unique<LmdbByteStore>(spelling);
    other->mset({{spelling.string(), text("1")}});
    EXPECT_EQ(first->mget({spelling.string()}), ByteStore::Values{text("1")});
    other.reset();  // whose locks are also those of the first
    HelperProcess process({"count", path().string(), "counter", "20"});
    for (int i = 0; i < 20; ++i) first->mset({{"mine", text(std::to_string(i))}});
    EXPECT_EQ(process.read_line(), "counted");
  }
  EXPECT_EQ(first->mget({"mine", "counter"}), (ByteStore::Values{text("19"), text("20")}));
}

TEST_F(LmdbOpening, AgainWhenTheLastOneWasClosedFindsTheFolderOfThatTime) {
  auto first = open();
  first->mset({{"a", text("1")}});
  first->close();
  std::filesystem::remove_all(path());
  const auto second = open();
  EXPECT_TRUE(walk(second->yield_keys()).empty());
}

TEST_F(LmdbOpening, OfWhatCannotBeReachedIsNotAStoreThatIsMissing) {
  std::filesystem::create_symlink(path(), path());
  for (const bool create : {true, false}) {
    EXPECT_EQ(code_of([&] { open({.create_if_missing = create}); }), ErrorCode::io);
  }
}

TEST_F(LmdbOpening, WhereAllPlacesOfReadersAreTakenIsAClearErrorUntilOneIsFree) {
  open();
  std::filesystem::remove(path() / "lock.mdb");
  HelperProcess first({"snapshot", path().string(), "126"});  // all that LMDB has by default
  ASSERT_EQ(first.read_line(), "reading");
  const auto error = error_of([&] { open(); });
  EXPECT_EQ(error.code(), ErrorCode::overloaded);
  EXPECT_THAT(error.what(), HasSubstr("use fewer"));
  HelperProcess second({"hold", path().string()});
  EXPECT_THAT(second.read_line(), HasSubstr("use fewer"));
  first.kill();
  EXPECT_NO_THROW(open());
}

TEST_F(LmdbOpening, ByURITakesAPathAndSync) {
  for (const auto* const parameters : {"", "?sync=true", "?sync=false"}) {
    const auto store = bytestore::open("lmdb:" + path().string() + parameters);
    store->mset({{"a", text(parameters)}});
    EXPECT_EQ(store->mget({"a"}), ByteStore::Values{text(parameters)});
  }
  EXPECT_THAT(error_of([&] { bytestore::open("lmdb:x?snyc=false"); }).what(),
              HasSubstr("valid: sync"));
  EXPECT_THAT(error_of([&] { bytestore::open("lmdb:"); }).what(), HasSubstr("lmdb:./data"));
  EXPECT_THAT(error_of([&] {
                bytestore::open("lmdb:" + path().string() + "2", {.create_if_missing = false});
              }).what(),
              HasSubstr("there is no store"));
}

}  // namespace
}  // namespace bytestore
