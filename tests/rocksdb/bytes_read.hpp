#pragma once

#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>

namespace bytestore {

/// Returns how many bytes this process has read from files so far, whether the system had them in
/// its memory or not.
inline std::uint64_t bytes_read() {
  std::ifstream in("/proc/self/io");
  std::string name;
  std::uint64_t count = 0;
  while (in >> name >> count) {
    if (name == "rchar:") return count;
  }
  throw std::runtime_error("/proc/self/io has no rchar");
}

}  // namespace bytestore
