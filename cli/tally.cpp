#include "cli/tally.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/failure.hpp"
#include "cli/text.hpp"

namespace bytestore::cli {

void Tally::add(std::size_t keys) noexcept {
  done_ += keys;
  failed_in_a_row_ = 0;
}

void Tally::add(const BatchError& error, std::size_t batch_size) {
  const bool first = done_ == 0 && unknown_ == 0;
  count(error, batch_size);
  const auto& failures = error.failures();
  const auto concern_store = [](const KeyFailure& failure) {
    return concerns_store(failure.code) && failure.outcome == Outcome::failed;
  };
  if (first && failures.size() == batch_size && std::ranges::all_of(failures, concern_store)) {
    throw Failure(ExitCode::no_store, failures.front().message);
  }
  stop_if_store_fails(error, batch_size);
  list(error);
}

void Tally::count(const BatchError& error, std::size_t batch_size) {
  done_ += batch_size - error.failures().size();
  for (const KeyFailure& failure : error.failures()) {
    if (failure.outcome == Outcome::unknown) {
      ++unknown_;
    } else if (failure.code != ErrorCode::cancelled) {
      ++failed_;
    }
  }
}

/// If a key is alone in its batch, the failure may be due to that key: a value that takes too long.
void Tally::stop_if_store_fails(const BatchError& error, std::size_t batch_size) {
  const auto& failures = error.failures();
  if (failures.size() < batch_size ||
      !std::ranges::all_of(failures, likely_meets_others, &KeyFailure::code)) {
    failed_in_a_row_ = 0;
    return;
  }
  failed_in_a_row_ += batch_size;
  if (failed_in_a_row_ == 1) return;
  throw Failure(ExitCode::some_failed,
                fmt::format("stopped, because the store failed: {}", failures.front().message));
}

void Tally::list(const BatchError& error) {
  for (const KeyFailure& failure : error.failures()) {
    if (failure.code == ErrorCode::cancelled) continue;
    console_.complain(fmt::format("{}: {}, {}: {}", in_quotes(failure.key), to_string(failure.code),
                                  to_string(failure.outcome), failure.message));
  }
}

std::string Tally::text() const {
  return fmt::format("{} {}{}", counted(done_, "key"), done_word_, failures_text("key"));
}

std::string Tally::failures_text(std::string_view noun) const {
  std::string text;
  if (failed_ > 0) text += fmt::format("; {} not {}", counted(failed_, noun), done_word_);
  if (unknown_ > 0) {
    text += fmt::format("; {} may have been {}", counted(unknown_, noun), done_word_);
  }
  return text;
}

}  // namespace bytestore::cli
