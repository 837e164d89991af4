#include "lmdb/file_search.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "bytestore/error.hpp"
#include "lmdb/page_format.hpp"

namespace bytestore::lmdb_backend {
namespace {

constexpr std::uint64_t kNoPage = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t kSmallestPage = 256;
constexpr std::size_t kLargestPage = 0x8000;
constexpr std::uint64_t kMostFileBytes = std::numeric_limits<off_t>::max();
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

/// Nought if it is not in the bytes, which a damaged offset may say.
template <typename Number>
Number number_in(std::string_view bytes, std::size_t offset) {
  return offset + sizeof(Number) <= bytes.size() ? number_at<Number>(bytes.data() + offset) : 0;
}

std::optional<Meta> parse_meta(std::string_view page) {
  if (page.size() < kMetaEnd) return std::nullopt;
  if (number_in<std::uint32_t>(page, kMetaMagic) != kMagic) return std::nullopt;
  if (number_in<std::uint32_t>(page, kMetaVersion) != kDataVersion) return std::nullopt;
  const Meta meta{.page_bytes = number_in<std::uint32_t>(page, kMetaPageBytes),
                  .root = number_in<std::uint64_t>(page, kMetaRoot),
                  .transaction = number_in<std::uint64_t>(page, kMetaTransaction)};
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
    return at + kNodeHeader <= bytes_.size() ? page_below(bytes_.data() + at) : kNoPage;
  }

 private:
  [[nodiscard]] std::uint16_t flags() const { return number_in<std::uint16_t>(bytes_, kPageFlags); }
  [[nodiscard]] std::size_t nodes() const {
    const std::size_t end =
        std::min<std::size_t>(number_in<std::uint16_t>(bytes_, kPageLower), bytes_.size());
    return end < kPageHeader ? 0 : (end - kPageHeader) / sizeof(std::uint16_t);
  }
  [[nodiscard]] std::size_t node(std::size_t i) const {
    return number_in<std::uint16_t>(bytes_, kPageHeader + i * sizeof(std::uint16_t));
  }
  [[nodiscard]] std::string_view key(std::size_t i) const {
    const std::size_t at = node(i);
    const std::size_t begin = std::min(at + kNodeHeader, bytes_.size());
    return std::string_view(bytes_).substr(begin,
                                           number_in<std::uint16_t>(bytes_, at + kNodeKeyBytes));
  }

  std::string bytes_;
};

bool has_key(const File& file, const Meta& meta, std::string_view key) {
  std::uint64_t page_number = meta.root;
  for (unsigned depth = 0; depth < kDeepest && page_number != kNoPage; ++depth) {
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
