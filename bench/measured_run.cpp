#include "measured_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <future>
#include <iostream>
#include <iterator>
#include <optional>
#include <random>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "usage.hpp"

namespace bench {
namespace {

using bytestore::ByteStore;
using bytestore::EntryRef;
using Clock = std::chrono::steady_clock;

/// Half of it random, as text and vectors are: neither all compressible nor not at all.
std::string some_value(std::size_t size) {
  std::mt19937_64 random(1);
  std::string value(size, 'v');
  for (std::size_t i = 0; i < size; i += 2) value[i] = static_cast<char>(random());
  return value;
}

class VerbsOfStore final : public Verbs {
 public:
  explicit VerbsOfStore(ByteStore& store) : store_(store) {}

  void mset(const std::vector<EntryRef>& entries) override { store_.mset(entries); }
  bool mget(const std::vector<std::string_view>& keys,
            std::optional<std::size_t> value_bytes) override {
    return std::ranges::all_of(store_.mget(keys), [&](const auto& found) {
      return found.has_value() == value_bytes.has_value() &&
             (!found || found->size() == value_bytes);
    });
  }
  void mdelete(const std::vector<std::string_view>& keys) override { store_.mdelete(keys); }
  std::size_t count(const std::string& prefix) override {
    std::size_t listed = 0;
    for ([[maybe_unused]] const auto& key : store_.yield_keys({.prefix = prefix})) ++listed;
    return listed;
  }

 private:
  ByteStore& store_;
};

/// The keys and the value of a run, and its calls.
class Calls {
 public:
  Calls(Verbs& verbs, const MeasuredRun& run)
      : verbs_(verbs),
        run_(run),
        value_(some_value(run.value_bytes)),
        keys_(std::max(run.keys, run.stored_keys)) {
    const std::string_view shape = run.absent ? "absent-{}" : "embedding-{}";
    for (std::size_t i = 0; i < keys_.size(); ++i) keys_[i] = fmt::format(fmt::runtime(shape), i);
    if (run.shuffled) std::ranges::shuffle(keys_, std::mt19937_64(run.stored_keys));
  }

  void first() { call(0, std::min(run_.call_keys, run_.keys)); }

  /// Returns how long each call took.
  std::vector<Clock::duration> all() {
    if (run_.callers == 1) return of_caller(0);
    std::vector<std::future<std::vector<Clock::duration>>> callers;
    callers.reserve(run_.callers);
    for (std::size_t i = 0; i < run_.callers; ++i) {
      callers.push_back(std::async(std::launch::async, [this, i] { return of_caller(i); }));
    }
    std::vector<Clock::duration> times;
    for (auto& caller : callers) std::ranges::copy(caller.get(), std::back_inserter(times));
    return times;
  }

 private:
  /// Those of its calls, in order; callers take turns.
  std::vector<Clock::duration> of_caller(std::size_t caller) {
    std::vector<Clock::duration> times;
    const std::size_t step = run_.verb == "keys" ? run_.keys : run_.call_keys;
    for (std::size_t i = caller * step; i < run_.keys; i += run_.callers * step) {
      const auto begin = Clock::now();
      call(i, std::min(i + step, run_.keys));
      times.push_back(Clock::now() - begin);
    }
    return times;
  }

  void call(std::size_t begin, std::size_t end) {
    if (run_.verb == "mset") return mset(begin, end);
    if (run_.verb == "mget") return mget(begin, end);
    if (run_.verb == "mdelete") return verbs_.mdelete(some_keys(begin, end));
    list();
  }

  void mset(std::size_t begin, std::size_t end) {
    std::vector<EntryRef> entries;
    entries.reserve(end - begin);
    for (std::size_t i = begin; i < end; ++i) {
      entries.push_back({.key = keys_[i], .value = bytestore::as_bytes(value_)});
    }
    verbs_.mset(entries);
  }

  void mget(std::size_t begin, std::size_t end) {
    const auto wanted = run_.absent ? std::nullopt : std::optional(run_.value_bytes);
    if (!verbs_.mget(some_keys(begin, end), wanted)) {
      throw std::runtime_error("a value is not what was stored");
    }
  }

  void list() {
    const std::size_t listed = verbs_.count(run_.prefix);
    const auto wanted = std::ranges::count_if(
        keys_, [&](const std::string& key) { return key.starts_with(run_.prefix); });
    if (std::cmp_not_equal(listed, wanted)) {
      throw std::runtime_error(fmt::format("{} keys were listed, not {}", listed, wanted));
    }
  }

  [[nodiscard]] std::vector<std::string_view> some_keys(std::size_t begin, std::size_t end) const {
    return {keys_.begin() + static_cast<std::ptrdiff_t>(begin),
            keys_.begin() + static_cast<std::ptrdiff_t>(end)};
  }

  Verbs& verbs_;
  const MeasuredRun& run_;
  std::string value_;
  std::vector<std::string> keys_;
};

double seconds(Clock::duration time) { return std::chrono::duration<double>(time).count(); }

/// Of sorted times, the least that `percent` of them do not exceed, in microseconds.
double percentile(const std::vector<Clock::duration>& sorted, std::size_t percent) {
  return seconds(sorted[(sorted.size() * percent + 99) / 100 - 1]) * 1e6;
}

/// Lets whoever started this do something between connecting and measuring.
void wait_for_a_line() {
  fmt::print("ready\n");
  static_cast<void>(std::fflush(stdout));
  std::string line;
  std::getline(std::cin, line);
}

}  // namespace

void MeasuredRun::add_to(CLI::App& arguments) {
  arguments.add_option("verb", verb)
      ->required()
      ->check(CLI::IsMember({"mset", "mget", "mdelete", "keys"}));
  arguments.add_option("--keys", keys, "of the whole run")->required()->check(CLI::PositiveNumber);
  arguments.add_option("--value-bytes", value_bytes, "of each value")->required();
  arguments.add_option("--call-keys", call_keys, "of one call")
      ->required()
      ->check(CLI::PositiveNumber);
  arguments.add_option("--callers", callers, "threads that make the calls")
      ->check(CLI::PositiveNumber);
  arguments.add_option("--prefix", prefix, "list only the keys that begin with it");
  arguments.add_flag("--absent", absent, "read keys that are not there");
  arguments.add_option("--stored-keys", stored_keys, "that are there; by default those of the run");
  arguments.add_flag("--shuffled", shuffled, "take the keys in a random order");
  arguments.add_flag("--cold", cold, "make no call for warming up");
  arguments.add_flag("--wait", wait,
                     "before measuring, print `ready` and wait for a line of standard input");
}

void measure(ByteStore& store, const MeasuredRun& run) {
  VerbsOfStore verbs(store);
  measure(verbs, run);
}

void measure(Verbs& verbs, const MeasuredRun& run) {
  Calls calls(verbs, run);
  forget_peak();
  const long resident = peak_kibibytes();
  if (!run.cold) calls.first();
  if (run.wait) wait_for_a_line();
  const auto processor = processor_seconds();
  const auto begin = Clock::now();
  auto times = calls.all();
  const auto elapsed = Clock::now() - begin;
  const double used = processor_seconds() - processor;
  std::ranges::sort(times);
  fmt::print(
      "{{\"keys\": {}, \"calls\": {}, \"seconds\": {:.6f}, \"cpu_seconds\": {:.6f}, "
      "\"resident_kib\": {}, \"peak_kib\": {}, \"p50_us\": {:.1f}, \"p99_us\": {:.1f}}}\n",
      run.keys, times.size(), seconds(elapsed), used, resident, peak_kibibytes(),
      percentile(times, 50), percentile(times, 99));
}

}  // namespace bench
