#include "bytestore/error.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/keys.hpp"

namespace bytestore {
namespace {

/// Keys can be 64 KiB long and hold control characters; a message shows their beginning.
constexpr std::size_t kShownKeyBytes = 64;

std::string shown(const std::string& key) {
  if (key.size() <= kShownKeyBytes) return fmt::format("{:?}", key);
  return fmt::format("{:?}...", key.substr(0, kShownKeyBytes));
}

/// For the codes whose messages are the same for every key, and short.
std::string_view remedy(ErrorCode code) {
  switch (code) {
    case ErrorCode::timeout:
      return "; allow more time or make the batch smaller";
    case ErrorCode::cancelled:
      return "; the call was cancelled, or its store was closed";
    default:
      return "";
  }
}

std::string describe(std::string_view verb, std::size_t batch_size,
                     const std::vector<KeyFailure>& failures) {
  const KeyFailure& first = failures.front();
  return fmt::format(
      "{}: {} of {} keys did not succeed, the first at position {} ({}): {}, {}: {}{}", verb,
      failures.size(), batch_size, first.index, shown(first.key), to_string(first.code),
      to_string(first.outcome), first.message, remedy(first.code));
}

}  // namespace

std::string_view to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid_argument:
      return "invalid_argument";
    case ErrorCode::not_configured:
      return "not_configured";
    case ErrorCode::setup_pending:
      return "setup_pending";
    case ErrorCode::unauthorized:
      return "unauthorized";
    case ErrorCode::schema:
      return "schema";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::timeout:
      return "timeout";
    case ErrorCode::overloaded:
      return "overloaded";
    case ErrorCode::too_large:
      return "too_large";
    case ErrorCode::corrupt:
      return "corrupt";
    case ErrorCode::io:
      return "io";
    case ErrorCode::cancelled:
      return "cancelled";
  }
  return "unknown";
}

std::string_view to_string(Outcome outcome) noexcept {
  return outcome == Outcome::failed ? "failed" : "unknown";
}

BatchError::BatchError(std::string_view verb, std::size_t batch_size,
                       std::vector<KeyFailure> failures, Values values)
    : Error(failures.front().code, describe(verb, batch_size, failures)),
      failures_(std::make_shared<const std::vector<KeyFailure>>(std::move(failures))),
      values_(std::make_shared<const Values>(std::move(values))) {}

UnusableKeyError::UnusableKeyError(const std::string& key)
    : Error(ErrorCode::corrupt,
            fmt::format("the store has the key {}, which {}: another program put it there, and no "
                        "call reads or deletes it; delete it with a tool of that program",
                        shown(key), core::key_fault(key).value_or("no store accepts"))),
      key_(std::make_shared<const std::string>(key)) {}

}  // namespace bytestore
