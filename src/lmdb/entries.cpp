#include "lmdb/entries.hpp"

#include <limits>
#include <string>

#include "lmdb/handles.hpp"
#include "lmdb/stored_key.hpp"

namespace bytestore::lmdb_backend {
namespace {

constexpr unsigned kMostWithOneDigest = std::numeric_limits<unsigned char>::max();

int get(MDB_txn* transaction, std::string_view stored_key, MDB_val& value) {
  MDB_val key = as_mdb_val(stored_key);
  return ::mdb_get(transaction, kMainDatabase, &key, &value);
}

/// Where a long key is, or would be: its entry, or the first free number of its digest.
struct Place {
  int status;  ///< 0 if it is there, `MDB_NOTFOUND` if not
  unsigned char number = 0;
  MDB_val value{};
};

Place locate(MDB_txn* transaction, std::string_view key, StoredLongKey& stored_key) {
  for (unsigned number = 0; number <= kMostWithOneDigest; ++number) {
    Place place{.status = 0, .number = static_cast<unsigned char>(number)};
    place.status = get(transaction, stored_key.with_number(place.number), place.value);
    if (place.status != MDB_SUCCESS) return place;
    // A value that cannot be read may be of any key with this digest, so of this one.
    const auto value = parse_value(as_view(place.value), true);
    if (!value || value->key == key) return place;
  }
  return {.status = MDB_CORRUPTED};
}

int put_as(MDB_txn* transaction, std::string_view stored_key, std::string_view key,
           std::span<const std::byte> value) {
  MDB_val place = as_mdb_val(stored_key);
  MDB_val room{.mv_size = stored_value_bytes(key, value.size()), .mv_data = nullptr};
  const int status = ::mdb_put(transaction, kMainDatabase, &place, &room, MDB_RESERVE);
  if (status != MDB_SUCCESS) return status;
  write_value(static_cast<char*>(room.mv_data), key, value);
  return status;
}

int remove(MDB_txn* transaction, std::string_view stored_key) {
  MDB_val key = as_mdb_val(stored_key);
  return ::mdb_del(transaction, kMainDatabase, &key, nullptr);
}

/// Deletes one of the keys that have a digest, and puts the one of the highest number in its place.
int remove_from(MDB_txn* transaction, StoredLongKey& stored_key, unsigned char number) {
  unsigned last = number;
  MDB_val moved{};
  for (MDB_val value{}; last < kMostWithOneDigest; ++last, moved = value) {
    const auto next = static_cast<unsigned char>(last + 1);
    const int status = get(transaction, stored_key.with_number(next), value);
    if (status == MDB_NOTFOUND) break;
    if (status != MDB_SUCCESS) return status;
  }
  if (last != number) {
    // Copied first: what a value points to changes with the database.
    const auto bytes = std::string(as_view(moved));
    MDB_val place = as_mdb_val(stored_key.with_number(number));
    MDB_val value = as_mdb_val(bytes);
    const int status = ::mdb_put(transaction, kMainDatabase, &place, &value, 0);
    if (status != MDB_SUCCESS) return status;
  }
  return remove(transaction, stored_key.with_number(static_cast<unsigned char>(last)));
}

}  // namespace

Found found_in(std::string_view stored, std::string_view key) {
  return {.status = MDB_SUCCESS, .stored = parse_value(stored, is_long(key))};
}

Found find(MDB_txn* transaction, std::string_view key) {
  MDB_val stored{};
  int status = MDB_NOTFOUND;
  if (is_long(key)) {
    StoredLongKey stored_key(key);
    const Place place = locate(transaction, key, stored_key);
    status = place.status;
    stored = place.value;
  } else {
    status = get(transaction, key, stored);
  }
  if (status != MDB_SUCCESS) return {.status = status};
  return found_in(as_view(stored), key);
}

int put(MDB_txn* transaction, std::string_view key, std::span<const std::byte> value) {
  if (!is_long(key)) return put_as(transaction, key, key, value);
  StoredLongKey stored_key(key);
  const Place place = locate(transaction, key, stored_key);
  if (place.status != MDB_SUCCESS && place.status != MDB_NOTFOUND) return place.status;
  return put_as(transaction, stored_key.with_number(place.number), key, value);
}

int erase(MDB_txn* transaction, std::string_view key) {
  int status = MDB_SUCCESS;
  if (is_long(key)) {
    StoredLongKey stored_key(key);
    const Place place = locate(transaction, key, stored_key);
    status = place.status == MDB_SUCCESS ? remove_from(transaction, stored_key, place.number)
                                         : place.status;
  } else {
    status = remove(transaction, key);
  }
  return status == MDB_NOTFOUND ? MDB_SUCCESS : status;
}

}  // namespace bytestore::lmdb_backend
