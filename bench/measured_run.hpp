#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bytestore/byte_store.hpp"

namespace bench {

/// What every contender of the side-by-side benchmark is asked to do, in the same words;
/// bench/side_by_side/clients has the Python ones, bench/limit the Rust one.
struct MeasuredRun {
  std::string verb;
  std::size_t keys = 0;
  std::size_t value_bytes = 0;
  std::size_t call_keys = 0;
  std::size_t callers = 1;
  std::size_t stored_keys = 0;
  std::string prefix{};
  bool absent = false;
  bool cold = false;
  bool shuffled = false;
  bool wait = false;

  void add_to(CLI::App& arguments);
};

/// What is measured: a store, or what it is made of.
class Verbs {
 public:
  Verbs() = default;
  Verbs(const Verbs&) = delete;
  Verbs& operator=(const Verbs&) = delete;
  virtual ~Verbs() = default;

  virtual void mset(const std::vector<bytestore::EntryRef>& entries) = 0;
  /// Returns whether each key has a value of `value_bytes` bytes, or is absent if that is empty.
  virtual bool mget(const std::vector<std::string_view>& keys,
                    std::optional<std::size_t> value_bytes) = 0;
  virtual void mdelete(const std::vector<std::string_view>& keys) = 0;
  /// Lists the keys that begin with `prefix`, and returns how many they are.
  virtual std::size_t count(const std::string& prefix) = 0;
};

/// Does one call for warming up (unless the run is cold), then all calls of the run, and prints one
/// line of JSON: how long the calls took, the processor time of this process in them, the
/// percentiles of a call, and what was resident before the first call and at most from then on.
/// \throws std::runtime_error if the store answers other than the run expects.
void measure(Verbs& verbs, const MeasuredRun& run);
void measure(bytestore::ByteStore& store, const MeasuredRun& run);

/// What the program does with its arguments; each contender has its own. Returns the exit code.
int run_contender(int argc, char** argv);

}  // namespace bench
