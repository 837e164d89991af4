// Values as they are in RocksDB and LMDB: what was written is read, what was not is refused, and
// nothing is read beyond the bytes that are there.

#include <rocksdb/cache.h>
#include <rocksdb/slice.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "bytestore/bytes.hpp"
#include "fuzz.hpp"
#include "lmdb/stored_key.hpp"
#include "lmdb/stored_value.hpp"
#include "rocksdb/stored_value.hpp"

namespace bytestore::fuzz {
namespace {

constexpr std::size_t kLongKeyBytes = 600;

/// A copy with nothing behind it, so that the address sanitizer sees who reads on.
class Copy {
 public:
  explicit Copy(std::string_view bytes)
      : size_(bytes.size()), bytes_(std::make_unique_for_overwrite<char[]>(bytes.size())) {
    std::ranges::copy(bytes, bytes_.get());
  }
  [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::size_t size_;
  std::unique_ptr<char[]> bytes_;
};

std::optional<std::string> text_of(const std::optional<Bytes>& value) {
  if (!value) return std::nullopt;
  return std::string(value->view());
}

/// The version of the header and its flags.
std::optional<std::string> without_header(std::string_view stored) {
  if (!stored.starts_with(std::string_view("\1\0", 2))) return std::nullopt;
  return std::string(stored.substr(2));
}

void check_rocksdb(std::string_view stored) {
  const auto right = without_header(stored);
  const Copy block(stored);
  const rocksdb::Slice slice(block.view().data(), block.view().size());

  rocksdb::PinnableSlice copied;
  copied.PinSelf(slice);
  require(text_of(rocksdb_backend::take_value(copied, 10, nullptr)) == right,
          "a value that RocksDB copied is read as the format says");
  require(copied.empty(), "a slice is ready for the next read");

  bool released = false;
  const auto release = [](void* flag, void*) { *static_cast<bool*>(flag) = true; };
  {
    rocksdb::PinnableSlice pinned;
    pinned.PinSlice(slice, release, &released, nullptr);
    const auto value = rocksdb_backend::take_value(pinned, 10, nullptr);
    require(text_of(value) == right, "a value in the cache is read as the format says");
  }
  require(released, "a block of the cache is released with its value");

  const auto owner = std::make_shared<rocksdb_backend::PinnedValues>(1, nullptr);
  owner->values().front().PinSelf(slice);
  require(text_of(rocksdb_backend::share_value(owner->values().front(), owner)) == right,
          "a shared value is read as the format says");
}

bool is_inside(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_lmdb(std::string_view stored) {
  const Copy bytes(stored);
  for (const bool of_long_key : {false, true}) {
    const auto value = lmdb_backend::parse_value(bytes.view(), of_long_key);
    if (!value) continue;
    require(stored.starts_with("\1\2"), "a value without our header is refused");
    require(is_inside(value->value, bytes.view()), "the value lies in what is stored");
    require(is_inside(value->key, bytes.view()), "the key lies in what is stored");
  }
}

/// What was written is read; with a byte that is another one, it is not taken for intact.
void check_lmdb_entry(const std::string& key, std::string_view value) {
  std::string stored(lmdb_backend::stored_value_bytes(key, value.size()), '\0');
  lmdb_backend::write_value(stored.data(), key, as_bytes(value));
  const bool is_long = lmdb_backend::is_long(key);
  const auto is_right = [&](std::string_view bytes) {
    const Copy copy(bytes);
    const auto read = lmdb_backend::parse_value(copy.view(), is_long);
    return read && lmdb_backend::is_intact(*read, key) && read->value == value &&
           read->key == (is_long ? key : "");
  };
  require(is_right(stored), "a value that was written is read");
  for (std::size_t i = 0; i < stored.size(); i += 1 + stored.size() / 20) {
    auto damaged = stored;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x40);
    require(!is_right(damaged), "damage is seen");
    require(!is_right(std::string_view(stored).substr(0, i)), "half a value is refused");
  }
}

/// Two long keys that are the same up to their ends.
void check_long_keys(const std::string& key, const std::string& other) {
  lmdb_backend::StoredLongKey first(key);
  lmdb_backend::StoredLongKey second(other);
  const auto stored = std::string(first.with_number(7));
  require(lmdb_backend::stands_for_long(stored), "a long key is known by its size");
  require(stored.starts_with(key.substr(0, lmdb_backend::kCutBytes)), "a long key keeps its place");
  require(stored[lmdb_backend::kCutBytes] == '\xFF', "a long key is no short one");
  require(stored.back() == 7, "a long key has its number");
  require((second.with_number(7) == stored) == (key == other), "long keys differ as they do");
}

}  // namespace

void check(std::string_view input) {
  check_rocksdb(input);
  check_lmdb(input);
  auto rest = input;
  const std::string key(take_part(rest, '\n'));
  check_rocksdb(std::string("\1\0", 2) + key);
  check_lmdb("\1\2" + key);
  const auto long_key = std::string(kLongKeyBytes - std::min(kLongKeyBytes, key.size()), 'k') + key;
  check_lmdb_entry(key, rest);
  check_lmdb_entry(long_key, rest);
  check_long_keys(long_key, long_key + std::string(rest));
}

}  // namespace bytestore::fuzz
