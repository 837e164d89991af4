#include "support/peak_memory.hpp"

#include <fstream>
#include <stdexcept>
#include <string>

namespace bytestore::testing {
namespace {

constexpr std::string_view kPeak = "VmHWM:";

std::size_t peak() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(kPeak)) return 1'024 * std::stoul(line.substr(kPeak.size()));
  }
  throw std::runtime_error("/proc/self/status does not tell the peak");
}

}  // namespace

// proc(5): 5 resets the peak to what is resident now.
PeakMemory::PeakMemory() {
  std::ofstream("/proc/self/clear_refs") << 5 << std::flush;
  before_ = peak();
}

std::size_t PeakMemory::added() const { return peak() - before_; }

}  // namespace bytestore::testing
