#include "cli/context.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bytestore/open.hpp"
#include "cli/failure.hpp"
#include "cli/text.hpp"

namespace bytestore::cli {
namespace {

std::unique_ptr<ByteStore> open_store(const Context& context, bool create_if_missing) {
  const Interrupt::EndsAtOnce meanwhile(context.interrupt);
  try {
    const auto warn = [&](std::string_view warning) {
      context.console.complain(fmt::format("warning: {}", warning));
    };
    return bytestore::open(context.uri, {.create_if_missing = create_if_missing, .warn = warn});
  } catch (const Error& error) {
    const bool wrong_uri = error.code() == ErrorCode::invalid_argument;
    throw Failure(wrong_uri ? ExitCode::usage : ExitCode::no_store, error.what());
  }
}

using OnUnusable = std::function<void(const UnusableKeyError&)>;

/// Takes a step of a listing, again after each key that no store accepts.
template <typename Step>
auto past_unusable_keys(const OnUnusable& on_unusable, const Step& step) {
  while (true) {
    try {
      return step();
    } catch (const UnusableKeyError& error) {
      on_unusable(error);
    }
  }
}

void walk_keys(const Context& context, ByteStore& store, const std::string& prefix,
               const std::function<bool(const std::string&)>& each, const OnUnusable& on_unusable) {
  auto keys = store.yield_keys({.prefix = prefix, .stop = context.interrupt.token()});
  try {
    auto key = past_unusable_keys(on_unusable, [&] { return keys.begin(); });
    while (key != keys.end() && each(*key)) past_unusable_keys(on_unusable, [&] { ++key; });
  } catch (const Error& error) {
    if (error.code() == ErrorCode::cancelled && context.interrupt.requested()) throw Interrupted();
    throw;
  }
}

}  // namespace

std::unique_ptr<ByteStore> Context::open_existing() const { return open_store(*this, false); }
std::unique_ptr<ByteStore> Context::open_or_create() const { return open_store(*this, true); }

std::uint64_t for_each_key(const Context& context, ByteStore& store, const std::string& prefix,
                           const std::function<bool(const std::string&)>& each) {
  std::uint64_t left_out = 0;
  walk_keys(context, store, prefix, each, [&](const UnusableKeyError& error) {
    context.console.complain(fmt::format("left out: {}", error.what()));
    ++left_out;
  });
  return left_out;
}

KeyCount count_keys(const Context& context, ByteStore& store, const std::string& prefix) {
  KeyCount count;
  const auto add = [&](const std::string&) {
    ++count.usable;
    return true;
  };
  try {
    walk_keys(context, store, prefix, add, [&](const UnusableKeyError&) { ++count.unusable; });
  } catch (const Interrupted&) {
    throw Interrupted(fmt::format("{} counted", counted(count.usable, "key")));
  }
  return count;
}

std::optional<FolderId> store_folder(std::string_view uri) {
  const auto folder = local_folder(uri);
  return folder ? folder_id(*folder) : std::nullopt;
}

Reading read_keys(const Context& context, ByteStore& store, std::span<const std::string> keys,
                  Tally& tally) {
  Reading reading;
  reading.failed.resize(keys.size());
  try {
    reading.values = store.mget(keys, context.call_options());
    tally.add(keys.size());
  } catch (const BatchError& error) {
    tally.add(error, keys.size());
    if (context.interrupt.requested()) throw Interrupted();
    reading.values = error.values();
    for (const KeyFailure& failure : error.failures()) reading.failed[failure.index] = true;
  }
  for (const auto& value : reading.values) {
    if (value) reading.largest = std::max(reading.largest, value->size());
  }
  return reading;
}

}  // namespace bytestore::cli
