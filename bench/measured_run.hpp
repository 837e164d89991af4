#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>

#include "bytestore/byte_store.hpp"

namespace bench {

/// What every contender of the side-by-side benchmark is asked to do, in the same words;
/// bench/side_by_side/clients has the Python ones, bench/limit the Rust one.
struct MeasuredRun {
  std::string verb;
  std::size_t keys = 0;
  std::size_t value_bytes = 0;
  std::size_t call_keys = 0;
  std::string prefix{};
  bool absent = false;
  bool fill = false;
  bool wait = false;

  void add_to(CLI::App& arguments);
};

/// Does one call for warming up, then all calls of the run, and prints one line of JSON: how long
/// the calls took, the processor time of this process in them, the percentiles of a call, and
/// what was resident before the first call and at most from then on.
/// \throws std::runtime_error if the store answers other than the run expects.
void measure(bytestore::ByteStore& store, const MeasuredRun& run);

/// What the program does with its arguments; each contender has its own. Returns the exit code.
int run_contender(int argc, char** argv);

}  // namespace bench
