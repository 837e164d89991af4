#pragma once

#include <lmdb.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "bytestore/lmdb_byte_store.hpp"
#include "core/store.hpp"
#include "lmdb/handles.hpp"
#include "lmdb/lmdb_backend.hpp"
#include "support/child_program.hpp"
#include "support/folder_test.hpp"

namespace bytestore {

inline constexpr std::size_t kMiB = std::size_t{1} << 20;

/// A store whose map has another size at first.
class StoreOfMap final : public ByteStore {
 public:
  StoreOfMap(const std::filesystem::path& path, const LmdbOptions& options, std::size_t map_bytes)
      : ByteStore(std::make_shared<core::Store>(
            std::make_unique<lmdb_backend::LmdbBackend>(path, options, map_bytes), nullptr)) {}
};

/// A run of the program lmdb_helper.
class HelperProcess : public testing::ChildProgram {
 public:
  explicit HelperProcess(const std::vector<std::string>& arguments)
      : ChildProgram(BYTESTORE_LMDB_HELPER, arguments) {}
};

/// A test with a folder of its own, which it may also open past the store.
class LmdbTest : public FolderTest {
 protected:
  std::unique_ptr<ByteStore> open(const LmdbOptions& options = {}) const {
    return std::make_unique<LmdbByteStore>(path(), options);
  }

  /// One whose map is full soon.
  [[nodiscard]] std::unique_ptr<ByteStore> open_with_small_map(const LmdbOptions& options = {
                                                                   .sync = false}) const {
    return std::make_unique<StoreOfMap>(path(), options, kMiB);
  }

  /// Opens a folder, which this process must not have open, with LMDB itself, and changes it.
  static void change(const std::filesystem::path& folder,
                     const std::function<void(MDB_txn*, MDB_dbi)>& body,
                     const char* database_name = nullptr) {
    MDB_env* made = nullptr;
    expect(::mdb_env_create(&made));
    const lmdb_backend::EnvironmentHandle environment(made);
    expect(::mdb_env_set_maxdbs(made, 4));
    expect(::mdb_env_open(made, folder.c_str(), 0, 0644));
    MDB_txn* transaction = nullptr;
    expect(::mdb_txn_begin(made, nullptr, 0, &transaction));
    MDB_dbi database = 0;
    expect(::mdb_dbi_open(transaction, database_name, MDB_CREATE, &database));
    body(transaction, database);
    expect(::mdb_txn_commit(transaction));
  }

  static void put(MDB_txn* transaction, MDB_dbi database, std::string_view key,
                  std::string_view value) {
    MDB_val at = lmdb_backend::as_mdb_val(key);
    MDB_val stored = lmdb_backend::as_mdb_val(value);
    expect(::mdb_put(transaction, database, &at, &stored, 0));
  }

  /// What LMDB has under a key; the folder must not be open.
  static std::string stored(const std::filesystem::path& folder, std::string_view key) {
    std::string found;
    change(folder, [&](MDB_txn* transaction, MDB_dbi database) {
      MDB_val at = lmdb_backend::as_mdb_val(key);
      MDB_val value{};
      expect(::mdb_get(transaction, database, &at, &value));
      found = lmdb_backend::as_view(value);
    });
    return found;
  }

  [[nodiscard]] std::uintmax_t file_bytes() const {
    return std::filesystem::file_size(path() / "data.mdb");
  }

 private:
  static void expect(int status) {
    if (status != MDB_SUCCESS) throw std::runtime_error(::mdb_strerror(status));
  }
};

}  // namespace bytestore
