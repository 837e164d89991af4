#include "rocksdb/log_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>

#include "bytestore/error.hpp"

namespace bytestore::rocksdb_backend {
namespace {

constexpr std::size_t kLogBlockBytes = 32'768;
constexpr std::size_t kHeaderBytes = 7;

}  // namespace

bool log_contains(const std::filesystem::path& file, std::string_view bytes) {
  std::ifstream in(file, std::ios::binary);
  std::string block(kLogBlockBytes, '\0');
  std::string records;  // the end of the records before the block, and the block
  while (in.is_open() && !in.eof() && !in.bad()) {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    const auto got = static_cast<std::size_t>(in.gcount());
    records.append(std::string_view(block).substr(std::min(got, kHeaderBytes),
                                                  got - std::min(got, kHeaderBytes)));
    if (records.find(bytes) != std::string::npos) return true;
    if (records.size() >= bytes.size()) records.erase(0, records.size() - (bytes.size() - 1));
  }
  if (in.eof()) return false;
  throw Error(ErrorCode::io,
              fmt::format("reading {} failed: {}; check its permissions and the disk",
                          file.string(), std::generic_category().message(errno)));
}

}  // namespace bytestore::rocksdb_backend
