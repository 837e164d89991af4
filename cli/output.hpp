#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "cli/interrupt.hpp"

namespace bytestore::cli {

/// The reader of the output has closed it, as after `| head`.
class OutputClosed : public std::runtime_error {
 public:
  OutputClosed() : std::runtime_error("output closed") {}
};

/// Writes bytes to a file, pipe or terminal through a buffer. A signal interrupts it even if the
/// reader of a pipe is slow.
class Output {
 public:
  Output(int fd, const Interrupt& interrupt);

  /// Adds one record: a key, a value, a text.
  /// \throws FileError if writing fails, OutputClosed, Interrupted.
  void write(std::string_view record);

  /// Writes what is in the buffer. It throws what `write` throws.
  void flush();

  /// Returns how many records were written completely.
  [[nodiscard]] std::uint64_t delivered() const noexcept { return delivered_; }

 private:
  void hand_over(std::string_view bytes);

  int fd_;
  const Interrupt& interrupt_;
  bool may_block_;
  std::string buffer_;
  std::uint64_t buffered_ = 0;
  std::uint64_t delivered_ = 0;
};

}  // namespace bytestore::cli
