#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bytestore/error.hpp"
#include "cli/console.hpp"

namespace bytestore::cli {

/// Counts what became of the keys of a command, over all its batches, and lists those that fail.
///
/// If the store itself has failed, the next batch would fail as slowly. The command then stops with
/// one message instead of a line per key.
class Tally {
 public:
  /// `done` is the word for a key that succeeded, e.g. "stored".
  Tally(Console& console, std::string_view done) : console_(console), done_word_(done) {}

  /// Counts a batch whose keys all succeeded.
  void add(std::size_t keys) noexcept;

  /// Counts a batch of which some keys failed, and lists these keys, except those that an interrupt
  /// left out.
  /// \throws Failure instead of listing them. `no_store` if all keys failed for a reason that
  /// concerns the store, none may have been applied, and nothing was done before; `some_failed` if
  /// all keys failed for a reason that would make other keys fail too, and more than one key has
  /// failed since the last one that succeeded.
  void add(const BatchError& error, std::size_t batch_size);

  [[nodiscard]] std::uint64_t done() const noexcept { return done_; }
  /// Returns how many keys were certainly not applied.
  [[nodiscard]] std::uint64_t failed() const noexcept { return failed_; }
  /// Returns how many keys may have been applied.
  [[nodiscard]] std::uint64_t unknown() const noexcept { return unknown_; }
  [[nodiscard]] bool all_done() const noexcept { return failed_ == 0 && unknown_ == 0; }

  /// Returns for instance "2,000 keys stored; 1 key not stored; 3 keys may have been stored". What
  /// did not happen is left out.
  [[nodiscard]] std::string text() const;
  /// Returns the part of `text` from the first semicolon on, with `noun` in place of "key". It may
  /// be empty.
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
