#include "lmdb/file_search.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "bytestore/error.hpp"

namespace bytestore::lmdb_backend {
namespace {

// LMDB's format, in the byte order of the machine. A page begins with a header of 16 bytes; pages 0
// and 1 hold one meta record each, of which the one with the higher transaction is in force.
constexpr std::uint32_t kMagic = 0xBEEFC0DE;
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kPageHeader = 16;
constexpr std::size_t kPageFlags = 10;
constexpr std::size_t kPageLower = 12;  // of the free space: where the offsets of the nodes end
constexpr std::uint16_t kBranch = 0x01;
constexpr std::uint16_t kLeaf = 0x02;
constexpr std::size_t kNodeHeader = 8;
constexpr std::uint64_t kNoPage = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t kSmallestPage = 256;
constexpr std::size_t kLargestPage = 0x8000;
constexpr std::uint64_t kMostFileBytes = std::numeric_limits<off_t>::max();
constexpr int kDeepest = 32;
constexpr int kAttempts = 100;

struct Meta {
  std::size_t page_bytes = 0;
  std::uint64_t root = kNoPage;
  std::uint64_t transaction = 0;
};

class File {
 public:
  explicit File(const std::filesystem::path& path, int how = O_RDONLY)
      : path_(path), file_(::open(path.c_str(), how | O_CLOEXEC)) {
    if (file_ < 0) fail("read");
  }
  ~File() { ::close(file_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  /// As many bytes as there are.
  [[nodiscard]] std::string read(std::uint64_t offset, std::size_t size) const {
    std::string bytes(size, '\0');
    std::size_t done = 0;
    while (done < size) {
      const auto got =
          ::pread(file_, bytes.data() + done, size - done, static_cast<off_t>(offset + done));
      if (got == 0) break;
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) fail("read");
      done += static_cast<std::size_t>(got);
    }
    bytes.resize(done);
    return bytes;
  }

  /// All or nothing, unless the disk is full again. It was opened to append.
  void append(std::string_view bytes) const {
    const auto size = static_cast<::ssize_t>(bytes.size());
    if (::write(file_, bytes.data(), bytes.size()) != size) fail("written");
  }

 private:
  [[noreturn]] void fail(std::string_view what) const {
    throw Error(ErrorCode::io,
                fmt::format("{} cannot be {}: {}; check its permissions and the free space",
                            path_.string(), what, std::generic_category().message(errno)));
  }

  std::filesystem::path path_;
  int file_;
};

template <typename Number>
Number number_at(std::string_view bytes, std::size_t offset) {
  Number number{};
  if (offset + sizeof(number) <= bytes.size()) {
    std::memcpy(&number, bytes.data() + offset, sizeof(number));
  }
  return number;
}

std::optional<Meta> parse_meta(std::string_view page) {
  constexpr std::size_t kMeta = kPageHeader;
  constexpr std::size_t kPageBytes = kMeta + 24;
  constexpr std::size_t kRoot = kMeta + 112;
  constexpr std::size_t kTransaction = kMeta + 128;
  if (page.size() < kTransaction + sizeof(std::uint64_t)) return std::nullopt;
  if (number_at<std::uint32_t>(page, kMeta) != kMagic) return std::nullopt;
  if (number_at<std::uint32_t>(page, kMeta + 4) != kVersion) return std::nullopt;
  const Meta meta{.page_bytes = number_at<std::uint32_t>(page, kPageBytes),
                  .root = number_at<std::uint64_t>(page, kRoot),
                  .transaction = number_at<std::uint64_t>(page, kTransaction)};
  if (meta.page_bytes < kSmallestPage || meta.page_bytes > kLargestPage) return std::nullopt;
  return meta;
}

std::optional<Meta> read_meta(const File& file) {
  constexpr std::size_t kRecord = 256;
  const auto first = parse_meta(file.read(0, kRecord));
  if (!first) return std::nullopt;
  const auto second = parse_meta(file.read(first->page_bytes, kRecord));
  if (!second || second->transaction < first->transaction) return first;
  return second;
}

/// One page of the tree.
class Page {
 public:
  explicit Page(std::string bytes) : bytes_(std::move(bytes)) {}

  [[nodiscard]] bool is_branch() const { return (flags() & kBranch) != 0; }
  [[nodiscard]] bool is_leaf() const { return (flags() & kLeaf) != 0; }

  [[nodiscard]] bool has(std::string_view key) const {
    for (std::size_t i = 0; i < nodes(); ++i) {
      if (this->key(i) == key) return true;
    }
    return false;
  }

  /// The page below that a key is on. The first node stands for all lesser keys.
  [[nodiscard]] std::uint64_t child(std::string_view key) const {
    std::size_t chosen = 0;
    for (std::size_t i = 1; i < nodes() && this->key(i) <= key; ++i) chosen = i;
    const std::size_t at = node(chosen);
    return std::uint64_t{number_at<std::uint16_t>(bytes_, at + (kLittle ? 0 : 2))} |
           std::uint64_t{number_at<std::uint16_t>(bytes_, at + (kLittle ? 2 : 0))} << 16U |
           std::uint64_t{number_at<std::uint16_t>(bytes_, at + 4)} << 32U;
  }

 private:
  static constexpr bool kLittle = std::endian::native == std::endian::little;

  [[nodiscard]] std::uint16_t flags() const { return number_at<std::uint16_t>(bytes_, kPageFlags); }
  [[nodiscard]] std::size_t nodes() const {
    const std::size_t end =
        std::min<std::size_t>(number_at<std::uint16_t>(bytes_, kPageLower), bytes_.size());
    return end < kPageHeader ? 0 : (end - kPageHeader) / sizeof(std::uint16_t);
  }
  [[nodiscard]] std::size_t node(std::size_t i) const {
    return number_at<std::uint16_t>(bytes_, kPageHeader + i * sizeof(std::uint16_t));
  }
  [[nodiscard]] std::string_view key(std::size_t i) const {
    const std::size_t at = node(i);
    const std::size_t begin = std::min(at + kNodeHeader, bytes_.size());
    return std::string_view(bytes_).substr(begin, number_at<std::uint16_t>(bytes_, at + 6));
  }

  std::string bytes_;
};

bool has_key(const File& file, const Meta& meta, std::string_view key) {
  std::uint64_t page_number = meta.root;
  for (int depth = 0; depth < kDeepest && page_number != kNoPage; ++depth) {
    // A damaged number: no file is as long.
    if (page_number >= kMostFileBytes / meta.page_bytes) return false;
    const Page page(file.read(page_number * meta.page_bytes, meta.page_bytes));
    if (page.is_leaf()) return page.has(key);
    if (!page.is_branch()) return false;
    page_number = page.child(key);
  }
  return false;
}

}  // namespace

FileContents search_file(const std::filesystem::path& path, std::string_view key) {
  const File file(path);
  if (file.read(0, 1).empty()) return FileContents::nothing;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto meta = read_meta(file);
    if (!meta) return FileContents::not_lmdb;
    if (meta->transaction == 0 && meta->root == kNoPage) {
      const bool has_one_page = file.read(meta->page_bytes, 1).empty();
      return has_one_page ? FileContents::half_made : FileContents::nothing;
    }
    if (has_key(file, *meta, key)) return FileContents::with_key;
    const auto after = read_meta(file);
    if (after && after->transaction <= meta->transaction + 1) break;
  }
  return FileContents::without_key;
}

void complete_file(const std::filesystem::path& path) {
  const File file(path, O_RDWR | O_APPEND);
  const auto meta = read_meta(file);
  if (!meta) return;
  auto page = file.read(0, meta->page_bytes);
  constexpr std::uint64_t kNumber = 1;  // a page begins with it, and is else as the first one
  std::memcpy(page.data(), &kNumber, sizeof(kNumber));
  file.append(page);
}

}  // namespace bytestore::lmdb_backend
