#pragma once

#include <sys/types.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace bytestore {

/// A run of the program rocksdb_helper, killed at the end if it is still there.
class HelperProcess {
 public:
  explicit HelperProcess(const std::vector<std::string>& arguments);
  ~HelperProcess();
  HelperProcess(const HelperProcess&) = delete;
  HelperProcess& operator=(const HelperProcess&) = delete;

  /// The next line that it prints, without its end; empty when it prints no more.
  std::string read_line();

  /// Kills it with SIGKILL, and waits until it is gone.
  void kill();

 private:
  struct Close {
    void operator()(std::FILE* file) const noexcept { static_cast<void>(std::fclose(file)); }
  };

  pid_t process_ = -1;
  std::unique_ptr<std::FILE, Close> output_;
};

}  // namespace bytestore
