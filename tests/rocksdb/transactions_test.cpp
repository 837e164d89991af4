/// Optimistic transactions work on a folder of ours, beside plain writes: a verb that writes only
/// where no value is can be added without a change of the format.

#include <rocksdb/utilities/optimistic_transaction_db.h>
#include <rocksdb/utilities/transaction.h>

#include "rocksdb/batch_writer.hpp"
#include "rocksdb/stored_value.hpp"
#include "rocksdb_test.hpp"

namespace bytestore {
namespace {

using rocksdb_backend::BatchWriter;
using rocksdb_backend::LogState;
using rocksdb_backend::WriteAheadLog;

class Transactions : public RocksDBTest {
 protected:
  void open_for_transactions() {
    rocksdb::OptimisticTransactionDB* opened = nullptr;
    const auto status = rocksdb::OptimisticTransactionDB::Open({}, path().string(), &opened);
    ASSERT_TRUE(status.ok()) << status.ToString();
    database_.reset(opened);
  }

  /// A transaction that has seen that `key` is absent, and is about to write it.
  std::unique_ptr<rocksdb::Transaction> write_once(const std::string& key) {
    std::unique_ptr<rocksdb::Transaction> transaction(database_->BeginTransaction({}));
    std::string value;
    EXPECT_TRUE(transaction->GetForUpdate({}, key, &value).IsNotFound());
    EXPECT_TRUE(transaction->Put(key, std::string("\x01\x00once", 6)).ok());
    return transaction;
  }

  /// A write as our store does it.
  void write_plainly(std::string_view key, std::string_view value) {
    const core::Call call({}, {});
    WriteAheadLog log(*database_, std::make_shared<LogState>());
    BatchWriter writer(log, true, call);
    writer.put(key, value);
    EXPECT_TRUE(writer.finish().empty());
  }

  std::unique_ptr<rocksdb::OptimisticTransactionDB> database_;
};

TEST_F(Transactions, WorkOnAFolderOfOursAndNoticePlainWrites) {
  open()->mset({{"before", text("1")}});
  open_for_transactions();

  EXPECT_TRUE(write_once("free")->Commit().ok());

  const auto beaten = write_once("taken");
  write_plainly("taken", "plain");
  EXPECT_TRUE(beaten->Commit().IsBusy()) << "the plain write came first";

  const auto undisturbed = write_once("quiet");
  write_plainly("another", "plain");
  EXPECT_TRUE(undisturbed->Commit().ok());

  database_.reset();
  const auto store = open();
  EXPECT_EQ(
      store->mget({"before", "free", "taken", "quiet", "another"}),
      (ByteStore::Values{text("1"), text("once"), text("plain"), text("once"), text("plain")}));
  store->mset({{"after", text("2")}});
  EXPECT_EQ(walk(store->yield_keys()).size(), 6U);
}

}  // namespace
}  // namespace bytestore
