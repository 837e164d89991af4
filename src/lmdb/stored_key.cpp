#include "lmdb/stored_key.hpp"

#include <algorithm>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid.hpp>

namespace bytestore::lmdb_backend {
namespace {

/// The name space of the digests, which are UUIDs of version 5 (RFC 4122): drawn once, and on disk
/// since then.
constexpr boost::uuids::uuid kNameSpace{{0x6d, 0x1f, 0x0c, 0x5e, 0x8b, 0x52, 0x4e, 0x0e, 0x9c, 0x1b,
                                         0x5f, 0x3a, 0x27, 0xd4, 0x90, 0xb3}};

}  // namespace

StoredLongKey::StoredLongKey(std::string_view key) {
  auto* const mark = std::copy_n(key.begin(), kCutBytes, bytes_.begin());
  *mark = kCutMark;
  const auto digest = boost::uuids::name_generator_sha1(kNameSpace)(key.data(), key.size());
  static_assert(sizeof(digest.data) == kDigestBytes);
  std::ranges::copy(digest, mark + 1);
}

}  // namespace bytestore::lmdb_backend
