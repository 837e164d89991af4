#pragma once

#include <string_view>

namespace bytestore::cli {

/// Writes text for the user to standard error. If writing fails, that is ignored, since it cannot
/// be reported.
class Console {
 public:
  explicit Console(int fd) noexcept;

  /// Returns whether a person may be watching, so that progress is worth showing.
  [[nodiscard]] bool is_terminal() const noexcept { return is_terminal_; }

  /// Writes one line; it replaces the progress line if one is shown.
  void say(std::string_view line);

  /// Does the same as `say`, with the name of this command before the text.
  void complain(std::string_view problem);

  /// Shows a progress line in place of the earlier one. It does nothing if this is not a terminal.
  void show_progress(std::string_view line);
  void clear_progress();

 private:
  int fd_;
  bool is_terminal_;
  bool progress_shown_ = false;
};

}  // namespace bytestore::cli
