#pragma once

#include <boost/crc.hpp>

namespace bytestore::core {

/// The checksum of what the library stores and hands out: CRC-32C, of RFC 3720.
using Crc32c = boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true>;

}  // namespace bytestore::core
