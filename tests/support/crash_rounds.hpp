#pragma once

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

namespace bytestore::testing {

/// Returns how often a test of crashes kills a process: `few`, or what BYTESTORE_CRASH_ROUNDS says,
/// as of `script/fault`.
inline int crash_rounds(int few) {
  const char* const given = std::getenv("BYTESTORE_CRASH_ROUNDS");
  return given == nullptr ? few : std::atoi(given);
}

/// Prints a line of figures, and adds it to the file that BYTESTORE_FAULT_FIGURES names.
inline void tell_figures(const std::string& line) {
  std::cout << line << '\n';
  if (const char* const path = std::getenv("BYTESTORE_FAULT_FIGURES")) {
    std::ofstream(path, std::ios::app) << line << '\n';
  }
}

}  // namespace bytestore::testing
