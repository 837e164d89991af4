#include "foreign_folders.hpp"

#include <rocksdb/comparator.h>
#include <rocksdb/db.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/transaction_db.h>

#include <fstream>
#include <memory>
#include <ostream>
#include <stdexcept>

namespace bytestore {
namespace {

namespace fs = std::filesystem;

constexpr auto kRocksDB = "a RocksDB database that bytestore did not write";

void check(const rocksdb::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

void write_file(const fs::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary) << content;
}

rocksdb::Options creating() {
  rocksdb::Options options;
  options.create_if_missing = true;
  return options;
}

std::unique_ptr<rocksdb::DB> make_database(const fs::path& path, const rocksdb::Options& options) {
  rocksdb::DB* opened = nullptr;
  check(rocksdb::DB::Open(options, path.string(), &opened));
  return std::unique_ptr<rocksdb::DB>(opened);
}

/// With one entry in a table, and another in the log.
void fill_database(const fs::path& path, const rocksdb::Options& options) {
  const auto database = make_database(path, options);
  check(database->Put({}, "theirs", "value"));
  check(database->Flush({}));
  check(database->Put({}, "theirs too", "value"));
}

/// Copies what another library has made (data/README.md).
void fill_with(const char* name, const fs::path& path) {
  fs::copy(fs::path(BYTESTORE_FOLDERS) / name, path);
  write_file(path / "LOG", "2026/11/29-05:58:58.446984 140410892311424 Delete type=3 #1\n");
}

class Concatenation : public rocksdb::AssociativeMergeOperator {
 public:
  bool Merge(const rocksdb::Slice& /*key*/, const rocksdb::Slice* existing,
             const rocksdb::Slice& value, std::string* merged,
             rocksdb::Logger* /*logger*/) const override {
    *merged = (existing != nullptr ? existing->ToString() : "") + value.ToString();
    return true;
  }
  [[nodiscard]] const char* Name() const override { return "Concatenation"; }
};

void fill_with_merges(const fs::path& path) {
  auto options = creating();
  options.merge_operator = std::make_shared<Concatenation>();
  const auto database = make_database(path, options);
  for (int i = 0; i < 3; ++i) {
    check(database->Merge({}, "theirs", "value"));
    check(database->Flush({}));
  }
}

void fill_with_families(const fs::path& path) {
  const auto database = make_database(path, creating());
  rocksdb::ColumnFamilyHandle* family = nullptr;
  check(database->CreateColumnFamily({}, "theirs", &family));
  check(database->Put({}, family, "theirs", "value"));
  check(database->DestroyColumnFamilyHandle(family));
}

/// A database of transactions, with one that was prepared when its process ended. RocksDB that
/// opens it otherwise, also if only to read, fails an assertion.
void fill_with_transaction(const fs::path& path) {
  const auto elsewhere = path.parent_path() / "transactions";
  rocksdb::TransactionDB* opened = nullptr;
  check(rocksdb::TransactionDB::Open(creating(), {}, elsewhere.string(), &opened));
  const std::unique_ptr<rocksdb::TransactionDB> database(opened);
  const std::unique_ptr<rocksdb::Transaction> transaction(database->BeginTransaction({}));
  check(transaction->SetName("theirs"));
  check(transaction->Put("theirs", "value"));
  check(transaction->Prepare());
  for (const auto& file : fs::directory_iterator(elsewhere)) {
    fs::copy(file.path(), path / file.path().filename());
  }
  check(transaction->Rollback());
}

}  // namespace

const std::vector<ForeignFolder>& foreign_folders() {
  static const std::vector<ForeignFolder> all{
      {"LevelDB", [](auto& path) { fill_with("leveldb", path); },
       "a LevelDB database that bytestore did not write"},
      {"Rocksdict", [](auto& path) { fill_with("rocksdict", path); }, kRocksDB},
      {"RocksDB", [](auto& path) { fill_database(path, creating()); }, kRocksDB},
      {"RocksDBWithoutEntries", [](auto& path) { make_database(path, creating()); }, kRocksDB},
      {"RocksDBOfAnotherOrder",
       [](auto& path) {
         auto options = creating();
         options.comparator = rocksdb::ReverseBytewiseComparator();
         fill_database(path, options);
       },
       kRocksDB},
      {"RocksDBWithBlobFiles",
       [](auto& path) {
         auto options = creating();
         options.enable_blob_files = true;
         fill_database(path, options);
       },
       kRocksDB},
      {"RocksDBWithItsLogsElsewhere",
       [](auto& path) {
         auto options = creating();
         options.wal_dir = path / "logs";
         fill_database(path, options);
       },
       kRocksDB},
      {"RocksDBWithMerges", fill_with_merges, kRocksDB},
      {"RocksDBWithColumnFamilies", fill_with_families, kRocksDB},
      {"RocksDBWithATransaction", fill_with_transaction, kRocksDB},
      {"Files",
       [](auto& path) {
         write_file(path / "notes.txt", "text");
         write_file(path / "000007.log", "text");
         fs::create_directory(path / "more");
         write_file(path / "more" / "CURRENT", "text");
       },
       "000007.log"},
      {"OneFile", [](auto& path) { write_file(path / "notes.txt", "text"); },
       "neither empty nor a bytestore, it holds notes.txt"},
      {"HiddenFile", [](auto& path) { write_file(path / ".hidden", ""); }, "holds .hidden"},
      {"Folder", [](auto& path) { fs::create_directory(path / "more"); }, "holds more"},
      {"FileThatIsNamedCURRENT", [](auto& path) { write_file(path / "CURRENT", "text\n"); },
       "holds CURRENT"},
      {"FileThatIsNamedLostAndFound", [](auto& path) { write_file(path / "lost+found", "text"); },
       "holds lost+found"},
  };
  return all;
}

void PrintTo(const ForeignFolder& folder, std::ostream* out) { *out << folder.name; }

}  // namespace bytestore
