#include "bytestore/detail/abi_tag.hpp"
#include "bytestore/detail/asio_tag.hpp"

namespace bytestore::abi {

const char BYTESTORE_DETAIL_ABI_TAG = 0;
const char BYTESTORE_DETAIL_ASIO_TAG = 0;

}  // namespace bytestore::abi
