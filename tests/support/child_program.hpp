#pragma once

#include <sys/types.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace bytestore::testing {

/// A run of a program, killed at the end if it is still there.
class ChildProgram {
 public:
  ChildProgram(const std::string& program, const std::vector<std::string>& arguments);
  ~ChildProgram();
  ChildProgram(const ChildProgram&) = delete;
  ChildProgram& operator=(const ChildProgram&) = delete;

  /// The next line that it prints, without its end; empty when it prints no more.
  std::string read_line();

  /// Kills it with SIGKILL, and waits until it is gone.
  void kill();

  [[nodiscard]] pid_t id() const noexcept { return process_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const noexcept { static_cast<void>(std::fclose(file)); }
  };

  pid_t process_ = -1;
  std::unique_ptr<std::FILE, Close> output_;
};

}  // namespace bytestore::testing
