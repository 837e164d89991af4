#pragma once

#include <string_view>

namespace bytestore::cli {

/// Text for the person at the command: standard error. Failures to write it are ignored, since
/// there is nobody left to tell.
class Console {
 public:
  explicit Console(int fd) noexcept;

  /// Whether a person may be watching, so that progress is worth showing.
  [[nodiscard]] bool is_terminal() const noexcept { return is_terminal_; }

  /// One line of its own; replaces the progress line if one is shown.
  void say(std::string_view line);

  /// `say`, marked as coming from this command.
  void complain(std::string_view problem);

  /// Shows a progress line in place of the one before. On a terminal only.
  void show_progress(std::string_view line);
  void clear_progress();

 private:
  int fd_;
  bool is_terminal_;
  bool progress_shown_ = false;
};

}  // namespace bytestore::cli
