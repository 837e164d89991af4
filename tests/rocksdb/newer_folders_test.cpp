/// What a newer RocksDB wrote, and an older one cannot read, is not called damaged; what it can
/// read, it opens. The folders in data/ were made by other libraries and versions.

#include <rocksdb/version.h>

#include "rocksdb_test.hpp"
#include "support/folder_listing.hpp"

namespace bytestore {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class NewerFolders : public RocksDBTest {
 protected:
  void copy_here(const std::string& name) const {
    std::filesystem::copy(std::filesystem::path(BYTESTORE_FOLDERS) / name, path());
  }

  /// Makes the newest file OPTIONS say that this version has written it.
  void pretend_writer(const std::string& version) const {
    const auto newest = files("OPTIONS-", "").back();
    auto content = read_file(newest);
    const auto begin = content.find("rocksdb_version=") + std::string("rocksdb_version=").size();
    content.replace(begin, content.find('\n', begin) - begin, version);
    write_file(newest, content);
  }

  /// Expects that the folder is refused as another's version, twice, and that nothing in it changes
  /// but for our lock file.
  void expect_newer(const std::string& writer) const {
    const auto before = listing(path());
    for (const RocksDBOptions& options : {RocksDBOptions{}, RocksDBOptions{.read_only = true}}) {
      const auto error = error_of([&] { open(options); });
      EXPECT_EQ(error.code(), ErrorCode::schema);
      EXPECT_THAT(error.what(),
                  AllOf(HasSubstr(path().string()), HasSubstr(writer),
                        HasSubstr("open it with that version or a newer one"),
                        HasSubstr(rocksdb::GetRocksVersionAsString()), Not(HasSubstr("restore"))));
    }
    EXPECT_TRUE(listing(path()) == before);
  }

  void damage_manifest() const {
    const auto manifest = files("MANIFEST-", "").back();
    auto content = read_file(manifest);
    content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 0x40);
    write_file(manifest, content);
  }

  static constexpr bool kReadsFormat6 =
      ROCKSDB_MAJOR > 8 || (ROCKSDB_MAJOR == 8 && ROCKSDB_MINOR >= 6);
};

TEST_F(NewerFolders, OfATableFormatThatIsUnknownHereAreAnotherVersions) {
  copy_here("store-of-rocksdb-10.7");
  if (kReadsFormat6) {
    EXPECT_EQ(open()->mget({"a"}), ByteStore::Values{text("1")});
    return;
  }
  expect_newer("written by RocksDB 10.7.5");
  EXPECT_THAT(error_of([&] { open(); }).what(), HasSubstr("has format 6"));
}

TEST_F(NewerFolders, WhoseWriterIsNotKnownAreNotDamagedEither) {
  copy_here("store-of-rocksdb-10.7");
  for (const auto& file : files("OPTIONS-", "")) std::filesystem::remove(file);
  if (kReadsFormat6) {
    EXPECT_EQ(open()->mget({"a"}), ByteStore::Values{text("1")});
    return;
  }
  expect_newer("written by a newer RocksDB");
}

TEST_F(NewerFolders, ThatThisVersionReadsOpen) {
  open()->mset({{"a", text("1")}});
  pretend_writer("99.1.2");
  EXPECT_EQ(open()->mget({"a"}), ByteStore::Values{text("1")});
  EXPECT_THAT(read_file(files("OPTIONS-", "").back()),
              HasSubstr("rocksdb_version=" + rocksdb::GetRocksVersionAsString()));
}

TEST_F(NewerFolders, WhoseManifestCannotBeReadAreAnotherVersions) {
  open()->mset({{"a", text("1")}});
  flush_to_table();
  pretend_writer("99.1.2");
  damage_manifest();
  expect_newer("written by RocksDB 99.1.2");
}

TEST_F(NewerFolders, WithoutTheMarkOfAStoreAreAnotherVersions) {
  open()->mset({{"a", text("1")}});
  lose_marker();
  EXPECT_EQ(code_of([&] { open(); }), ErrorCode::corrupt);
  pretend_writer("99.1.2");
  expect_newer("written by RocksDB 99.1.2");
}

TEST_F(NewerFolders, OfAnOlderVersionThatAreDamagedAreCalledSo) {
  open()->mset({{"a", text("1")}});
  flush_to_table();
  for (const auto* const version : {"1.2.3", "7", "nonsense", ""}) {
    pretend_writer(version);
    EXPECT_EQ(open()->mget({"a"}), ByteStore::Values{text("1")});
  }
  pretend_writer("1.2.3");
  damage_manifest();
  EXPECT_EQ(code_of([&] { open(); }), ErrorCode::corrupt);
}

TEST_F(NewerFolders, WithFurtherColumnFamiliesAreOfANewerBytestore) {
  open()->mset({{"a", text("1")}});
  {
    const auto database = open_database();
    for (const auto* const name : {"expiry", "chunks"}) {
      rocksdb::ColumnFamilyHandle* family = nullptr;
      ASSERT_TRUE(database->CreateColumnFamily({}, name, &family).ok());
      ASSERT_TRUE(database->DestroyColumnFamilyHandle(family).ok());
    }
  }
  const auto before = listing(path());
  const auto error = error_of([&] { open(); });
  EXPECT_EQ(error.code(), ErrorCode::schema);
  EXPECT_THAT(error.what(), AllOf(HasSubstr("column families"), HasSubstr("chunks"),
                                  HasSubstr("expiry"), HasSubstr("newer bytestore")));
  EXPECT_TRUE(listing(path()) == before);
}

TEST_F(NewerFolders, AreNotWrittenByThisVersion) {
  open()->mset({{"a", text("1")}});
  EXPECT_THAT(read_file(files("OPTIONS-", "").back()), HasSubstr("format_version=5\n"));
}

}  // namespace
}  // namespace bytestore
