#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bytestore/error.hpp"
#include "cli/console.hpp"

namespace bytestore::cli {

/// What became of the keys of a command, over all its batches; lists those that fail.
///
/// When the store fails as a whole, the next batch would meet that too, after as long a wait: then
/// it ends the command, and a thousand lines would hide why.
class Tally {
 public:
  /// `done` is what becomes of a key that succeeds, e.g. "stored".
  Tally(Console& console, std::string_view done) : console_(console), done_word_(done) {}

  /// A batch of which every key succeeded.
  void add(std::size_t keys) noexcept;

  /// A batch of which some keys failed. Lists them, but not those that an interrupt left out.
  /// \throws Failure instead, `no_store` if all failed for a reason that concerns the store, none
  /// may have been applied, and nothing was done before; `some_failed` if all failed for a reason
  /// that others would meet too, and were more than one key since the last that succeeded.
  void add(const BatchError& error, std::size_t batch_size);

  [[nodiscard]] std::uint64_t done() const noexcept { return done_; }
  /// Certainly not applied.
  [[nodiscard]] std::uint64_t failed() const noexcept { return failed_; }
  /// May have been applied.
  [[nodiscard]] std::uint64_t unknown() const noexcept { return unknown_; }
  [[nodiscard]] bool all_done() const noexcept { return failed_ == 0 && unknown_ == 0; }

  /// "2,000 keys stored", and if there are any "; 1 key not stored; 3 keys may have been stored".
  [[nodiscard]] std::string text() const;
  /// The part of `text` that begins with the semicolon, about `noun` and not "key"; may be empty.
  [[nodiscard]] std::string failures_text(std::string_view noun) const;

 private:
  void count(const BatchError& error, std::size_t batch_size);
  void stop_if_store_fails(const BatchError& error, std::size_t batch_size);
  void list(const BatchError& error);

  Console& console_;
  std::string done_word_;
  std::uint64_t done_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t unknown_ = 0;
  std::uint64_t failed_in_a_row_ = 0;  ///< keys of whole batches since the last key that succeeded
};

}  // namespace bytestore::cli
