#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bytestore::testing {

/// A way in which a file can be damaged.
struct Damage {
  std::string what;
  /// Returns what is left of the content of a file, or nothing if the file is gone.
  std::function<std::optional<std::string>(std::string)> applied;
};

/// Returns the ways in which a file of so many bytes is damaged: removed, cut, zeroed, and with a
/// bit flipped at `flips` places all over it. It must not be empty.
inline std::vector<Damage> damages(std::size_t size, std::size_t flips) {
  constexpr std::size_t kBlock = 512;  // of a disk
  const auto cut_to = [](std::size_t rest) {
    return [rest](const std::string& content) { return content.substr(0, rest); };
  };
  const auto zeroed = [](std::size_t from, std::size_t count) {
    return [from, count](std::string content) { return content.replace(from, count, count, '\0'); };
  };
  const auto block = size / 2 / kBlock * kBlock;
  std::vector<Damage> all{
      {"removed", [](const std::string&) { return std::nullopt; }},
      {"emptied", cut_to(0)},
      {"cut in half", cut_to(size / 2)},
      {"cut by a byte", cut_to(size - 1)},
      {"zeroed", zeroed(0, size)},
      {"with a zeroed block", zeroed(block, std::min(kBlock, size - block))},
  };
  for (std::size_t i = 0; i != flips; ++i) {
    const auto place = (2 * i + 1) * size / (2 * flips);
    all.push_back({fmt::format("flipped at {}", place), [place](std::string content) {
                     content.at(place) = static_cast<char>(content.at(place) ^ 0x10);
                     return content;
                   }});
  }
  return all;
}

}  // namespace bytestore::testing
