#pragma once

#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <utility>

namespace bytestore::testing {

/// Takes away this process's right to write the folder, and that of the superuser, while it lives.
class MayOnlyRead {
 public:
  explicit MayOnlyRead(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::permissions(folder_.parent_path(), std::filesystem::perms{0755});
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      std::filesystem::permissions(entry.path(), std::filesystem::perms{0444});
    }
    std::filesystem::permissions(folder_, std::filesystem::perms{0555});
    constexpr uid_t kNobody = 65'534;
    if (::geteuid() == 0 && ::seteuid(kNobody) != 0) throw std::runtime_error("seteuid failed");
  }
  ~MayOnlyRead() {
    if (::getuid() == 0) static_cast<void>(::seteuid(0));
    std::filesystem::permissions(folder_, std::filesystem::perms{0755});
  }
  MayOnlyRead(const MayOnlyRead&) = delete;
  MayOnlyRead& operator=(const MayOnlyRead&) = delete;

 private:
  std::filesystem::path folder_;
};

}  // namespace bytestore::testing
